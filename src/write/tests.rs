//! What is written reads back as the same tree.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Piece, document};
use crate::source::Source;
use crate::syntax::{Problems, parse};
use crate::value::{Map, Number, Value};

fn read(text: &str) -> Value {
    let problems = Problems::default();
    let node = parse(&Source::new("a.yaml", text), &problems);
    let problems = problems.into_sorted();
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    node.unwrap_or_else(|| panic!("nothing is read from\n{text}")).to_value()
}

/// Texts of what YAML gives a meaning to.
fn texts() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\r",
        ": ",
        ":",
        " #",
        "#",
        "- ",
        "-",
        "---",
        "...",
        "? ",
        "'",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%",
        "@",
        "`",
        "true",
        "NO",
        "null",
        "~",
        "1",
        "0x1f",
        "1e5",
        "-3",
        ".5",
        "2026-01-01",
        "<<",
        "=",
        "${a}",
        "ü",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{a0}",
        "\u{0}",
        "\u{7f}",
        "😀",
        "word",
        "a longer word",
    ]);
    prop::collection::vec(odd, 0..12).prop_map(|parts| parts.concat())
}

fn values() -> impl Strategy<Value = Value> {
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        number.prop_map(|text| text.parse::<Number>().map_or(Value::Null, Value::Number)),
        texts().prop_map(Value::text),
        ".{0,120}".prop_map(Value::text),
        "[a-z]{1,9}( [a-z#:-]{1,9}){0,40}".prop_map(Value::text),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
            prop::collection::vec((texts(), inner), 0..6).prop_map(|members| {
                let members = members.into_iter().map(|(key, value)| (Arc::from(key), value));
                Value::map(members.collect::<Map>())
            }),
        ]
    })
}

/// The same tree with comments and forced lines at random places.
fn dressed(mut piece: Piece, dress: &mut impl Iterator<Item = u8>) -> Piece {
    let choice = dress.next().unwrap_or(0);
    piece.block = choice & 1 == 1;
    if choice & 2 == 2 {
        piece.remark = Some("said: of {this}\nhere".to_owned());
    }
    match &mut piece.kind {
        super::Kind::List(items) => {
            for item in items {
                *item = dressed(std::mem::take(item), dress);
            }
        }
        super::Kind::Map(members) => {
            for member in members {
                member.value = dressed(std::mem::take(&mut member.value), dress);
                member.apart = choice & 4 == 4;
            }
        }
        _ => {}
    }
    piece
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in values(), dress in prop::collection::vec(any::<u8>(), 40)) {
        // A document that says nothing is none, so it stands in a list.
        let value = Value::list(vec![value]);
        let plain = document(&Piece::from(&value), &[]);
        prop_assert_eq!(read(&plain).to_string(), value.to_string(), "{}", plain);
        let piece = dressed(Piece::from(&value), &mut dress.into_iter());
        let text = document(&piece, &["a comment".to_owned()]);
        prop_assert_eq!(read(&text).to_string(), value.to_string(), "{}", text);
    }
}

#[test]
fn it_looks_as_a_person_would_write_it() {
    let long = "a description that goes on and on, so that it has no room on a line, and is folded \
                at the width of a page";
    let piece = Piece::map()
        .with("counterpart", 1)
        .with("vendor", "notes")
        .remark("behind")
        .with("info", Piece::map().with("title", "NO: really").with("description", long))
        .apart()
        .with("pattern", "^\\d+$")
        .with("lines", "one\ntwo\n")
        .with("statuses", Piece::map().with("200", Piece::map().with("schema", Piece::map())))
        .with(
            "operations",
            Piece::list([Piece::map()
                .with("operationId", "read")
                .with("path", "/notes/{id}")
                .with("steps", Piece::list([Piece::map().with("respond", 200).remark("assumed")]))
                .block()]),
        )
        .apart();
    let expected = r#"counterpart: 1
vendor: notes

info:
  title: "NO: really"
  description: >-
    a description that goes on and on, so that it has no room on a line, and is folded at the width
    of a page
pattern: ^\d+$
lines: |
  one
  two
statuses: {200: {schema: {}}}

operations:
  - operationId: read
    path: /notes/{id}
    steps:
      - {respond: 200}  # assumed
"#;
    assert_eq!(document(&piece, &[]), expected);
}
