//! Long texts: what a question costs grows with the text, and no faster.

use std::fs;

use serde_json::{Value, json};

use crate::editor::{Editor, SPEC, place, uri};

/// How much more is done for ten times as much text, at most. Twice as much as in proportion leaves
/// room for what is done in order (sorting, memory that grows); in proportion to the square it would
/// be a hundred.
const MORE: u64 = 20;

/// So often each question is asked about ten times as much text, and ten times as often about less.
const OFTEN: u64 = 2;

/// What takes less is not told from nothing: the system counts in hundredths of a second.
const LEAST: u64 = 5;

#[test]
fn ten_times_as_much_text_takes_ten_times_as_long() {
    let (short, long) = (costs(62, OFTEN * 10), costs(620, OFTEN));
    for ((question, short), (_, long)) in short.into_iter().zip(long) {
        if let (Some(short), Some(long)) = (short, long) {
            let most = short.max(LEAST) * MORE / 10;
            assert!(long < most, "{question}: {short}, and {long} for ten times as much text");
        }
    }
}

/// What each question costs about a spec with so many operations of eight lines, and scenarios for
/// a quarter of them.
fn costs(operations: usize, often: u64) -> Vec<(&'static str, Option<u64>)> {
    let mut editor = Editor::start(&format!("long{operations}"));
    let operation = |number: usize| {
        format!(
            "- operationId: op{number}\n  implements: L01\n  method: GET\n  path: /op{number}\n  \
             steps:\n  - find: {{in: books, where: {{title: x}}, as: book}}\n  - respond:\n      \
             status: 200\n"
        )
    };
    let rest: String = (0..operations).map(operation).collect();
    let spec = format!("{SPEC}{rest}");
    let scenario = |number: usize| {
        format!(
            "- name: s{number}\n  covers: [L01]\n  steps:\n  - call: op{number}\n    expect: \
             {{status: 200}}\n"
        )
    };
    let scenarios: String = (0..operations / 4).map(scenario).collect();
    let file = "specs/shelf.yaml";
    editor.save(
        "scenarios/all.yaml",
        &format!("counterpart: 1\nvendor: shelf\nscenarios:\n{scenarios}"),
    );
    editor.open(file, &spec);
    editor.until_right(file);
    let document = json!({"uri": uri(&editor.folder.join(file))});
    let at = |part: &str| place(&spec[..spec.rfind(part).unwrap() + part.len()]);
    let (statement, operation) = (at("implements: L0"), at("operationId: op"));
    let mut costs = Vec::new();
    for (method, position, more) in [
        ("hover", &statement, json!({})),
        ("completion", &statement, json!({})),
        ("definition", &statement, json!({})),
        ("references", &statement, json!({"context": {"includeDeclaration": true}})),
        ("prepareRename", &operation, json!({})),
        ("rename", &operation, json!({"newName": "another"})),
        ("rename", &statement, json!({"newName": "L02"})),
        ("codeAction", &statement, json!({"range": {"start": statement, "end": statement}})),
    ] {
        let mut params = json!({"textDocument": document, "position": position});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let method = format!("textDocument/{method}");
        // The first one reads what the others know.
        editor.ask(&method, &params);
        let before = time_on_processors(&editor);
        for _ in 0..often {
            assert_eq!(editor.ask(&method, &params)["error"], Value::Null, "{method}");
        }
        let spent = time_on_processors(&editor).zip(before).map(|(now, then)| now - then);
        costs.push((name(&method), spent));
    }
    // What is typed: each time something else is wrong.
    let before = time_on_processors(&editor);
    for turn in 0..often {
        let wrong = format!("pth{turn}: /op9\n");
        editor.change(file, &json!([{"text": spec.replacen("path: /op9\n", &wrong, 1)}]));
        editor.ask(
            "textDocument/codeAction",
            &json!({"textDocument": document, "range": {"start": statement, "end": statement}}),
        );
    }
    let spent = time_on_processors(&editor).zip(before).map(|(now, then)| now - then);
    costs.push(("diagnostics", spent));
    assert_eq!(editor.end(), 0);
    costs
}

fn name(method: &str) -> &'static str {
    let names = ["hover", "completion", "definition", "references", "prepareRename", "codeAction"];
    names.into_iter().find(|name| method.ends_with(name)).unwrap_or("rename")
}

/// How long the program was on a processor, in hundredths of a second: unlike what a clock shows, not
/// how long it waited for others. Not known on all systems.
fn time_on_processors(editor: &Editor) -> Option<u64> {
    let told = fs::read_to_string(format!("/proc/{}/stat", editor.child.id())).ok()?;
    let (_, behind_name) = told.rsplit_once(") ")?;
    let mut numbers = behind_name.split(' ').skip(11);
    let mut next = || numbers.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}
