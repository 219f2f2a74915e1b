use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;

use super::*;
use crate::exchange::Request;
use crate::load::load_sources;
use crate::mock::effect::{AccountEffect, Effect, RowEffect};
use crate::mock::entry::Told;
use crate::mock::fields::Fields;
use crate::mock::noted::Answered;
use crate::mock::trace::{Outcome, Trace};
use crate::model::{OperationId, RuleId};
use crate::source::Source;
use crate::value::{Map, Value};

const SPEC: &str = r"
counterpart: 1
vendor: shop
mediaTypes: {application/json: {wire: json}}
errors: {Denied: {status: 401, body: {message: no}}}
components:
  securitySchemes:
    key:
      type: apiKey
      in: header
      name: X-Key
      keys: {collection: keys, field: key}
      errors: {missing: Denied, unknown: Denied}
collections:
  keys:
    key: key
    schema: {type: object, properties: {key: {type: string}}}
security: [{key: []}]
operations:
  - operationId: get
    method: GET
    path: /thing
    steps: [{respond: {status: 200, body: {a: 1}}}]
";

fn answered(body: &[u8]) -> Answered {
    let mut headers = HeaderMap::new();
    for (name, value) in [("x-key", "k3y-of-the-shop"), ("x-twice", "1"), ("x-twice", "\u{e4}")] {
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let body = [body, b" k3y-of-the-shop"].concat().into();
    let target = "/shop/thing?x=k3y-of-the-shop&y=1".parse().unwrap();
    let request = Request { method: Method::POST, target, headers, body, tls: None };
    let mut trace = Trace::default();
    trace.rule(RuleId(1), Outcome::Held);
    trace.about(RuleId(2), Outcome::Answered, "it says k3y-of-the-shop");
    trace.broken(RuleId(0), "/a/b".into(), Some(&Value::Integer(7)));
    trace.broken(RuleId(0), "/a".into(), None);
    trace.note("a note");
    trace.mistake("a mistake");
    let member = |value: Value| Value::map([("a".into(), value)].into_iter().collect());
    let rows = vec![
        RowEffect { collection: 0, before: None, after: Some(member("k3y-of-the-shop".into())) },
        RowEffect { collection: 1, before: Some(member(Value::Null)), after: None },
    ];
    let settings = Some([Arc::new(Map::new()), Arc::new(Map::new())]);
    let effect = AccountEffect { vendor: 0, rows, settings, sent: vec![3, 4] };
    let mut fields = HeaderMap::new();
    fields.append("content-type", HeaderValue::from_static("text/plain; a=b"));
    let told = Told {
        time: "2030-01-02T03:04:05.000006Z".parse().unwrap(),
        started: Instant::now(),
        duration: Duration::from_micros(1234),
        vendor: Some(0),
        operation: Some(OperationId(0)),
        rule: Some(RuleId(2)),
        request: Arc::new(request),
        status: StatusCode::IM_A_TEAPOT,
        headers: Fields::new(&fields),
        body: b"line\nline\0".as_slice().into(),
        trace,
        changed: vec![RuleId(1)],
        befallen: Some("delay".into()),
        forwarded: None,
    };
    let (told, effect) = (Arc::new(told), Arc::new(Effect::Account(Box::new(effect))));
    Answered { at: Timestamp::UNIX_EPOCH, told, effect, before: 5 }
}

#[test]
fn what_is_written_is_read_again_without_its_credentials() {
    let plans = load_sources(&[Source::new("spec.yaml", SPEC)]).unwrap().plans;
    for body in [b"\"text\"\n".as_slice(), b"\xff\0"] {
        let first = answered(body);
        let page = Page::of(&plans, 6, 9, [Noted::Answered(first.clone())], &[]);
        assert!(!page.body.contains("k3y-of"), "{}", page.body);
        assert_eq!((page.last_id, page.cut, page.told.len()), (7, Cut::Nothing, 1));
        let read = lines(1, &page.body).unwrap();
        let [Line::Answered(heard)] = &*read else { panic!("{read:?}") };
        assert_eq!((heard.id, heard.head, heard.lines, heard.hidden), (7, 9, 5, true));
        // What was read says the same when it is written.
        let again = Answered {
            at: heard.at,
            told: heard.told.clone(),
            effect: heard.effect.clone(),
            before: 5,
        };
        let again = Page::of(&plans, 6, 9, [Noted::Answered(again)], &[]);
        let of = |text: &str| text.replace(",\"hidden\":true", "");
        assert_eq!(of(&again.body), of(&page.body));
    }
}

#[test]
fn what_begins_anew_has_nothing_before_it() {
    let plans = load_sources(&[Source::new("spec.yaml", SPEC)]).unwrap().plans;
    let one = || Noted::Answered(answered(b""));
    let called = || Noted::Called("POST reset".into());
    let page = Page::of(&plans, 6, 9, [one(), Noted::Cleared, called(), one()], &[]);
    assert_eq!((page.last_id, page.cut, page.told.len()), (1, Cut::All, 2));
    let read = lines(1, &page.body).unwrap();
    assert!(matches!(&*read, [Line::Anew, Line::Called(_), Line::Answered(one)] if one.id == 1));
    let page = Page::of(&plans, 6, 9, [Noted::WentBack(4), one()], &[]);
    assert_eq!((page.last_id, page.cut), (4, Cut::From(4)));
    let page = Page::of(&plans, 6, 9, [one(), called(), one(), Noted::Forgot("shop".into())], &[]);
    let read = lines(1, &lines_before(&page.body, 8)).unwrap();
    assert!(matches!(&*read, [Line::Answered(one), Line::Called(_)] if one.id == 7), "{read:?}");
    assert!(lines(1, "{\"other\":1}").is_err());
}
