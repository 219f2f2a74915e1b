//! What stands at a place, and what may stand there.

use serde_json::{Value, json};

use crate::editor::{Editor, SCENARIO, SPEC, place, range, uri};

#[test]
fn what_may_stand_at_a_place_is_offered() {
    let mut editor = Editor::start("completion");
    editor.open("specs/shelf.yaml", SPEC);
    editor.open("scenarios/lists.yaml", SCENARIO);
    let within = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    for (file, text, known, unknown) in [
        ("scenarios/lists.yaml", within(SCENARIO, "list_boks", "li|"), "list_books", "call"),
        ("scenarios/lists.yaml", within(SCENARIO, " list_boks", "|"), "list_books", "call"),
        ("scenarios/lists.yaml", within(SCENARIO, "[L01]", "[|]"), "L01", "list_books"),
        ("scenarios/lists.yaml", within(SCENARIO, "  covers: [L01]", "  |"), "covers", "call"),
        ("specs/shelf.yaml", within(SPEC, "implements: L01", "implements: |"), "L01", "path"),
        (
            "specs/shelf.yaml",
            within(SPEC, "  path: /books", "  path: /books\n  |"),
            "requestBody",
            "path",
        ),
        ("specs/shelf.yaml", within(SPEC, "first: one", "first: '${ | }'"), "now", "lower"),
    ] {
        let offset = text.find('|').unwrap();
        let (head, tail) = (&text[..offset], &text[offset + 1..]);
        editor.change(file, &json!([{"text": format!("{head}{tail}")}]));
        let params = json!({
            "textDocument": {"uri": uri(&editor.folder.join(file))},
            "position": place(head),
        });
        let result = editor.ask("textDocument/completion", &params)["result"].clone();
        let items = result["items"].as_array().unwrap().iter();
        let names: Vec<&str> = items.map(|item| item["label"].as_str().unwrap()).collect();
        assert!(names.contains(&known), "{known} is not among {names:?} in:\n{head}\u{2038}{tail}");
        assert!(!names.contains(&unknown), "{unknown} is among {names:?}");
    }
    // What is open is what was typed, and not what was tried.
    editor.change("scenarios/lists.yaml", &json!([{"text": SCENARIO}]));
    editor.change("specs/shelf.yaml", &json!([{"text": SPEC}]));
    let text = SCENARIO.replacen(": 1\n", ": 1\n# a|\n", 1);
    let result = editor.at("textDocument/completion", "scenarios/lists.yaml", &text);
    assert_eq!(result["items"], json!([]));
    assert_eq!(editor.end(), 0);
}

#[test]
fn names_and_keys_are_explained_and_found() {
    let mut editor = Editor::start("places");
    let scenario = SCENARIO.replace("list_boks", "list_books");
    editor.save("scenarios/lists.yaml", &scenario);
    editor.open("specs/shelf.yaml", SPEC);
    editor.open("scenarios/lists.yaml", &scenario);
    for (file, text, from, to, told) in [
        ("scenarios/lists.yaml", &*scenario, "[L01", "[L|01", "books are listed"),
        ("scenarios/lists.yaml", &*scenario, "list_books", "list|_books", "path: /books"),
        ("scenarios/lists.yaml", &*scenario, "covers", "cov|ers", "Ids of statements"),
        ("scenarios/lists.yaml", &*scenario, "[L01", "[|L01", "covered by `lists`, lists.yaml:5"),
        ("scenarios/lists.yaml", &*scenario, "[L01", "[|L01", "by `list_books`, shelf.yaml:19"),
        ("specs/shelf.yaml", SPEC, "implements: L01", "implements: L0|1", "books are listed"),
        ("specs/shelf.yaml", SPEC, "L01, says", "L|01, says", "covered by `lists`"),
        ("specs/shelf.yaml", SPEC, "implements: L01", "impl|ements: L01", "that it implements"),
    ] {
        let shown = editor.at("textDocument/hover", file, &text.replacen(from, to, 1));
        let shown = shown["contents"]["value"].as_str().unwrap_or_default().to_owned();
        assert!(shown.contains(told), "{to}: {shown}");
    }
    let (spec_uri, scenario_uri) = (
        uri(&editor.folder.join("specs/shelf.yaml")),
        uri(&editor.folder.join("scenarios/lists.yaml")),
    );
    let given = json!({"uri": spec_uri, "range": range(SPEC, "list_books")});
    let text = scenario.replace("list_books", "list_b|ooks");
    let found = editor.at("textDocument/definition", "scenarios/lists.yaml", &text);
    assert_eq!(found, json!([given]));
    let text = SPEC.replace("list_books", "|list_books");
    let found = editor.at("textDocument/references", "specs/shelf.yaml", &text);
    let used = json!({"uri": scenario_uri, "range": range(&scenario, "list_books")});
    assert_eq!(found, json!([given, used]));
    assert_eq!(
        editor.at("textDocument/definition", "specs/shelf.yaml", &format!("# |\n{SPEC}")),
        Value::Null
    );
    // Steps that are included are scenarios too, those of others are not.
    let steps = "- call: list_books\n";
    for file in ["scenarios/parts/one.yaml", "scenarios/parts/two.yaml"] {
        editor.save(file, steps);
    }
    let text = format!("{scenario}  - include: parts/one.yaml\n");
    editor.change("scenarios/lists.yaml", &json!([{"text": text}]));
    let found = editor.at(
        "textDocument/references",
        "specs/shelf.yaml",
        &SPEC.replace("list_books", "list|_books"),
    );
    let parts: Vec<&str> =
        found.as_array().unwrap().iter().map(|it| it["uri"].as_str().unwrap()).collect();
    let steps_uri = uri(&editor.folder.join("scenarios/parts/one.yaml"));
    assert_eq!(parts, [&*spec_uri, &*scenario_uri, &*steps_uri]);
    assert_eq!(editor.end(), 0);
}

#[test]
fn a_name_is_changed_wherever_it_stands_unless_something_breaks() {
    let mut editor = Editor::start("rename");
    let scenario = SCENARIO.replace("list_boks", "list_books");
    let spec = format!(
        "{SPEC}- operationId: other\n  method: GET\n  path: /other\n  steps: [{{respond: {{status: 204}}}}]\n"
    );
    editor.save("scenarios/lists.yaml", &scenario);
    editor.save("scenarios/strange.yaml", &scenario.replace("shelf", "strange"));
    editor.open("specs/shelf.yaml", &spec);
    let about = |text: &str, part: &str, new: &str| {
        let at = text.find(part).unwrap();
        let document = json!({"uri": uri(&editor.folder.join("specs/shelf.yaml"))});
        json!({"textDocument": document, "position": place(&text[..at]), "newName": new})
    };
    let asked = about(&spec, "list_books", "all_books");
    let (taken, broken) = (about(&spec, "list_books", "other"), about(&spec, "list_books", "a: b"));
    let statement = about(&spec, "L01", "L1");
    let nothing = about(&spec, "path: /books", "x");
    let prepared = editor.ask("textDocument/prepareRename", &asked)["result"].clone();
    assert_eq!(prepared, json!({"range": range(&spec, "list_books"), "placeholder": "list_books"}));
    let changes = editor.ask("textDocument/rename", &asked)["result"]["changes"].clone();
    let edit = |text: &str, part, new| json!([{"range": range(text, part), "newText": new}]);
    let spec_uri = uri(&editor.folder.join("specs/shelf.yaml"));
    let scenario_uri = uri(&editor.folder.join("scenarios/lists.yaml"));
    assert_eq!(
        changes,
        json!({
            spec_uri.clone(): edit(&spec, "list_books", "all_books"),
            scenario_uri.clone(): edit(&scenario, "list_books", "all_books"),
        })
    );
    let changes = editor.ask("textDocument/rename", &statement)["result"]["changes"].clone();
    assert_eq!(changes[&spec_uri].as_array().unwrap().len(), 2);
    assert_eq!(changes[&scenario_uri], edit(&scenario, "L01", "L1"));
    for (wrong, told) in
        [(taken, "other"), (broken, "is not a valid name"), (nothing, "no name here")]
    {
        let error = editor.ask("textDocument/rename", &wrong)["error"].clone();
        assert!(error["message"].as_str().unwrap().contains(told), "{error}");
    }
    // Nothing of what was tried stays: what is asked anew is told of the texts as they are.
    let found = editor.ask("textDocument/prepareRename", &asked)["result"].clone();
    assert_eq!(found, prepared);
    assert_eq!(editor.end(), 0);
}

#[test]
fn names_are_found_while_a_text_is_no_yaml() {
    let mut editor = Editor::start("broken");
    let scenario = SCENARIO.replace("list_boks", "list_books");
    editor.save("scenarios/lists.yaml", &scenario);
    editor.open("specs/shelf.yaml", SPEC);
    editor.until_right("specs/shelf.yaml");
    let text = SPEC.replace("list_books", "|list_books");
    editor.at("textDocument/references", "specs/shelf.yaml", &text);
    // A line above is not finished, so that nothing below can be read.
    let broken = SPEC.replace("servers: [{", "\n\nservers: [{\"");
    let text = broken.replace("list_books", "list|_books");
    let found = editor.at("textDocument/references", "specs/shelf.yaml", &text);
    let given = json!({"uri": uri(&editor.folder.join("specs/shelf.yaml")), "range": range(&broken, "list_books")});
    let used = json!({"uri": uri(&editor.folder.join("scenarios/lists.yaml")), "range": range(&scenario, "list_books")});
    assert_eq!(found, json!([given, used]));
    let shown =
        editor.at("textDocument/hover", "specs/shelf.yaml", &broken.replace("path:", "pa|th:"));
    assert!(!shown.is_null());
    assert_eq!(editor.end(), 0);
}

#[test]
fn a_long_spec_is_answered_from_what_it_was_and_then_from_what_it_is() {
    let mut editor = Editor::start("long");
    let operation = |number: usize| {
        format!(
            "- operationId: op{number}\n  implements: L01\n  method: GET\n  path: /op{number}\n  \
             steps:\n  - find: {{in: books, where: {{id: x}}, as: book}}\n  - respond:\n      \
             status: 200\n"
        )
    };
    let operations: String = (0..200).map(operation).collect();
    let spec = format!("{SPEC}{operations}");
    let file = "specs/shelf.yaml";
    editor.open(file, &spec);
    assert!(editor.wrong(file).is_empty());
    let titles = |result: &Value| -> Vec<String> {
        let items = result["items"].as_array().unwrap().iter();
        items.map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    };
    let within = |from: &str, to: &str| spec.replacen(from, to, 1);
    let place = "path: /op150\n";
    for (text, known) in [
        (within("op150\n  implements: L01", "op150\n  implements: |"), "L01"),
        (within(place, "path: /op150\n  |\n"), "parameters"),
        (within("in: books", "in: bo|"), "books"),
        (within("operations:", "comp|\noperations:"), "components"),
    ] {
        let found = titles(&editor.at("textDocument/completion", file, &text));
        assert!(found.iter().any(|it| it == known), "{known} is not among {found:?}");
    }
    // What was just written is known too.
    let text = within("says: books are", "says: many books are").replacen("L01\n", "L|01\n", 1);
    let found = editor.at("textDocument/hover", file, &text);
    assert!(found["contents"]["value"].as_str().unwrap().contains("books are listed"));
    let text = within("- {id: L01", "- {id: L02, says: more}\n- {id: L01");
    let text = text.replacen("implements: L01", "implements: L0|2", 1);
    let found = editor.at("textDocument/hover", file, &text);
    assert!(found["contents"]["value"].as_str().unwrap().contains("says: more"), "{found}");
    assert_eq!(editor.end(), 0);
}
