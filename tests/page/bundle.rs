//! The document that is served is the one that the sources make.

use std::path::Path;
use std::process::Command;

use crate::support::folder::Folder;

#[test]
fn the_page_is_what_its_sources_make() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join("target/tools/page/installed").exists() {
        let asked = std::env::var_os("COUNTERPART_CLIENTS").is_some_and(|clients| clients == "all");
        assert!(!asked, "tests/tools.sh page installs what the page is made with");
        println!("SKIPPED esbuild: whether src/control/page.html is up to date is not looked at");
        return;
    }
    let folder = Folder::new("page-bundle", &[]);
    let made = folder.0.join("page.html");
    let output = Command::new("bash").arg(root.join("page/build.sh")).arg(&made).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = include_str!("../../src/control/page.html");
    assert!(folder.read("page.html") == kept, "page/build.sh makes another src/control/page.html");
}
