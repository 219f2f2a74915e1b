//! JSON Lines, and rows of CSV.

use counterpart::MockServer;

use crate::support::client::Client;
use crate::support::folder::Folder;

const SPEC: &str = r#"
counterpart: 1
vendor: shop
mediaTypes:
  application/json: {wire: json}
  application/jsonl: {wire: jsonLines, contentType: application/jsonl; charset=utf-8}
  text/csv: {wire: csv, separator: ";"}
consumes: [application/jsonl]
produces: [application/jsonl]
errors:
  Wrong: {status: 400, body: {line: "${error.line}", path: "${error.path}", message: "${error.message}"}}
failures: {malformedBody: Wrong, invalid: Wrong}
collections:
  items: {key: id, schema: {type: object, properties: {id: {type: integer}, name: {type: string}}}}
operations:
  - operationId: add
    method: POST
    path: /items
    validation: all
    requestBody:
      required: true
      schema:
        type: array
        items: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string, maxLength: 3}}}
    steps:
      - forEach: {in: "${body}", as: item}
        steps: [{insert: {in: items, values: "${item}"}}]
      - respond: {status: 201, body: "${body}"}
  - operationId: export
    method: GET
    path: /items
    produces: [text/csv, application/jsonl]
    responses:
      200: {schema: {type: array, items: {type: object, properties: {name: {type: string}, id: {type: integer}}}}}
    steps:
      - list: {in: items, as: items}
      - respond: {status: 200, body: "${items}"}
"#;

#[test]
fn lines_are_read_and_written_and_rows_are_written() {
    let mock = MockServer::builder().spec_text("shop", SPEC).start().unwrap();
    let mut client = Client::new(mock.address());
    let jsonl = ("Content-Type", "application/jsonl");
    let empty = client.send("GET", "/shop/items", &[], "");
    assert_eq!(empty.text(), "name;id\r\n");
    let lines = "{\"id\":1,\"name\":\"a;b\"}\n{\"id\":2}\n";
    let reply = client.send("POST", "/shop/items", &[jsonl], lines);
    assert_eq!((reply.status, reply.text()), (201, lines.to_owned()));
    assert_eq!(reply.header("content-type"), Some("application/jsonl; charset=utf-8"));
    let reply = client.send("GET", "/shop/items", &[], "");
    assert_eq!(reply.header("content-type"), Some("text/csv"));
    assert_eq!(reply.text(), "name;id\r\n\"a;b\";1\r\n;2\r\n");
    let reply = client.send("GET", "/shop/items", &[("Accept", "application/jsonl")], "");
    assert_eq!(reply.text(), lines);
    for (lines, line, path) in [
        ("{\"id\":3}\n{\"id\":\n", 2, None),
        ("{\"id\":3}\n\n{\"id\":4}\n", 2, None),
        ("{\"id\":3}\n{\"id\":4}\n{\"id\":5,\"name\":\"long\"}\n", 3, Some("[2].name")),
        ("{\"id\":3}\n{\"name\":\"a\"}", 2, Some("[1].id")),
        ("{\"id\":3}\n7\n", 2, Some("[1]")),
    ] {
        let reply = client.send("POST", "/shop/items", &[jsonl], lines);
        assert_eq!(reply.status, 400, "{lines}: {}", reply.text());
        assert_eq!(reply.header("content-type"), Some("application/json"), "{lines}");
        let said = crate::support::served::json(&reply);
        assert_eq!((&said["line"], &said["path"]), (&line.into(), &path.into()), "{lines}");
    }
    // Ten megabytes are all that is taken: one line of nearly as much is read.
    let long = format!("{{\"id\":6}}\n{{\"id\":7,\"name\":\"{}\"}}\n", "x".repeat(10_000_000));
    let reply = client.send("POST", "/shop/items", &[jsonl], long);
    assert_eq!(crate::support::served::json(&reply)["line"], 2);
}

#[test]
fn the_runner_sends_lists_and_compares_them() {
    let folder = Folder::new("lines", &[("specs/shop.yaml", SPEC)]);
    let scenario = |expected: &str| {
        format!(
            "counterpart: 1\nvendor: shop\nscenarios:\n\
             - name: lines and rows\n  steps:\n\
             \x20 - call: add\n    with: {{body: [{{id: 1, name: ab}}, {{id: 2}}]}}\n\
             \x20   expect: {{status: 201, body: [{{id: 1, name: ab}}, {{id: 2}}]}}\n\
             \x20 - call: export\n    expect: {{status: 200, body: {expected}}}\n"
        )
    };
    folder
        .write("scenarios/shop/lines.yaml", &scenario("[{name: ab, id: 1}, {name: '', id: '2'}]"));
    let (code, out, err) = folder.run(&["run"]);
    assert_eq!(code, Some(0), "{out}{err}");
    folder.write("scenarios/shop/lines.yaml", &scenario("[{name: ab, id: 1}, {name: x, id: 2}]"));
    let (code, out, err) = folder.run(&["run"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("$[1].name"), "{out}");
}
