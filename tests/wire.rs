//! Every body in `tests/wire/FORMAT` is decoded and compared with what stands beside it:
//! `NAME.json`, or `NAME.error` when it must be refused. `UPDATE=1` writes what comes out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use counterpart::unstable::value::{Map, Value};
use counterpart::unstable::wire::deep_object::DeepForm;
use counterpart::unstable::wire::encoding::Encoding;
use counterpart::unstable::wire::form::Form;
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::soap;
use counterpart::unstable::wire::xml::{Declaration, EmptyStyle, NilStyle, Xml};
use counterpart::unstable::wire::{DEEPEST, Decoded, Limits, Position, Wire};
use proptest::prelude::*;

fn map(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// The outcome as the text of the file that it is compared with, and the ending of its name.
type Outcome = Result<Value, String>;

fn by_wire(wire: &dyn Wire, body: &[u8]) -> Outcome {
    let Decoded { value, root, .. } =
        wire.decode(body, &Limits::default()).map_err(|error| error.to_string())?;
    Ok(match root {
        Some(name) => map([("root", name.to_string().into()), ("value", value)]),
        None => value,
    })
}

fn by_soap(body: &[u8]) -> Outcome {
    let message = soap::open(body, &Limits::default()).map_err(|error| error.to_string())?;
    Ok(map([
        ("version", format!("{:?}", message.version).into()),
        ("operation", message.operation.to_string().into()),
        ("parameters", message.parameters),
    ]))
}

fn check(format: &str, decode: impl Fn(&[u8]) -> Outcome) {
    let update = std::env::var_os("UPDATE").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(format);
    let mut bodies: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "body"))
        .collect();
    bodies.sort();
    assert!(!bodies.is_empty(), "no bodies in {}", folder.display());
    let mut wrong = Vec::new();
    for body in bodies {
        let outcome = decode(&fs::read(&body).unwrap());
        let (found, ending, other_ending) = match outcome {
            Ok(value) => (serde_json::to_string_pretty(&value).unwrap(), "json", "error"),
            Err(message) => (message, "error", "json"),
        };
        let (beside, other) = (body.with_extension(ending), body.with_extension(other_ending));
        if update {
            fs::write(&beside, found + "\n").unwrap();
            fs::remove_file(other).ok();
            continue;
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if other.exists() || expected.trim_end() != found {
            wrong.push(format!("{}: expected {expected}\nfound {found}", body.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// So much nesting that a reader without a limit would come to the end of its stack.
#[test]
fn what_is_nested_too_deeply_is_refused_however_long_it_is() {
    let json = by_wire(&Json, "[".repeat(100_000).as_bytes());
    assert_eq!(json.unwrap_err(), "1:129: nested deeper than 128 levels");
    let xml = by_wire(&Xml::default(), "<a>".repeat(100_000).as_bytes());
    assert_eq!(xml.unwrap_err(), "1:385: nested deeper than 128 elements");
}

#[test]
fn json_bodies() {
    check("json", |body| by_wire(&Json, body));
}

#[test]
fn form_bodies() {
    check("form", |body| by_wire(&Form, body));
}

#[test]
fn xml_bodies() {
    check("xml", |body| by_wire(&Xml::default(), body));
}

#[test]
fn soap_bodies() {
    check("soap", by_soap);
}

#[test]
fn positions_are_behind_the_end_tags() {
    let body = "\u{FEFF}<a>\n <b>12</b><c>\r\nä</c><b>x</b>\n<d/></a>".as_bytes();
    let decoded = Xml::default().decode(body, &Limits::default()).unwrap();
    // The last is where a reader of .NET stands: at what comes next.
    let cases = [("b", (2, 11, 12)), ("c", (3, 6, 7)), ("d", (4, 5, 7))];
    for (name, (line, column, reader_column)) in cases {
        let expected = Position { line, column, reader_column };
        assert_eq!(decoded.positions.end_of(body, name), Some(expected), "{name}");
    }
    assert_eq!(decoded.positions.end_of(body, "absent"), None);
    let body: Vec<u8> =
        "\u{FEFF}<a>\r<é>1</é></a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let decoded = Xml::default().decode(&body, &Limits::default()).unwrap();
    let expected = Position { line: 2, column: 9, reader_column: 11 };
    assert_eq!(decoded.positions.end_of(&body, "é"), Some(expected));
}

#[test]
fn bodies_are_written_and_read_in_other_encodings() {
    let tree = map([("r", map([("@a", "é€\"".into()), ("b", "Straße 😀".into())]))]);
    let content = tree.get("r").unwrap();
    let xml =
        |label: &str| Xml { declaration: Declaration::Encoding(label.into()), ..Xml::default() };
    for label in
        ["UTF-8", "ISO-8859-1", "US-ASCII", "UTF-16", "utf-16le", "windows-1252", "Shift_JIS"]
    {
        let mut body = Vec::new();
        xml(label).encode(&tree, &mut body).unwrap();
        // By itself, and by what the media type says.
        for charset in [None, Encoding::of_label(label)] {
            let decoded = Xml::default().decode_in(&body, charset, &Limits::default()).unwrap();
            assert_eq!(decoded.value, *content, "{label}");
        }
        let charset = Encoding::of_label(label).unwrap();
        let mut body = Vec::new();
        Json.encode_in(&tree, charset, &mut body).unwrap();
        let decoded = Json.decode_in(&body, Some(charset), &Limits::default()).unwrap();
        assert_eq!(decoded.value, tree, "{label}");
    }
    let mut body = Vec::new();
    xml("ISO-8859-1").encode(&tree, &mut body).unwrap();
    let written = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r a=\"\xe9&#8364;&quot;\">\
        <b>Stra\xdfe &#128512;</b></r>";
    assert_eq!(body, written);
    let named = map([("r", map([("größe", "1".into())]))]);
    assert!(xml("US-ASCII").encode(&named, &mut Vec::new()).is_err());
    assert!(xml("ISO-8859-1").encode(&named, &mut Vec::new()).is_ok());
    assert!(xml("klingon").encode(&named, &mut Vec::new()).is_err());
}

#[test]
fn forms_are_written_and_read_in_other_encodings() {
    let latin1 = Encoding::of_label("iso-8859-1");
    let form = map([("größe", "é+ %".into())]);
    for wire in [&Form as &dyn Wire, &DeepForm] {
        let mut body = Vec::new();
        wire.encode_in(&form, latin1.unwrap(), &mut body).unwrap();
        assert_eq!(body, b"gr%F6%DFe=%E9%2B+%25");
        let decoded = wire.decode_in(&body, latin1, &Limits::default()).unwrap();
        assert_eq!(decoded.value, form);
        let raw = wire.decode_in(b"gr\xf6%dfe=\xe9%2b%20%", latin1, &Limits::default());
        assert!(raw.unwrap_err().message.contains("two hexadecimal digits"));
        let euro = map([("a", "€".into())]);
        assert!(wire.encode_in(&euro, latin1.unwrap(), &mut Vec::new()).is_err());
    }
    let japanese = Encoding::of_label("shift_jis");
    let decoded = Form.decode_in(b"a=%83e%83%58%83g", japanese, &Limits::default()).unwrap();
    assert_eq!(decoded.value, map([("a", "テスト".into())]));
}

#[test]
fn the_deepest_nesting_that_can_be_allowed_does_not_exhaust_a_stack() {
    let limits = Limits { depth: usize::MAX, ..Limits::default() };
    let json = |depth| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let xml = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let formats: [(&dyn Wire, [String; 2]); 2] = [
        (&Json, [DEEPEST, DEEPEST + 1].map(json)),
        (&Xml::default(), [DEEPEST, DEEPEST + 1].map(xml)),
    ];
    for (wire, [deepest, deeper]) in formats {
        let decoded = wire.decode(deepest.as_bytes(), &limits).unwrap();
        let document = map([("root", decoded.value)]);
        wire.encode(&document, &mut Vec::new()).unwrap();
        assert!(wire.decode(deeper.as_bytes(), &limits).is_err());
    }
}

fn round_trip(wire: &dyn Wire, value: &Value) -> Value {
    let mut out = Vec::new();
    wire.encode(value, &mut out).unwrap();
    wire.decode(&out, &Limits::default())
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out)))
        .value
}

fn xml_text() -> impl Strategy<Value = String> {
    "[\\t\\n\\r -~\u{80}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]{0,12}"
}

fn members<V: Strategy<Value = Value>>(
    names: &'static str,
    value: V,
) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(names, value, 1..6).prop_map(|members| {
        Value::map(members.into_iter().map(|(name, value)| (Arc::from(name), value)).collect())
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        prop::num::f64::NORMAL.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
            members(".{0,6}", inner),
        ]
    })
}

/// What XML can carry: texts, nulls, objects with members, lists of two and more.
fn any_xml() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![Just(Value::Null), xml_text().prop_map(Value::from)];
    scalar.prop_recursive(4, 40, 6, |inner| {
        let not_list = inner.prop_filter("a list in a list", |value| value.as_list().is_none());
        let list = prop::collection::vec(not_list.clone(), 2..4).prop_map(Value::list);
        let member = prop_oneof![3 => not_list, 1 => list];
        let attributes = prop::collection::btree_map("@[a-m]{1,3}", xml_text(), 0..3);
        (members("[n-zäß][a-z0-9.-]{0,4}", member), attributes).prop_map(
            |(children, attributes)| {
                let mut map = Map::new();
                for (name, text) in attributes {
                    map.insert(name, text.into());
                }
                for (name, value) in children.members().unwrap() {
                    map.insert(name.clone(), value.clone());
                }
                Value::map(map)
            },
        )
    })
}

proptest! {
    #[test]
    fn json_reads_what_it_writes(value in any_json()) {
        prop_assert_eq!(round_trip(&Json, &value), value);
    }

    #[test]
    fn form_reads_what_it_writes(value in members(".{0,6}", prop_oneof![
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<String>().prop_map(Value::from), 2..4).prop_map(Value::list),
    ])) {
        prop_assert_eq!(round_trip(&Form, &value), value);
    }

    #[test]
    fn xml_reads_what_it_writes_in_any_style(
        value in any_xml().prop_filter("a root that is a list", |value| value.as_list().is_none()),
        plain in any::<bool>(),
        empty in prop_oneof![
            Just(EmptyStyle::Pair),
            Just(EmptyStyle::SelfClosing),
            Just(EmptyStyle::SelfClosingTight),
        ],
        indent in prop::option::of(0_usize..5),
    ) {
        let nil = if plain { NilStyle::Plain } else { NilStyle::SchemaInstance };
        let xml = Xml { nil, empty, indent, ..Xml::default() };
        let root = Value::map([(Arc::from("root"), value.clone())].into_iter().collect());
        prop_assert_eq!(round_trip(&xml, &root), value);
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[<>/a:='\"!\\[\\]CDAT&;#x?x -]{0,60}".prop_map(String::into_bytes),
        ],
    ) {
        let formats: [&dyn Wire; 3] = [&Json, &Form, &Xml::default()];
        for format in formats {
            let _ = format.decode(&body, &Limits::default());
        }
        let _ = soap::open(&body, &Limits::default());
    }
}
