//! From files to plans: what `check` finds and `plan` compiles, in one step.

use std::path::PathBuf;
use std::sync::Arc;

use crate::check;
use crate::diagnostic::Diagnostic;
use crate::mock::{example, unwritable};
use crate::model::Service;
use crate::parallel;
use crate::plan::{self, Plan};
use crate::source::Source;
use crate::syntax::Node;

/// Specs that are ready to be served.
#[derive(Debug)]
pub struct Specs {
    /// One for each vendor, in the order of the paths.
    pub plans: Vec<Arc<Plan>>,
    /// What is worth knowing about them.
    pub warnings: Vec<Diagnostic>,
}

/// Loads all specs in files and folders. Fails with every mistake of every file.
pub fn load_plans(paths: &[PathBuf]) -> Result<Specs, Vec<Diagnostic>> {
    load_plans_with(paths, &[])
}

/// The same, with files that say more of a vendor, wherever they are.
pub(crate) fn load_plans_with(
    paths: &[PathBuf],
    more: &[PathBuf],
) -> Result<Specs, Vec<Diagnostic>> {
    let loaded = check::load_with(paths, more)?;
    Ok(Specs { plans: compile(loaded.services)?, warnings: loaded.warnings })
}

/// Loads the spec of one vendor, whose text may be in several sources. Fails with every mistake.
pub fn load_sources(sources: &[Arc<Source>]) -> Result<Specs, Vec<Diagnostic>> {
    let checked = check::check_sources(sources)?;
    Ok(Specs { plans: compile(vec![checked.service])?, warnings: checked.warnings })
}

/// All that there is to say about the spec of one vendor, its examples too, of each place by itself.
pub(crate) fn load_each(root: &Node) -> Vec<Diagnostic> {
    let told = check::check_each(root).and_then(|checked| {
        let plans = compile(vec![checked.service])?;
        Ok(plans.iter().flat_map(example::run).chain(checked.warnings).collect())
    });
    told.unwrap_or_else(|found: Vec<Diagnostic>| found)
}

/// Compiles what was checked. Fails with what no answer can be written for.
pub(crate) fn compile<S: Into<Arc<Service>> + Send>(
    services: Vec<S>,
) -> Result<Vec<Arc<Plan>>, Vec<Diagnostic>> {
    let mut plans = Vec::with_capacity(services.len());
    let mut diagnostics = Vec::new();
    for compiled in parallel::each(services, |service: S| plan::compile(service.into())) {
        match compiled {
            Ok(plan) => {
                diagnostics.extend(unwritable::find(&plan));
                plans.push(Arc::new(plan));
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    if diagnostics.is_empty() { Ok(plans) } else { Err(diagnostics) }
}
