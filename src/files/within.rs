//! What a file may name: other files, but none outside of some folders.

use std::path::{Component, Path, PathBuf};

use super::{BUILT_IN, is_folder};

/// Folders beyond which no name leads.
#[derive(Debug, Default, Clone)]
pub(crate) struct Within {
    folders: Vec<PathBuf>,
}

impl Within {
    /// The working directory, and the folders that are named, or hold the files that are.
    pub(crate) fn of<'p>(named: impl IntoIterator<Item = &'p Path>) -> Self {
        let folder = |path: &'p Path| match is_folder(path) {
            true => Some(path),
            false => path.parent(),
        };
        let named = named.into_iter().filter_map(folder);
        let named =
            named.map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path });
        let folders = named.chain([Path::new(".")]).filter_map(|path| path.canonicalize().ok());
        Self { folders: folders.collect() }
    }

    /// Whether a path leads to something in one of them, whatever links it goes by. What is not
    /// there leads where its nearest folder that is there does.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        if path.starts_with(BUILT_IN) {
            return !path.components().any(|part| part == Component::ParentDir);
        }
        // `..` behind something that is not there goes back from it. The working directory is
        // there, also where it is not named.
        let mut plain = if path.is_relative() { PathBuf::from(".") } else { PathBuf::new() };
        for part in path.components() {
            match part {
                Component::ParentDir if !plain.exists() => _ = plain.pop(),
                other => plain.push(other),
            }
        }
        let real = plain.ancestors().find_map(|path| path.canonicalize().ok());
        real.is_some_and(|real| self.folders.iter().any(|folder| real.starts_with(folder)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let base = std::env::temp_dir().join(format!("counterpart-{name}-{}", std::process::id()));
        std::fs::create_dir_all(base.join("in/a/b")).unwrap();
        std::fs::create_dir_all(base.join("out")).unwrap();
        std::fs::write(base.join("out/secret"), "s").unwrap();
        std::fs::write(base.join("in/a/file"), "f").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(base.join("out"), base.join("in/link")).ok();
            std::os::unix::fs::symlink(base.join("out/secret"), base.join("in/a/secret")).ok();
        }
        base.canonicalize().unwrap()
    }

    #[test]
    fn names_are_of_the_working_directory() {
        let within = Within::of([Path::new("Cargo.toml")]);
        for (name, is_within) in [
            ("Cargo.toml", true),
            ("none/../Cargo.toml", true),
            ("./src/../none", true),
            ("../none", false),
            ("..", false),
            ("./../none", false),
            ("none/../../none", false),
            ("src/../../none", false),
        ] {
            assert_eq!(within.holds(Path::new(name)), is_within, "{name}");
        }
    }

    proptest! {
        /// Whatever is read by a name that is held stands in the folder.
        #[test]
        fn no_name_leads_out(
            parts in prop::collection::vec(
                prop_oneof![
                    Just(".."), Just("."), Just("a"), Just("b"), Just("link"), Just("secret"),
                    Just("file"), Just("none"), Just("out"), Just("in"), Just(""), Just("etc"),
                ],
                1..8,
            ),
            absolute in any::<bool>(),
        ) {
            let base = scratch("within");
            let within = Within { folders: vec![base.join("in")] };
            let name = parts.join("/");
            let path = match absolute {
                true => PathBuf::from(format!("/{name}")),
                false => base.join("in/a").join(name.trim_start_matches('/')),
            };
            if within.holds(&path) && let Ok(real) = path.canonicalize() {
                prop_assert!(real.starts_with(base.join("in")), "{}", path.display());
            }
            if let Ok(real) = path.canonicalize() {
                prop_assert_eq!(within.holds(&path), real.starts_with(base.join("in")));
            }
        }
    }
}
