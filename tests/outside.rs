//! What the command line gives scenarios: variables, files of them, and of the environment.

mod support;

use counterpart::MockServer;
use support::library::folder;

const SUITE: &str = "counterpart: 1\nvendor: library\nvariables: {status: 418, key: nobody}\n\
    authenticate: {token: '${key}'}\nscenarios:\n  - name: a\n    steps:\n      \
    - {call: read_book, with: {path: {id: 1}, headers: {X-Own: '${env.COUNTERPART_OWN}'}}, expect: {status: '${status}'}}\n";

#[test]
fn variables_and_the_environment_come_from_files_and_the_command_line() {
    let folder = folder("outside-given");
    folder.write("a.yaml", SUITE);
    folder.write("staging.yaml", "status: 500\nkey: library-key\n");
    folder.write(".env", "# a comment\nexport COUNTERPART_OWN='so secret a word'\n");
    let run = |more: &[&str]| folder.run(&[&["run", "a.yaml"], more].concat());
    let (code, _, said) = run(&[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("COUNTERPART_OWN` of the environment is not set"), "{said}");
    let files = ["--env-file", ".env", "--variables-file", "staging.yaml"];
    let (code, out, _) = run(&files);
    assert_eq!(code, Some(1));
    assert!(out.contains("the status is 404, not 500"), "{out}");
    assert!(out.contains("${COUNTERPART_OWN}") && !out.contains("so secret"), "{out}");
    let (code, out, _) = run(&[&files[..], &["--variable", "status=404"]].concat());
    assert_eq!(code, Some(0), "{out}");
    let (code, _, said) = run(&[&files[..], &["--variable", "statsu=404"]].concat());
    assert_eq!(code, Some(2));
    assert!(said.contains("has the variable `statsu`; did you mean `status`?"), "{said}");
    folder.write(".env", "COUNTERPART_OWN=1\nno variable\n");
    let (code, _, said) = run(&files);
    assert_eq!(code, Some(2));
    assert!(said.contains(".env:2:1") && said.contains("NAME=VALUE"), "{said}");
    let (code, out, said) = folder.run(&["check", "a.yaml", "--variable", "status=1000"]);
    assert_eq!(code, Some(0), "{out}{said}");
}

/// A row for each record, against a real server.
#[test]
fn rows_come_from_files() {
    let folder = folder("outside-rows");
    let mock = MockServer::builder().specs([folder.0.join("specs")]).start().unwrap();
    let rows = [
        ("rows.csv", "row,id,status\nfirst,1,404\nsecond,\"2\",404\n"),
        ("rows.tsv", "row\tid\tstatus\nfirst\t1\t404\nsecond\t2\t404\n"),
        (
            "rows.json",
            r#"[{"row": "first", "id": 1, "status": 404}, {"row": "second", "id": 2, "status": 404}]"#,
        ),
        ("rows.yml", "- {row: first, id: 1, status: 404}\n- {row: second, id: 2, status: 404}\n"),
    ];
    let target = format!("library={}", mock.url("library"));
    for (name, text) in rows {
        folder.write(&format!("suites/data/{name}"), text);
        let suite = format!(
            "counterpart: 1\nvendor: library\nauthenticate: {{token: library-key}}\nscenarios:\n  \
             - name: a\n    rows: {{file: data/{name}}}\n    steps:\n      \
             - {{call: read_book, with: {{path: {{id: '${{id}}'}}}}, expect: {{status: '${{status}}'}}}}\n"
        );
        folder.write("suites/a.yaml", &suite);
        let (code, out, said) = folder.run(&["run", "suites", "--list"]);
        assert_eq!(code, Some(0), "{name}: {out}{said}");
        assert_eq!(out, "library/a/a [first]: test\nlibrary/a/a [second]: test\n", "{name}");
        let (code, out, said) = folder.run(&["run", "suites", "--target", &target]);
        assert_eq!((code, &*said), (Some(0), ""), "{name}: {out}{said}");
        std::fs::remove_file(folder.0.join("suites/data").join(name)).unwrap();
    }
}
