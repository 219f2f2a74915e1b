//! What expressions give, and what is wrong with some.

use super::*;

fn evaluate(text: &str, variables: &[(&str, Value)]) -> Result<Option<Value>, ExpressionError> {
    let parsed = parse(text)?;
    let roots = parsed.roots().iter();
    let values: Vec<Option<Value>> = roots
        .map(|root| variables.iter().find(|(name, _)| *name == &**root).map(|(_, v)| v.clone()))
        .collect();
    parsed.evaluate(&values)
}

#[test]
fn types_are_kept_and_absent_is_not_null() {
    let map = Value::map([("n".into(), Value::Null), ("i".into(), 7.into())].into_iter().collect());
    let list = Value::list(vec![1.into(), 2.into(), 3.into()]);
    let variables = [("m", map), ("l", list)];
    let cases = [
        ("m.i + 1", Some(Value::Integer(8))),
        ("m.n", Some(Value::Null)),
        ("m.absent", None),
        ("m.absent is defined", Some(Value::Bool(false))),
        ("m.n is none", Some(Value::Bool(true))),
        ("[m.i, m.i] | unique | list", Some(Value::list(vec![7.into()]))),
        ("'a' ~ m.i", Some("a7".into())),
        ("7 / 2", Some(3.5.into())),
        ("m", Some(variables[0].1.clone())),
        ("'x' in ['x']", Some(Value::Bool(true))),
        ("[1, 2, 3][1:2] | list", Some(Value::list(vec![2.into()]))),
        ("[1, 2, 3][1:2]", Some(Value::list(vec![2.into()]))),
        ("l[:2]", Some(Value::list(vec![1.into(), 2.into()]))),
        ("l[m.i - 6:]", Some(Value::list(vec![2.into(), 3.into()]))),
        ("l[1:] | length", Some(Value::Integer(2))),
        ("'a@b.no' | md5", Some("ce598cfe1495064e20cc85da7c3bc2c3".into())),
        ("'' | sha256 | upper | length", Some(Value::Integer(64))),
        ("'a' | digits(8)", Some("99439465".into())),
        (
            "'' | digits(64)",
            Some("9456805665111007939733994308918460099979872231852232125359207904".into()),
        ),
        ("'a.b[0].c' | brackets", Some("a[b][0][c]".into())),
        ("'a' | brackets", Some("a".into())),
        ("m.n | brackets", Some(Value::Null)),
        ("m.absent | brackets", Some("".into())),
        ("l | date('%Y')", None),
        ("m.i | date('%Y')", None),
        ("l + 1", None),
        ("l | md5", None),
        ("m.n | sha1", Some(Value::Null)),
        ("m.i | int + m.n | int", Some(7.into())),
        ("m.absent | md5 | length", Some(Value::Integer(32))),
        ("m.absent | lower", Some("".into())),
        ("m.i | md5 | length", Some(Value::Integer(32))),
        ("'1970-01-01' | instant", Some(Value::Integer(0))),
        ("'1970-01-01T00:00:01' | instant", Some(Value::Integer(1_000_000_000))),
        ("'1970-01-01T00:00:01.5+00:00' | date('%s') | int", Some(Value::Integer(1))),
    ];
    for (text, expected) in cases {
        assert_eq!(evaluate(text, &variables), Ok(expected), "{text}");
    }
}

#[test]
fn references_are_known_with_their_members() {
    let parsed = parse("book.title ~ (items | map(attribute='x') | join(', ')) ~ now").unwrap();
    let names: Vec<String> = parsed.references().iter().map(Reference::dotted).collect();
    assert_eq!(names, ["book.title", "items", "now"]);
    let sliced = parse("book.tags[offset:offset + body.count] | length").unwrap();
    let names: Vec<String> = sliced.references().iter().map(Reference::dotted).collect();
    assert_eq!(names, ["body.count", "book.tags", "offset"]);
}

#[test]
fn members_of_items_are_known() {
    for (text, expected) in [
        ("[x.id for x in rows if x.ok.so]", "rows[].id rows[].ok.so"),
        ("[y.n for x in a.rows for y in x.parts]", "a.rows[].parts a.rows[].parts[].n"),
        ("[y.n for x in rows for y in [x.a]]", "rows[].a"),
        ("[a.n for a, b in rows]", ""),
        ("rows[0].id ~ rows[1:][0].id ~ rows['0'].id ~ rows[at].id", "rows[].id"),
        ("rows | selectattr('a.b') | map(attribute='c') | join", "rows[].a.b rows[].c"),
        ("[x.id for x in rows | select('defined') | list]", ""),
        ("[[x.a for x in x.b] for x in rows]", "rows[].b rows[].b[].a"),
    ] {
        let parsed = parse(text).unwrap();
        let written = |item: &ItemReference| {
            let hop = |hop: &Hop| match hop {
                Hop::Member(name) => format!(".{name}"),
                Hop::Item => "[]".to_owned(),
            };
            format!("{}{}", item.root, item.way.iter().map(hop).collect::<String>())
        };
        let items: Vec<String> = parsed.items().iter().map(written).collect();
        assert_eq!(items.join(" "), expected, "{text}");
    }
}

#[test]
fn names_of_items_are_no_variables() {
    let parsed = parse("[row.id ~ y for row in rows if row.ok == wanted.ok] | join(x)").unwrap();
    let names: Vec<String> = parsed.references().iter().map(Reference::dotted).collect();
    assert_eq!(names, ["rows", "wanted.ok", "x", "y"]);
    // A list that nothing is done for is one of names and values, and so is one with a `for`.
    let names = |text: &str| parse(text).unwrap().roots().len();
    assert_eq!(names("[for, x.for, [for][0]]"), 2);
    // What is behind the brackets is another one of that name.
    assert_eq!(names("[x for x in [1]] + [x]"), 1);
    assert_eq!(names("[x for x in x]"), 1);
}

#[test]
fn values_of_different_kinds_are_neither_less_nor_more() {
    let map = Value::map([("n".into(), Value::Null)].into_iter().collect());
    let variables = [("m", map)];
    for (text, expected) in [
        ("'5' > 9", false),
        ("'5' < 9", false),
        ("[] > 9", false),
        ("{} >= 9", false),
        ("m.n < 9", false),
        ("m.n <= m.n", false),
        ("true > 0", false),
        ("[1, 'a'] < [1, 2]", false),
        ("[1, 'a'] < [1, 'b']", true),
        ("'5' is lt('6')", true),
        ("'5' is ge(1)", false),
        ("m.a == m.b", false),
        ("m.a is eq(m.b)", false),
        ("m.a != m.b", true),
        ("m.a == m.n", false),
        ("m.n == none", true),
    ] {
        let found = evaluate(text, &variables).unwrap();
        assert_eq!(found, Some(Value::Bool(expected)), "{text}");
    }
}

#[test]
fn numbers_are_exact() {
    for (text, expected) in [
        ("0.1 + 0.2 == 0.3", "true"),
        ("0.1 + 0.2", "0.3"),
        ("12345678901234567890123 + 1", "12345678901234567890124"),
        ("9223372036854775807 + 1", "9223372036854775808"),
        ("-9223372036854775808 - 1", "-9223372036854775809"),
        ("2 ** 100", "1267650600228229401496703205376"),
        ("1 / 8", "0.125"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("19.99 * 100", "1999"),
        ("9007199254740993 == 9007199254740992", "false"),
        ("1.10", "1.10"),
        ("0b11 + 0o17 + 0xFF + 1_000", "1273"),
    ] {
        let found = evaluate(text, &[]).unwrap().unwrap();
        assert_eq!(found.to_string(), expected, "{text}");
    }
}

#[test]
fn what_may_be_missing_is_known_by_what_is_asked() {
    for (text, optional) in [
        ("x", false),
        ("default_first", false),
        ("x | default('')", true),
        ("x.a.b | d(1)", true),
        ("x is defined", true),
        ("x.a is not undefined and x.a > 3", true),
        ("x.a is defined and x.b > 3", false),
        ("'default' ~ x", false),
        ("(x if y is defined else 1) | default(2)", true),
        ("(x | lower) | default('')", false),
        ("x['default']", false),
        ("x[0].a | default('')", true),
        ("(x | default('')) ~ x", false),
        ("[x | default(1), x]", false),
        ("x | default(x)", false),
        ("x if x is defined else 1", true),
        ("1 if x is undefined else x", true),
        ("x is undefined or x > 3", true),
        ("x > 3 and x is defined", false),
        ("(x if x is defined else 1) + x", false),
        ("(x or 1) | default(2)", true),
    ] {
        let parsed = parse(text).unwrap();
        let found: Vec<bool> = parsed
            .references()
            .iter()
            .filter(|reference| *reference.root != *"y")
            .map(|reference| reference.optional)
            .collect();
        assert_eq!(found.iter().all(|optional| *optional), optional, "{text}");
    }
}

#[test]
fn what_cannot_work_is_told_when_it_is_read() {
    for (text, message, place) in [
        ("'ab'.startswith('a')", "write `x is startingwith('...')`", "startswith"),
        ("x.upper()", "write `x | upper`", "upper"),
        ("x.strip()", "write `x | trim`", "strip"),
        ("upper(x)", "`upper` is a filter; write `x | upper`", "upper"),
        ("x | startingwith('a')", "`startingwith` is a test", "startingwith"),
        ("x is upper('a')", "the test `upper` takes no arguments", "'a'"),
        ("x | hmacc('k')", "no filter `hmacc`; did you mean `hmac`?", "hmacc"),
        ("x | map('map', 'upper')", "`map` cannot be the filter of a `map`", "'map'"),
        ("x | map('attr', 'a')", "`attr` cannot be the filter of a `map`", "'attr'"),
        ("x | q", "no filter `q`; there are abs, base64, ", "q"),
        ("x | toint", "no filter `toint`; did you mean `int`?", "toint"),
        ("x | to_float", "no filter `to_float`; did you mean `float`?", "to_float"),
        ("'a' | int", "a string that is not a number", "'a' | int"),
        ("x ~ (1 + 'a')", "`+` does not fit a number and a string", "(1 + 'a')"),
        ("1 / 0", "", "1 / 0"),
        ("x | plus('P1Q')", "not an ISO 8601 duration", "x | plus('P1Q')"),
        ("x | date('%Q!%')", "", "x | date('%Q!%')"),
        (
            "x | date('%Y', 'Berlin')",
            "no time zone `Berlin`; did you mean `Europe/Berlin`?",
            "x | date('%Y', 'Berlin')",
        ),
        ("x | matches('(')", "", "x | matches('(')"),
        ("x | search('[a')", "", "x | search('[a')"),
        ("x | map('findall', '(?P<1>a)')", "", "x | map('findall', '(?P<1>a)')"),
        ("[y for y z]", "where `in` is expected", "z"),
        ("[y for if in x]", "`if` cannot be the name of an item", "if"),
        ("[y for y in x, 1]", "where `]` is expected", ","),
        ("[y 1 for y in x]", "where `for` or an operator is expected", "1"),
        ("[1 + 'a' for y in x]", "`+` does not fit a number and a string", "1 + 'a'"),
        ("x | map('date', '%Y', 'Nowhere')", "no time zone", "x | map('date', '%Y', 'Nowhere')"),
        ("x | round(1, 'up')", "the method is", "x | round(1, 'up')"),
        ("x | hmac('k', 'sha3')", "the algorithm is", "x | hmac('k', 'sha3')"),
        ("x | digits(99)", "1 to 64", "x | digits(99)"),
        ("x | date", "the filter `date` needs `pattern`", "date"),
        ("x | date('%Y', tz='UTC')", "no parameter `tz`; it takes `pattern`, `zone`", "'UTC'"),
        ("x | trim(1, 2)", "takes only `chars`", "2"),
        ("x | select(y)", "must be written out", "y"),
        ("x +", "it ends behind this, where a value is expected", "+"),
        ("x == 'a' && y", "write `and`", "&&"),
        ("x ?? 'a'", "write `x | default(y)`", "??"),
        ("len(x)", "write `x | length`", "len"),
        ("x = 1", "to compare write `==`", "="),
        ("!x", "for the opposite write `not`", "!"),
        ("a b", "`b` where the end or an operator is expected", "b"),
        ("'it", "without its closing quote", "'it"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.message.contains(message), "{text}: {}", error.message);
        assert_eq!(&text[error.range.unwrap()], place, "{text}");
    }
    assert!(parse(r"'it\'s a | foo'").is_ok());
}

#[test]
fn mistakes_are_errors_with_their_place() {
    assert!(parse("a +").is_err());
    assert_eq!(parse("a | uper").unwrap_err().message, "no filter `uper`; did you mean `upper`?");
    assert_eq!(parse("a is not emptyy").unwrap_err().range, Some(9..15));
}
