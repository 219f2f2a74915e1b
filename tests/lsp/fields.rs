//! A field of a collection, renamed wherever the spec and its scenarios use it.

use std::process::Command;

use serde_json::{Value, json};

use crate::editor::{Editor, place, uri};

const SPEC: &str = "\
counterpart: 1
vendor: fields
statements:
- {id: L01, says: the title is shown}
errors:
  Missing: {status: 404}
  Taken: {status: 409}
collections:
  books:
    key: isbn
    schema:
      type: object
      required: [isbn, title]
      properties:
        isbn: {type: string}
        title: {type: string}
        year: {type: integer, default: 1}
    unique:
    - {fields: [title], error: Taken}
    fixtures:
    - {isbn: b1, title: One, year: 1999}
operations:
- operationId: create_book
  method: POST
  path: /books
  requestBody:
    schema:
      type: object
      required: [isbn, title]
      properties: {isbn: {type: string}, title: {type: string}}
  steps:
  - find: {in: books, where: {title: \"${body.title}\"}, as: known}
  - insert: {in: books, values: {isbn: \"${body.isbn}\", title: \"${body.title}\"}, as: book}
  - respond: {status: 201, body: {name: \"${book.title}\"}}
- operationId: list_books
  implements: L01
  method: GET
  path: /books
  parameters:
  - {name: title, in: query, schema: {type: string}}
  steps:
  - list: {in: books, filter: \"${query.title is undefined or it.title == query.title}\", orderBy: title, as: found}
  - respond:
      status: 200
      body: {$forEach: \"${found}\", $as: one, $yield: {title: \"${one.title}\"}}
";

const SCENARIO: &str = "\
counterpart: 1
vendor: fields
scenarios:
- name: a title is shown
  covers: [L01]
  given:
    books:
    - {isbn: b9, title: Nine}
  steps:
  - call: list_books
    expect: {status: 200, body: [{title: Nine}]}
";

/// Asks for another name of what a part of a text begins with.
fn rename(editor: &mut Editor, method: &str, text: &str, part: &str, new: &str) -> Value {
    let file = "specs/fields.yaml";
    let position = place(&text[..text.find(part).unwrap()]);
    let document = json!({"uri": uri(&editor.folder.join(file))});
    let params = json!({"textDocument": document, "position": position, "newName": new});
    editor.ask(&format!("textDocument/{method}"), &params)
}

/// A text with the edits that an editor was told.
fn edited(text: &str, edits: &Value) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let number = |edit: &Value, end: &str, of: &str| {
        usize::try_from(edit["range"][end][of].as_u64().unwrap()).unwrap()
    };
    for edit in edits.as_array().into_iter().flatten().rev() {
        let columns = number(edit, "start", "character")..number(edit, "end", "character");
        let line = &mut lines[number(edit, "start", "line")];
        line.replace_range(columns, edit["newText"].as_str().unwrap());
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_field_is_renamed_where_its_rows_are_and_nowhere_else() {
    let mut editor = Editor::start("field");
    let (spec, scenarios) = ("specs/fields.yaml", "scenarios/titles.yaml");
    editor.save(spec, SPEC);
    editor.save(scenarios, SCENARIO);
    editor.open(spec, SPEC);
    for part in ["title: {type: string}\n", "title: \"${body.title}\"}, as: k", "title}\"}}\n"] {
        let prepared = rename(&mut editor, "prepareRename", SPEC, part, "");
        assert_eq!(prepared["result"]["placeholder"], "title", "{part}: {prepared}");
        let changes =
            rename(&mut editor, "rename", SPEC, part, "name")["result"]["changes"].clone();
        let of = |file: &str| changes[uri(&editor.folder.join(file))].clone();
        let right = SPEC
            .replace(
                "required: [isbn, title]\n      properties:\n",
                "required: [isbn, name]\n      properties:\n",
            )
            .replace("        title: {type", "        name: {type")
            .replace("fields: [title]", "fields: [name]")
            .replace("title: One", "name: One")
            .replace("where: {title:", "where: {name:")
            .replace("${body.isbn}\", title:", "${body.isbn}\", name:")
            .replace("book.title", "book.name")
            .replace("it.title", "it.name")
            .replace("orderBy: title", "orderBy: name")
            .replace("one.title", "one.name");
        assert_eq!(edited(SPEC, &of(spec)), right);
        let given = SCENARIO.replace("b9, title", "b9, name");
        assert_eq!(edited(SCENARIO, &of(scenarios)), given);
    }
    let taken = rename(&mut editor, "rename", SPEC, "title: {type: string}\n", "year");
    assert!(taken["error"]["message"].as_str().unwrap().contains("year"), "{taken}");
    // The outcome is right, and the answers are what they were.
    let changes = rename(&mut editor, "rename", SPEC, "title: {type: string}\n", "name");
    let changes = &changes["result"]["changes"];
    for (file, text) in [(spec, SPEC), (scenarios, SCENARIO)] {
        editor.save(file, &edited(text, &changes[uri(&editor.folder.join(file))]));
    }
    let run = Command::new(env!("CARGO_BIN_EXE_counterpart-test"))
        .args(["run", "scenarios"])
        .current_dir(&editor.folder)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    assert_eq!(editor.end(), 0);
}

#[test]
fn a_field_that_others_know_keeps_its_name() {
    let mut editor = Editor::start("shown");
    let spec = "specs/fields.yaml";
    editor.open(spec, SPEC);
    for (from, to, told) in [
        ("{name: \"${book.title}\"}", "\"${book}\"", "`book` stands for all fields of `books`"),
        (
            "values: {isbn: \"${body.isbn}\", title: \"${body.title}\"}",
            "values: \"${body}\"",
            "`body` stands",
        ),
        ("$yield: {title: \"${one.title}\"}", "$yield: \"${one}\"", "`one` stands"),
        ("$forEach: \"${found}\"", "$forEach: \"${found | sort(attribute='title')}\"", "sort"),
        (
            "type: object\n      required",
            "type: object\n      additionalProperties: true\n      required",
            "any field",
        ),
    ] {
        let text = SPEC.replacen(from, to, 1);
        assert_ne!(text, SPEC, "{from}");
        editor.change(spec, &json!([{"text": text}]));
        let refused = rename(&mut editor, "prepareRename", &text, "title: {type: string}\n", "");
        let message = refused["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(told), "{to}: {refused}");
    }
    assert_eq!(editor.end(), 0);
}
