//! The examples of the reference load together as one vendor, so that what it says works.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::model::{
    Additional, Evidence, Failure, Place, Route, Schema, Segment, Service, Tree, Type, Verb,
};
use counterpart::unstable::value::Value;
use proptest::prelude::*;

const PAGE: &str = include_str!("../docs/spec-language.md");

/// Each YAML block as a file of its own, padded so that its lines are the page's.
fn blocks(page: &str) -> Vec<Arc<Source>> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for (at, line) in page.lines().enumerate() {
        match &mut block {
            None if line == "```yaml" => block = Some("\n".repeat(at + 1)),
            Some(text) if line == "```" => {
                blocks.push(Source::new("docs/spec-language.md", std::mem::take(text)));
                block = None;
            }
            Some(text) => {
                text.push_str(line);
                text.push('\n');
            }
            None => {}
        }
    }
    blocks
}

fn library() -> Service {
    match check_sources(&blocks(PAGE)) {
        Ok(checked) => {
            assert!(checked.warnings.is_empty(), "{:#?}", checked.warnings);
            checked.service
        }
        Err(diagnostics) => panic!("{diagnostics:#?}"),
    }
}

/// Some spec, without mistakes or the test fails.
fn load(text: &str) -> Service {
    let text = format!("counterpart: 1\nvendor: shop\n{text}");
    check_sources(&[Source::new("shop.yaml", text)]).unwrap_or_else(|d| panic!("{d:#?}")).service
}

fn keywords(schema: &Schema) -> Vec<&'static str> {
    schema.constraints.iter().map(|constraint| constraint.keyword.word.name()).collect()
}

#[test]
fn the_reference_is_a_spec_without_mistakes() {
    let service = library();
    assert!(blocks(PAGE).len() > 10);
    assert_eq!(&*service.vendor, "library");
    assert_eq!(service.servers[0].base_path.as_ref(), "/api/v2");
    let host = service.servers[0].host.as_deref();
    assert_eq!(host, Some(r"(?i)^[^.]+\.library\.example$"));
    assert_eq!(service.examples.len(), 9);
    assert_eq!(service.response_headers.len(), 2);
}

#[test]
fn rules_have_names_statements_and_evidence() {
    let service = library();
    let rule = |name: &str| {
        service.rules.iter().find(|rule| &*rule.name == name).unwrap_or_else(|| panic!("{name}"))
    };
    let implements = |name: &str| -> Vec<&str> {
        rule(name).statements.iter().map(|at| &*service.statements[*at].id).collect()
    };
    assert_eq!(implements("Book.title.maxLength"), ["L02"]);
    assert_eq!(rule("Book.title.maxLength").evidence, Evidence::Documented);
    assert_eq!(implements("read_book.steps[0].find"), ["L01"]);
    assert_eq!(implements("collections.books.unique[0]"), ["L03"]);
    assert_eq!(implements("errors.NoKey"), ["L04"]);
    assert_eq!(implements("failures.type"), ["L02"]);
    assert_eq!(rule("Book.isbn.checks[0].maxLength").evidence, Evidence::Assumed);
    // The schema is used in five places and is one rule in each.
    let twice = service.rules.iter().filter(|rule| &*rule.name == "Book.title.maxLength");
    assert_eq!(twice.count(), 1);
}

#[test]
fn what_is_referred_to_is_joined_with_what_stands_beside() {
    let service = library();
    let books = &service.collections[service.collection("books").unwrap().0];
    let names: Vec<&str> = books.schema.properties.iter().map(|p| &*p.name).collect();
    assert_eq!(names[..2], ["title", "isbn"]);
    assert_eq!(names[names.len() - 6..], ["id", "secret", "public_id", "label", "etag", "changed"]);
    assert!(matches!(books.schema.additional, Additional::Refused));
    assert!(books.schema.properties[0].required);
    assert_eq!(
        keywords(&books.schema.properties[1].schema),
        ["pattern", "maxLength", "must", "exists"]
    );

    let service = load(
        r##"
components:
  schemas:
    Base: {type: object, required: [a], properties: {a: {type: string, maxLength: 5}, b: {}}, checks: [{must: "${ true }"}]}
collections:
  rows:
    key: id
    schema:
      $ref: "#/components/schemas/Base"
      required: [id]
      properties: {id: {type: integer}, a: {minLength: 1, maxLength: 7}}
      checks: [{must: "${ false }"}]
"##,
    );
    let schema = &service.collections[0].schema;
    let names: Vec<_> = schema.properties.iter().map(|p| (&*p.name, p.required)).collect();
    assert_eq!(names, [("a", true), ("b", false), ("id", true)]);
    let a = &schema.properties[0].schema;
    assert_eq!(a.types, [Type::String]);
    assert_eq!(a.constraints[1].keyword.shown(), "maxLength: 7");
    assert_eq!(keywords(schema), ["must", "must"]);
}

#[test]
fn constraints_stand_in_the_order_of_the_reference() {
    let service = load(
        "settings:\n  s: {type: string, checks: [{maxLength: 3}], pattern: a, maxLength: 2, \
         minLength: 1, enum: [aa]}\n",
    );
    let schema = &service.settings[0].schema;
    assert_eq!(keywords(schema), ["enum", "minLength", "maxLength", "pattern", "maxLength"]);
}

#[test]
fn operations_say_how_they_are_reached_and_what_they_take() {
    let service = library();
    let operation = |id: &str| service.operations.iter().find(|o| &*o.id == id).unwrap();
    let read = operation("read_book");
    let Route::Http { method, path } = &read.bindings[0].route else { panic!("{read:?}") };
    assert_eq!(method, http::Method::GET);
    assert_eq!(path, &[Segment::Literal("books".into()), Segment::Parameter("id".into())]);
    assert!(read.parameters[0].required);
    assert!(!read.parameters[1].explode);
    assert_eq!(read.security[0].schemes[0].0.0, 0);

    let renew = operation("Renew");
    let places: Vec<Place> = renew.bindings.iter().map(|b| b.parameters_in).collect();
    assert_eq!(places, [Place::Query, Place::Form, Place::Body, Place::Soap]);
    assert_eq!(renew.bindings[1].failures.0[0].0, Failure::Required);
    assert_eq!(*renew.bindings[2].parameters_at, ["params".into()]);
    assert!(!renew.bindings[3].parameters_required);
    assert!(renew.parameters.iter().all(|p| p.place == Place::Bound));
    assert!(operation("confirm_loan").bindings.is_empty());
    assert!(operation("create_book").validate_all);
}

#[test]
fn steps_know_their_collections_and_trees_are_folded() {
    let service = library();
    let lend = service.operations.iter().find(|o| &*o.id == "lend").unwrap();
    let books = service.collection("books").unwrap();
    let changed: Vec<_> = lend
        .steps
        .iter()
        .filter_map(|step| match &step.verb {
            Verb::Update(verb) => Some((&**verb.record, verb.collection)),
            Verb::Change(verb) => Some((&**verb.record, verb.collection)),
            Verb::Delete(verb) => Some((&**verb.record, verb.collection)),
            _ => None,
        })
        .collect();
    assert_eq!(changed, [("book", books); 5]);
    let body = |id: &str| {
        let operation = service.operations.iter().find(|o| &*o.id == id).unwrap();
        operation.steps.iter().rev().find_map(|step| match &step.verb {
            Verb::Respond(respond) => respond.tree().cloned(),
            _ => None,
        })
    };
    assert!(matches!(body("read_book"), Some(Tree::Expression(_))));
    let Some(Tree::Map(shelves)) = body("list_shelves") else { panic!() };
    let Tree::Map(shared) = &shelves[0].1 else { panic!() };
    let Tree::ForEach { item, .. } = &shared[0].1 else { panic!() };
    let Tree::Map(members) = &**item else { panic!() };
    assert!(matches!(members[1].1, Tree::If { .. }));

    let service = load(
        "operations:\n- {operationId: a, method: GET, path: /, steps: [{respond: {status: 200, \
         body: {a: [1, {b: '$${x}'}], c: ~}}}]}\n",
    );
    let Verb::Respond(respond) = &service.operations[0].steps[0].verb else { panic!() };
    let Some(Tree::Constant(value)) = respond.tree() else { panic!("not folded") };
    assert_eq!(value.to_string(), r#"{"a":[1,{"b":"${x}"}],"c":null}"#);
    assert_eq!(value.get("c"), Some(&Value::Null));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is done to a spec, the loader says something or nothing, and never falls over.
    #[test]
    fn no_spec_makes_the_loader_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, "[a-z0-9\\-:{}\\[\\]\"$ \n&*|]{0,3}"), 1..6),
    ) {
        let mut page: Vec<char> = PAGE.chars().collect();
        for (at, length, text) in cuts {
            let start = at.index(page.len());
            let end = (start + length).min(page.len());
            page.splice(start..end, text.chars());
        }
        let page: String = page.into_iter().collect();
        let _ = check_sources(&blocks(&page));
    }
}
