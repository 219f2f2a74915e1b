//! The cases as they are written.

use std::path::Path;

/// What one trial does.
pub struct Case {
    pub name: String,
    /// Fields that an answer may have where none of that name is written.
    pub besides: Vec<String>,
    pub exchanges: Vec<Exchange>,
}

/// A request, the answer to it, and what the runner says of that answer.
#[derive(Clone, Default)]
pub struct Exchange {
    /// Of its first line in the file.
    pub line: usize,
    pub request: Vec<String>,
    pub answer: Vec<String>,
    pub fits: Vec<String>,
    pub differs: Vec<String>,
}

/// Reads the cases of a vendor.
pub fn read(vendor: &str) -> Result<Vec<Case>, String> {
    let place = format!("tests/statements/{vendor}.txt");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&place))
        .map_err(|error| format!("{place}: {error}\n"))?;
    let mut cases: Vec<Case> = Vec::new();
    let mut besides = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mistake = |message: &str| format!("{place}:{}: {message}\n", at + 1);
        if line.is_empty() || line.starts_with("# ") {
            continue;
        }
        if let Some(name) = line.strip_prefix("## ") {
            let (name, besides) = (name.to_owned(), besides.clone());
            cases.push(Case { name, besides, exchanges: Vec::new() });
            continue;
        }
        if let Some(field) = line.strip_prefix("* ") {
            besides.push(field.to_owned());
            continue;
        }
        let case = cases.last_mut().ok_or_else(|| mistake("no `## NAME` is above"))?;
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        if mark == ">" && case.exchanges.last().is_none_or(|last| !last.answer.is_empty()) {
            case.exchanges.push(Exchange { line: at + 1, ..Exchange::default() });
        }
        let exchange = case.exchanges.last_mut().ok_or_else(|| mistake("no request is above"))?;
        let lines = match mark {
            ">" => &mut exchange.request,
            "<" => &mut exchange.answer,
            "fits:" => &mut exchange.fits,
            "differs:" => &mut exchange.differs,
            _ => return Err(mistake("a line begins with `>`, `<`, `fits:` or `differs:`")),
        };
        lines.push(rest.to_owned());
    }
    let answered = |case: &Case| {
        !case.exchanges.is_empty() && case.exchanges.iter().all(|one| !one.answer.is_empty())
    };
    match cases.iter().find(|case| !answered(case)) {
        Some(case) => Err(format!("{place}: {}: a request has no answer\n", case.name)),
        None if cases.is_empty() => Err(format!("{place}: there are no cases\n")),
        None => Ok(cases),
    }
}
