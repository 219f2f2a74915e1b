//! Importers: the first byte says which one. What they write passes `check`, or they say what is
//! left.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::import::{Format, openapi, requests};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("counterpart-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
});

pub(crate) fn documents(input: &[u8]) {
    let Some((kind, document)) = input.split_first() else { return };
    let (name, format) = match kind % 4 {
        0 => ("api.yaml", None),
        1 => ("collection.json", Some(Format::Postman)),
        2 => ("traffic.har", Some(Format::Har)),
        _ => ("commands.sh", Some(Format::Curl)),
    };
    let path = FOLDER.join(name);
    fs::write(&path, document).expect("a file can be written");
    let imported = match format {
        None => openapi(&path, None).ok(),
        Some(format) => requests(format, &path, None, true).ok().and_then(|found| found.spec),
    };
    if let Some(imported) = imported.filter(|imported| imported.refused.is_empty()) {
        let checked = check_sources(&[Source::new("imported.yaml", imported.spec.clone())]);
        if let Err(mistakes) = checked {
            let said: Vec<_> = mistakes.iter().map(|told| &told.message).collect();
            panic!("it does not pass: {said:?}\n{}", imported.spec);
        }
    }
}
