//! What holds of any two answers: one never differs from itself, a difference is one from either
//! side, and what was changed in one place is never called the same.

use std::cell::Cell;

use counterpart::unstable::model::Service;
use counterpart::unstable::run::pair::{Ignore, compare};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value as Json, json};

use crate::markup::{Element, document, mutated_document};
use crate::{observed, said};

/// Answers of one side, in order.
type Answers = Vec<Json>;

fn differences(service: &Service, left: &Answers, right: &Answers) -> Vec<String> {
    compared(service, left, right, [0, 1])
}

/// What differs, seen from the left side, or from the other one.
fn compared(service: &Service, left: &Answers, right: &Answers, sides: [usize; 2]) -> Vec<String> {
    let steps = left.iter().zip(right).enumerate().map(|(at, (left, right))| {
        json!({
            "left": left,
            "right": right,
            "sent": [format!("/{at}"), format!("/{at}")],
            "captured": captured(left, right),
        })
    });
    let case = json!({ "steps": steps.collect::<Vec<_>>() });
    let ignore = Ignore::new(&[], &[]).unwrap();
    let [one, other] = sides.map(|side| observed(&case, side));
    let pair = compare(service, &one, &other, &ignore);
    assert_eq!(pair.differs(), !said(&pair).is_empty());
    said(&pair)
}

/// A member that both capture.
fn captured(left: &Json, right: &Json) -> Json {
    match (left["body"].get("id"), right["body"].get("id")) {
        (Some(left), Some(right)) if !left.is_object() && !left.is_array() => {
            json!({ "id": [left, right] })
        }
        _ => json!({}),
    }
}

fn check<S: Strategy>(cases: u32, strategy: S, law: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, law).unwrap();
}

/// Scalars, those too that may stand for others.
fn any_scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (0..4_i64).prop_map(Json::from),
        prop::sample::select(vec![1_700_000_000_i64, 1_767_323_045, 1_767_323_052, 1_767_330_000])
            .prop_map(Json::from),
        prop::sample::select(vec![0.5, 1.0, -0.0]).prop_map(Json::from),
        prop::sample::select(vec![
            "",
            "a",
            "A",
            " a",
            "1",
            "17",
            "2026-01-02",
            "2026-01-03",
            "2026-01-02T03:04:05Z",
            "x1y2",
            "q7w8",
            "0f8e2a6c55d14b17",
            "a71c993e0b2f4d60",
            "no 0f8e2a6c55d14b17",
            "no a71c993e0b2f4d60",
            "123e4567-e89b-42d3-a456-426614174000",
            "9b2e4567-e89b-42d3-a456-426614174111",
            "http://left/v1/1",
            "http://right/v1/1",
            "e\u{301}",
            "\u{e9}",
            "a\u{a0}b",
            "a b",
            "contact 2",
            "contact 3",
        ])
        .prop_map(Json::from),
    ]
}

/// Scalars that stand for nothing but themselves.
fn plain_scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3..100_i64).prop_map(Json::from),
        prop::sample::select(vec![0.5, 1.25]).prop_map(Json::from),
        "[a-cA ]{0,3}".prop_map(Json::from),
    ]
}

fn tree(
    scalar: impl Strategy<Value = Json> + 'static,
    names: &'static [&'static str],
) -> impl Strategy<Value = Json> {
    scalar.prop_recursive(3, 24, 5, move |inner| {
        let name = prop::sample::select(names).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((name, inner), 0..5)
                .prop_map(|all| Json::Object(all.into_iter().collect())),
        ]
    })
}

const NAMES: &[&str] = &[
    "a", "b", "A", "id", "number", "token", "created", "took", "x y", "a_b", "aB", "@k", "#text",
    "",
];
const PLAIN: &[&str] = &["a", "b", "C", "d_e", "x y", "@k", "#text", ""];

fn any_body() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => tree(any_scalar(), NAMES).prop_map(|body| json!({ "body": body })),
        3 => document().prop_map(|root: Element| json!({ "xml": root.written() })),
        1 => any_scalar().prop_map(|text| match text {
            Json::String(text) => json!({ "text": text }),
            other => json!({ "text": other.to_string() }),
        }),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| bytes_of(&bytes)),
    ]
}

fn bytes_of(bytes: &[u8]) -> Json {
    use base64::Engine;
    json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) })
}

fn any_answer() -> impl Strategy<Value = Json> {
    let name = prop::sample::select(vec!["X-A", "x-a", "Location", "Set-Cookie", "ETag", "Allow"]);
    let value = prop::sample::select(vec![
        "",
        "a",
        "A",
        "a, b",
        "a=1; Path=/",
        "http://left/v1/2",
        "http://right/v1/2",
        "2",
        "3",
    ]);
    let lines = prop::collection::vec(value.prop_map(Json::from), 1..3).prop_map(Json::from);
    let headers = prop::collection::vec((name, lines), 0..3);
    let status = prop::sample::select(vec![200, 201, 404]);
    (any_body(), headers, status).prop_map(|(mut answer, headers, status)| {
        let headers = headers.into_iter().map(|(name, lines)| (name.to_owned(), lines));
        answer["headers"] = Json::Object(headers.collect());
        answer["status"] = status.into();
        answer
    })
}

/// What is on the other side: the same, in part, or anything.
fn two_sides() -> impl Strategy<Value = (Answers, Answers)> {
    let both = (any_answer(), any_answer(), 0..4_u8).prop_map(|(left, other, kind)| {
        let mut right = left.clone();
        match kind {
            0 => right = other,
            1 => right["headers"] = other["headers"].clone(),
            2 => right = with_body_of(&left, &other),
            _ => {}
        }
        (left, right)
    });
    prop::collection::vec(both, 1..4).prop_map(|all| all.into_iter().unzip())
}

/// Where both have members, some of the one and some of the other.
fn with_body_of(left: &Json, other: &Json) -> Json {
    let mut right = left.clone();
    match (right["body"].as_object_mut(), other["body"].as_object()) {
        (Some(mine), Some(theirs)) => {
            let theirs = theirs.iter().map(|(name, value)| (name.clone(), value.clone()));
            mine.extend(theirs.collect::<Map<_, _>>());
        }
        _ => return other.clone(),
    }
    right
}

/// No answer differs from itself.
pub(crate) fn reflexive(service: &Service) {
    check(150, prop::collection::vec(any_answer(), 1..4), |answers| {
        prop_assert_eq!(differences(service, &answers, &answers), Vec::<String>::new());
        Ok(())
    });
}

/// What differs from one side does so from the other.
pub(crate) fn symmetric(service: &Service) {
    check(300, two_sides(), |(left, right)| {
        let [one, other] = [[0, 1], [1, 0]].map(|sides| compared(service, &left, &right, sides));
        prop_assert_eq!(one.is_empty(), other.is_empty(), "{:?} | {:?}", one, other);
        Ok(())
    });
}

/// The order of members says nothing.
pub(crate) fn without_order(service: &Service) {
    // Names of headers and members come in order, so that what comes last is another on each side.
    check(150, (two_sides(), any::<bool>()), |((left, right), which)| {
        let turned: Answers = if which { &left } else { &right }.iter().map(turned).collect();
        let (one, other) = match which {
            true => (differences(service, &left, &right), differences(service, &turned, &right)),
            false => (differences(service, &left, &right), differences(service, &left, &turned)),
        };
        prop_assert_eq!(one.is_empty(), other.is_empty(), "{:?} | {:?}", one, other);
        Ok(())
    });
}

/// The same answer as a document whose members are written the other way round.
fn turned(answer: &Json) -> Json {
    let mut answer = answer.clone();
    if let Some(body) = answer.as_object_mut().unwrap().remove("body") {
        answer["written"] = backwards(&body).into();
    }
    answer
}

fn backwards(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let member = |(name, value): (&String, &Json)| {
                format!("{}:{}", Json::from(name.as_str()), backwards(value))
            };
            format!("{{{}}}", map.iter().rev().map(member).collect::<Vec<_>>().join(","))
        }
        Json::Array(items) => {
            format!("[{}]", items.iter().map(backwards).collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// A place in a tree, and what is done to it.
type Mutation = (prop::sample::Index, prop::sample::Index, u8);

/// What was changed in one place is never the same.
pub(crate) fn mutated(service: &Service) {
    let mutation = any::<(prop::sample::Index, prop::sample::Index, u8)>();
    let done = Cell::new(0);
    check(300, (tree(plain_scalar(), PLAIN), mutation), |(tree, mutation)| {
        let mut changed = tree.clone();
        mutate(&mut changed, &mutation);
        if changed == tree {
            return Ok(());
        }
        done.set(done.get() + 1);
        let found =
            differences(service, &vec![json!({ "body": tree })], &vec![json!({ "body": changed })]);
        prop_assert!(!found.is_empty(), "{tree} {changed}");
        Ok(())
    });
    assert!(done.get() > 50, "hardly anything was changed");
    check(300, mutated_document(), |(left, right)| {
        let sides = [left, right].map(|root| vec![json!({ "xml": root.written() })]);
        let found = differences(service, &sides[0], &sides[1]);
        prop_assert!(!found.is_empty());
        Ok(())
    });
}

/// The places of a tree, each by the names and positions that lead to it.
fn places(tree: &Json, here: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    all.push(here.clone());
    let mut inside = |name: String, value: &Json| {
        here.push(name.replace('~', "~0").replace('/', "~1"));
        places(value, here, all);
        here.pop();
    };
    match tree {
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| inside(at.to_string(), item));
        }
        Json::Object(map) => map.iter().for_each(|(name, value)| inside(name.clone(), value)),
        _ => {}
    }
}

fn mutate(tree: &mut Json, (place, other, what): &Mutation) {
    let mut all = Vec::new();
    places(tree, &mut Vec::new(), &mut all);
    // One begins with an empty part, but where there is none.
    let pointer = match place.get(&all).as_slice() {
        [] => String::new(),
        parts => format!("/{}", parts.join("/")),
    };
    let value = tree.pointer_mut(&pointer).unwrap();
    *value = match (value.take(), what % 6) {
        (Json::Array(mut items), 0) if items.len() > 1 => {
            let last = items.len() - 1;
            items.swap(other.index(last), last);
            items.into()
        }
        (Json::Array(mut items), 1) if !items.is_empty() => {
            items.remove(other.index(items.len()));
            items.into()
        }
        (Json::Array(mut items), 2) if !items.is_empty() => {
            let at = other.index(items.len());
            items.insert(at, items[at].clone());
            items.into()
        }
        (Json::Array(items), _) => json!({ "items": items }),
        (Json::Object(map), 0 | 1) if !map.is_empty() => {
            let without = other.index(map.len());
            let rest = map.into_iter().enumerate().filter(|(at, _)| *at != without);
            Json::Object(rest.map(|(_, member)| member).collect())
        }
        (Json::Object(map), 2) if !map.is_empty() => {
            let renamed = other.index(map.len());
            let member = |(at, (name, value)): (usize, (String, Json))| match at == renamed {
                true => (format!("{name}_"), value),
                false => (name, value),
            };
            Json::Object(map.into_iter().enumerate().map(member).collect())
        }
        (Json::Object(mut map), _) => {
            map.insert("more".to_owned(), Json::Null);
            map.into()
        }
        (Json::Null, 0..3) => "".into(),
        (Json::Null, _) => json!({}),
        (Json::Bool(value), 0..3) => (!value).into(),
        (Json::Bool(value), _) => value.to_string().into(),
        (Json::Number(number), 0..2) => (number.as_f64().unwrap() + 1.0).into(),
        (Json::Number(number), 2 | 3) => number.to_string().into(),
        (Json::Number(number), _) => (number.as_f64().unwrap() + 1e-9).into(),
        (Json::String(text), 0) => format!("{text} ").into(),
        (Json::String(text), 1) => format!(" {text}").into(),
        (Json::String(text), 2) => text.to_uppercase().into(),
        (Json::String(text), 3) if text.is_empty() => Json::Null,
        (Json::String(text), 4) => json!([text]),
        (Json::String(text), _) => format!("{text}b").into(),
    };
}

/// Texts, bytes and headers that were changed in one place.
pub(crate) fn mutated_in_other_parts(service: &Service) {
    let changed = |left: Json, right: Json| differences(service, &vec![left], &vec![right]);
    let bytes = prop::collection::vec(any::<u8>(), 1..60);
    check(100, (bytes, any::<prop::sample::Index>(), 1..=255_u8), |(bytes, at, change)| {
        let mut other = bytes.clone();
        other[at.index(bytes.len())] ^= change;
        prop_assert!(!changed(bytes_of(&bytes), bytes_of(&other)).is_empty());
        let longer = [&*bytes, &[change]].concat();
        prop_assert!(!changed(bytes_of(&bytes), bytes_of(&longer)).is_empty());
        Ok(())
    });
    let piece = prop::sample::select(vec!["a", "B", " ", "\n", "\r\n", "é", "\u{a0}", "\t", "7"]);
    let text = prop::collection::vec(piece.clone(), 0..8);
    check(150, (text, any::<prop::sample::Index>(), piece), |(text, at, piece)| {
        let mut other = text.clone();
        other.insert(at.index(text.len() + 1), piece);
        let [text, other] = [text.concat(), other.concat()].map(|text| json!({ "text": text }));
        prop_assert!(!changed(text, other).is_empty());
        Ok(())
    });
    let value = "[a-c,; =]{0,4}[a-c]";
    let names = prop::sample::select(vec!["X-A", "Location", "Allow", "WWW-Authenticate"]);
    check(100, (names, value, value), |(name, value, other)| {
        let without = json!({ "text": "" });
        let with = |lines: &[&str]| json!({ "text": "", "headers": { name: lines } });
        if value.trim() != other.trim() {
            prop_assert!(!changed(with(&[&value]), with(&[&other])).is_empty());
            prop_assert!(!changed(with(&[&value, &other]), with(&[&other, &value])).is_empty());
        }
        prop_assert!(!changed(with(&[&value]), without.clone()).is_empty());
        prop_assert!(!changed(with(&[&value]), with(&[&value.to_uppercase()])).is_empty());
        prop_assert!(!changed(with(&[&value]), with(&[&value, &value])).is_empty());
        Ok(())
    });
}
