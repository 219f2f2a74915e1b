//! Clients that others wrote.

use std::process::{Command, Output, Stdio};

/// What a tool says: its code, its output, and what it says beside that. None, said on stderr, where
/// it is not there.
pub fn tool(name: &str, arguments: &[&str]) -> Option<(Option<i32>, String, String)> {
    let mut command = Command::new(name);
    match command.args(arguments).stdin(Stdio::null()).output() {
        Ok(Output { status, stdout, stderr }) => {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            Some((status.code(), text(&stdout), text(&stderr)))
        }
        Err(error) => {
            eprintln!("SKIPPED: there is no {name}: {error}");
            assert!(std::env::var_os("CI").is_none(), "there is no {name}");
            None
        }
    }
}

/// curl, with those arguments beside the usual ones.
pub fn curl(arguments: &[&str]) -> Option<(Option<i32>, String, String)> {
    let usual = ["-sS", "--noproxy", "*", "--max-time", "60", "-i"];
    tool("curl", &[&usual, arguments].concat())
}
