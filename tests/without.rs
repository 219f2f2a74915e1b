//! Statements are taken out of specs, so that nothing is left of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use counterpart::check::check_sources;
use counterpart::model::{Service, without};
use counterpart::source::Source;

const SPEC: &str = r#"
counterpart: 1
vendor: library
servers: [{url: "https://library.example"}]
mediaTypes: {application/json: {wire: json}}
errors: {Invalid: {status: 400}}
failures: {invalid: Invalid}
statements:
  - {id: L01, says: "a note is kept"}
  - {id: L02, says: "a title has at most 3 characters"}
operations:
  - operationId: read
    method: GET
    path: /books
    parameters:
      - {name: note, in: query, schema: {type: string}, implements: L01}
      - {name: title, in: query, schema: {type: string, maxLength: 3}, implements: L02}
    steps:
      - respond: {status: 200, body: {note: "${query.note}", title: "${query.title}"}}
"#;

/// Of each parameter: whether it counts as not sent, and how many constraints it has.
fn parameters(service: &Service) -> Vec<(bool, usize)> {
    let parameters = service.operations.iter().flat_map(|operation| &operation.parameters);
    parameters.map(|p| (p.schema.read_only, p.schema.constraints.len())).collect()
}

#[test]
fn a_parameter_that_takes_any_text_is_taken_out_as_a_whole() {
    let service = check_sources(&[Source::new("library.yaml", SPEC)]).unwrap().service;
    assert_eq!(parameters(&service), [(false, 0), (false, 1)]);
    assert_eq!(parameters(&without(&service, 0)), [(true, 0), (false, 1)]);
    assert_eq!(parameters(&without(&service, 1)), [(false, 0), (false, 0)]);
}
