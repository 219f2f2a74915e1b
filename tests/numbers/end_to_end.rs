//! Numbers from the YAML of a scenario over the wire into the state of a mock, out of it again,
//! through captures and into reports, spelled as they were all the way.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::support::folder::Folder;
use super::{literal, number};

const SPEC: &str = r#"
counterpart: 1
vendor: scales
mediaTypes:
  application/json: {wire: json}
  application/xml: {wire: xml}
  application/x-www-form-urlencoded: {wire: form}
produces: [application/json, application/xml]
collections:
  weights: {key: n, schema: {type: object, properties: {n: {type: number}, t: {type: string}}}}
operations:
  - operationId: weigh
    method: POST
    path: /weights
    requestBody: {required: true, schema: {type: object, xml: {name: weight}, properties: {n: {type: number}, t: {type: string}}}}
    steps:
      - insert: {in: weights, values: "${body}", as: weight}
      - respond: {status: 200, body: {weight: "${weight}"}}
  - operationId: find
    method: GET
    path: /weights/{n}
    parameters:
      - {name: n, in: path, schema: {type: number}}
      - {name: spelled, in: query, schema: {type: string}}
    steps:
      - find: {in: weights, where: {n: "${path.n}"}, as: weight, orElse: None}
      - respond: {status: 200, headers: {X-N: "${weight.n}"}, text: "${query.spelled}|${weight.n}|${ weight.n == path.n }"}
errors: {None: {status: 404}}
"#;

/// Scenarios that take each number along each way.
fn scenarios(literals: &[String]) -> String {
    let mut text = String::from("counterpart: 1\nvendor: scales\nscenarios:\n");
    for (at, n) in literals.iter().enumerate() {
        for (way, media_type) in [
            ("json", "application/json"),
            ("xml", "application/xml"),
            ("form", "application/x-www-form-urlencoded"),
        ] {
            let sent = match way {
                "form" => format!("form: {{n: {n}, t: \"{n}\"}}"),
                "xml" => format!("xml: {{weight: {{n: {n}, t: \"{n}\"}}}}"),
                _ => format!("json: {{n: {n}, t: \"{n}\"}}"),
            };
            write!(
                text,
                r#"
  - name: "{at} {way}"
    variables: {{other: {n}}}
    steps:
      - request: {{method: POST, path: /weights, headers: {{Content-Type: {media_type}, Accept: application/json}}, {sent}}}
        expect:
          status: 200
          body: {{weight: {{n: {n}, t: "{n}"}}}}
          text: '{{"weight":{{"n":{n},"t":"{n}"}}}}'
          assert: "${{ response.body.weight.n == other and response.body.weight.n | string == response.body.weight.t }}"
        capture: {{n: $.weight.n, t: $.weight.t}}
      - state: weights
        expect: {{body: [{{n: "${{n}}", t: "{n}"}}], text: {{$contains: '"n":{n},'}}}}
      - request: {{method: GET, path: "/weights/${{n}}", query: {{spelled: "${{n}}"}}}}
        expect: {{status: 200, headers: {{X-N: "{n}"}}, text: "{n}|{n}|true"}}
      - put: {{weights: []}}
      - request: {{method: POST, path: /weights, headers: {{Accept: application/xml}}, json: {{n: "${{n}}", t: "x${{n}}"}}}}
        expect: {{status: 200, xpath: {{/weight/n: "{n}", /weight/t: "x{n}"}}, body: {{weight: {{n: {n}, t: "x{n}"}}}}}}
        capture: {{again: /weight/n}}
      - request: {{method: GET, path: "/weights/${{again}}", query: {{spelled: "${{again}}"}}}}
        expect: {{status: 200, text: "{n}|{n}|true"}}
"#
            )
            .unwrap();
        }
    }
    text
}

/// How many of those numbers a run found to be as they were; what it said otherwise.
fn run(name: &str, literals: &[String]) -> Result<String, String> {
    let folder = Folder::new(
        name,
        &[("specs/scales.yaml", SPEC), ("scenarios/scales.yaml", &scenarios(literals))],
    );
    let (code, out, err) = folder.run(&["run", "--report", "json=report.json"]);
    match code {
        Some(0) => Ok(folder.read("report.json")),
        _ => Err(format!("{out:.4000}{err:.2000}")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn numbers_are_spelled_as_they_were_all_the_way(
        literals in prop::collection::vec(literal(), 12..13)
    ) {
        let report = run("numbers", &literals).unwrap_or_else(|said| panic!("{literals:?}\n{said}"));
        for n in &literals {
            prop_assert!(report.contains(&format!("\\\"n\\\":{n},")), "{n}");
        }
    }
}

#[test]
fn numbers_beyond_all_bounds_are_spelled_as_they_were_too() {
    let literals = ["1e400", "-0", "-0.0", "0.30000000000000004", "1E99999999999", "1e-400"];
    let mut literals: Vec<String> = literals.map(str::to_owned).to_vec();
    literals.push("1234567890".repeat(4));
    literals.push(format!("0.{}1", "0".repeat(60)));
    assert!(literals.iter().all(|n| number(n).literal() == n));
    run("numbers-beyond", &literals).unwrap_or_else(|said| panic!("{said}"));
}
