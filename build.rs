//! Puts the specs and scenarios of this repository into the program: a table of path and text.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const FOLDERS: [&str; 2] = ["specs", "scenarios"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for folder in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        gather(&root.join(folder), &mut files)?;
    }
    files.sort();
    let rows: Vec<String> = files
        .iter()
        .map(|file| {
            let below = file.strip_prefix(&root).unwrap_or(file);
            let below: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            format!("({:?}, include_str!({:?})),", below.join("/"), file.display().to_string())
        })
        .collect();
    fs::write(out.join("built_in.rs"), format!("&[\n{}\n]", rows.join("\n")))
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
