//! Each spec in `tests/vendors` loads without a word, and its examples hold. They are of invented
//! vendors that are unlike those in `specs/`, so that the language stays a general one.

use std::path::Path;

use counterpart::load::load_plans;
use counterpart::mock::example;

#[test]
fn the_examples_of_each_spec_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors");
    let specs = load_plans(&[folder]).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"));
    assert!(specs.warnings.is_empty(), "{:#?}", specs.warnings);
    for plan in &specs.plans {
        assert!(!plan.service.examples.is_empty(), "{} has no examples", plan.service.vendor);
        let differences = example::run(plan);
        assert!(differences.is_empty(), "{differences:#?}");
    }
    assert_eq!(specs.plans.len(), 6);
}
