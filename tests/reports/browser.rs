//! A browser without a window.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PLACES: [&str; 2] = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

/// A browser with a profile of its own.
pub(crate) struct Browser {
    program: &'static str,
    profile: PathBuf,
}

impl Browser {
    /// The browser of this machine, if it has one; its profile goes into the folder.
    pub(crate) fn find(folder: &Path) -> Option<Self> {
        let program = PLACES.into_iter().find(|place| Path::new(place).exists())?;
        Some(Self { program, profile: folder.join("profile") })
    }

    /// The page as it is once its script has run.
    pub(crate) fn document(&self, address: &str) -> String {
        let output = Command::new(self.program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--timeout=30000",
                "--dump-dom",
            ])
            .arg(format!("--user-data-dir={}", self.profile.display()))
            .arg(address)
            .stdin(Stdio::null())
            .output()
            .expect("the browser starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the browser failed: {errors}");
        String::from_utf8(output.stdout).expect("a document is UTF-8")
    }
}
