//! Specs that are loaded again when they change.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, Builder};
use std::time::Duration;

use crate::control::Control;
use crate::files;
use crate::files::watched::{Watched, with_named};
use crate::load::load_plans;
use crate::mock::feed::{Event, Feed};

/// How often files are looked at. What has changed has to stay as it is until the next time, so
/// that no file is read while it is being written.
const PERIOD: Duration = Duration::from_millis(200);
/// So often is waited for something that changes all the time.
const MOST_WAITS: usize = 3;

/// What the command line says of it.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Options {
    /// Reload specs when they change [default: on a terminal].
    #[arg(long, overrides_with = "no_watch")]
    watch: bool,
    /// Don't reload specs.
    #[arg(long)]
    no_watch: bool,
}

impl Options {
    /// Whether specs are loaded again. Those that are part of the program never change.
    pub(super) fn is_wanted(&self, paths: &[PathBuf]) -> bool {
        let wanted = self.watch || !self.no_watch && io::stderr().is_terminal();
        wanted && paths.iter().any(|path| !path.starts_with(files::BUILT_IN))
    }
}

/// Looks at the specs for as long as the program runs, and loads them again when they change.
pub(super) fn start(paths: Vec<PathBuf>, control: Arc<Control>, feed: Arc<Feed>) -> io::Result<()> {
    let mut named = named_in(&paths);
    let mut loaded = look(&paths, &named);
    Builder::new().name("watch".to_owned()).spawn(move || {
        loop {
            thread::sleep(PERIOD);
            let mut now = look(&paths, &named);
            if now == loaded {
                continue;
            }
            for _ in 0..MOST_WAITS {
                thread::sleep(PERIOD);
                let before = std::mem::replace(&mut now, look(&paths, &named));
                if now == before {
                    break;
                }
            }
            named = named_in(&paths);
            // What is named anew is as it is now.
            loaded = now.and(Watched::look(&named));
            feed.tell(load(&paths, &control));
        }
    })?;
    Ok(())
}

fn load(paths: &[PathBuf], control: &Control) -> Event {
    let specs = match load_plans(paths) {
        Ok(specs) => specs,
        Err(diagnostics) => return Event::NotReloaded(diagnostics.into()),
    };
    let vendors = specs.plans.iter().map(|plan| plan.service.vendor.clone()).collect();
    let lost = control.reload(specs.plans).unwrap_or_default();
    Event::Reloaded { vendors, lost }
}

/// The specs, and the files that they name: what is sent as it is (`file`), or is part of a tree
/// (`$file`).
fn named_in(paths: &[PathBuf]) -> Vec<PathBuf> {
    let specs: Vec<PathBuf> = specs(paths).paths().cloned().collect();
    with_named(&specs)
}

fn look(paths: &[PathBuf], named: &[PathBuf]) -> Watched {
    specs(paths).and(Watched::look(named))
}

fn specs(paths: &[PathBuf]) -> Watched {
    let is_spec = |path: &Path| {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !hidden
            && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
    };
    Watched::look(paths).only(is_spec)
}
