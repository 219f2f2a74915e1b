//! A line for each request, coloured by how it ended, and a summary.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::control::shown::Shown;
use crate::diagnostic::Diagnostic;
use crate::mock::entry::Told;
use crate::mock::feed::Happened;
use crate::mock::metrics::Counts;
use crate::mock::session::Lost;
use crate::plan::Plan;
use crate::report::printable::{body, one_line, printable};
use crate::report::snippet;
use crate::report::style::Paint;

/// The longest path that is drawn, and the longest reason.
const LONGEST: usize = 200;
/// So many lines of a body are drawn.
const MOST_LINES: usize = 40;
/// So many rules are in a summary.
const MOST_RULES: usize = 20;
/// Colours are taken out where they are not wanted.
const PAINT: Paint = Paint { styled: true };

/// A line for a request, with its bodies below when those are wanted.
pub fn request(happened: &Happened, with_bodies: bool) -> String {
    let Happened { at, session, told, plans, .. } = happened;
    let shown = Shown::new(plans, told);
    let time = at.to_zoned(TimeZone::system()).strftime("%H:%M:%S%.3f").to_string();
    let mut line = PAINT.dim(&time);
    if !session.is_empty() {
        _ = write!(line, " {}", PAINT.dim(&format!("@{session}")));
    }
    let target = shown.target();
    // The session has been named already.
    let path = target.strip_prefix(&format!("/@{session}")).unwrap_or(&target);
    let target = one_line(path, LONGEST);
    _ = write!(line, " {} {target}", PAINT.bold(told.request.method.as_str()));
    _ = write!(
        line,
        " {} {}",
        outcome(told, told.status.as_str()),
        PAINT.dim(&duration(told.duration))
    );
    let name = match (shown.vendor(), shown.operation()) {
        (Some(vendor), Some(operation)) => format!("{vendor}/{operation}"),
        (Some(vendor), None) => vendor.to_owned(),
        (None, _) => String::new(),
    };
    if !name.is_empty() {
        _ = write!(line, " {name}");
    }
    if let Some(url) = shown.forwarded() {
        _ = write!(line, "  {}", PAINT.dim(&format!("answered by {url}")));
    }
    let reason = shown.reason();
    // A fault that answers is the reason.
    if let Some(fault) = shown.fault().filter(|_| reason.is_none()) {
        _ = write!(line, "  {}", PAINT.bad(&format!("fault: {fault}")));
    }
    if let Some(reason) = reason {
        let rule = shown.rule().map(|rule| format!("{rule}: ")).unwrap_or_default();
        let reason = format!("{rule}{}", one_line(&reason, LONGEST));
        _ = write!(line, "  {}", outcome(told, &reason));
    }
    line.push('\n');
    if with_bodies {
        put_body(&mut line, ">", &shown, &told.request.body);
        put_body(&mut line, "<", &shown, &told.body);
    }
    line
}

fn put_body(line: &mut String, mark: &str, shown: &Shown<'_>, bytes: &bytes::Bytes) {
    if bytes.is_empty() {
        return;
    }
    let text = match shown.body(bytes) {
        Some(text) => body(text.as_bytes(), MOST_LINES),
        None => body(bytes, MOST_LINES),
    };
    for drawn in text.lines() {
        _ = writeln!(line, "  {} {drawn}", PAINT.dim(mark));
    }
}

/// Something in the colour of how the request ended.
fn outcome(told: &Told, text: &str) -> String {
    match told.status.as_u16() {
        500.. => PAINT.bad(text),
        _ if told.is_refused() => PAINT.doubtful(text),
        _ => PAINT.good(text),
    }
}

fn duration(duration: Duration) -> String {
    match duration.as_micros() {
        ..1_000 => format!("{} µs", duration.as_micros()),
        1_000..1_000_000 => format!("{:.1} ms", duration.as_secs_f64() * 1_000.0),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}

/// A line that no request is the cause of.
pub fn said(text: &str) -> String {
    format!("counterpart: {}\n", printable(text).replace('\n', " "))
}

/// Specs were loaded again.
pub fn reloaded(vendors: &[Arc<str>], lost: &[(Arc<str>, Lost)]) -> String {
    let mut text = said(&format!("loaded again: {}", vendors.join(", ")));
    for (session, Lost { vendor, collection, reason }) in lost {
        let whose = match &**session {
            "" => String::new(),
            name => format!(" of the session @{name}"),
        };
        text += &said(&format!(
            "the rows of {vendor}/{collection}{whose} do not fit any more, so they are as the \
             fixtures are: {}",
            one_line(reason, LONGEST)
        ));
    }
    text
}

/// Specs were not loaded again.
pub fn not_reloaded(diagnostics: &[Diagnostic]) -> String {
    let drawn = snippet::render(diagnostics, true);
    format!("{drawn}\n{}", said("not loaded again; what was loaded before is served"))
}

/// A line that says how many requests came too fast to be drawn.
pub fn missed(count: u64) -> String {
    let text = format!("… {count} more, which came faster than they could be written …");
    format!("{}\n", PAINT.dim(&text))
}

/// How many requests there were for each vendor, and which rules refused them.
pub fn summary(counts: &Counts, plans: &[Arc<Plan>]) -> String {
    let mut vendors: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for plan in plans {
        vendors.entry(&plan.service.vendor).or_default();
    }
    for ((vendor, ..), count) in &counts.requests {
        vendors.entry(vendor).or_default()[0] += count;
    }
    for (vendor, count) in &counts.refused {
        vendors.entry(vendor).or_default()[1] += count;
    }
    let total: u64 = vendors.values().map(|[all, _]| all).sum();
    let refused: u64 = vendors.values().map(|[_, refused]| refused).sum();
    let mut text = format!("\n{}", PAINT.bold(&counted(total, "request")));
    _ = match refused {
        0 => writeln!(text),
        _ => writeln!(text, ", {} refused", PAINT.doubtful(&refused.to_string())),
    };
    let width = vendors.keys().map(|name| name.len().max(8)).max().unwrap_or_default();
    for (name, [all, refused]) in vendors.iter().filter(|(_, [all, _])| *all > 0) {
        let name = if name.is_empty() { "no vendor" } else { name };
        _ = write!(text, "  {name:width$}  {all:>8}");
        _ = match refused {
            0 => writeln!(text),
            _ => writeln!(text, "  {refused:>8} refused"),
        };
    }
    let mut rules: Vec<_> =
        counts.refusals.iter().map(|((_, rule), count)| (rule, count)).collect();
    rules.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let explained = rules.iter().map(|(_, count)| **count).sum();
    if !rules.is_empty() {
        _ = writeln!(text, "refused by");
    }
    for (rule, count) in rules.iter().take(MOST_RULES) {
        _ = writeln!(text, "  {count:>8}  {rule}");
    }
    if let Some(more) = rules.len().checked_sub(MOST_RULES).filter(|more| *more > 0) {
        _ = writeln!(text, "  {} more", counted(more as u64, "rule"));
    }
    if let Some(others) = refused.checked_sub(explained).filter(|count| *count > 0) {
        _ = writeln!(text, "  {others:>8}  no rule: unknown paths, malformed requests, and faults");
    }
    text
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
