//! Coverage as a table for a terminal, and what is missing.

use std::fmt::Write as _;

use super::{Coverage, Group, ItemKind, NotSeen, VendorCoverage};
use crate::report::style::Paint;

/// How wide a line gets: what terminals have at least.
const WIDTH: usize = 80;

/// How many names are listed below one; a list of all languages helps nobody.
const NAMES: usize = 24;

/// A table with a line for each vendor, a line for all statements, and below it what is missing.
/// Ends with a line feed.
pub fn text(coverage: &Coverage, styled: bool) -> String {
    let paint = Paint { styled };
    let mut text = table(coverage, paint);
    let statements = || {
        let groups = coverage.vendors.iter().flat_map(|vendor| &vendor.groups);
        groups.filter(|group| group.kind == ItemKind::Statement)
    };
    let all: usize = statements().map(|group| group.items.len()).sum();
    let exercised: usize = statements().map(Group::exercised).sum();
    let line = format!("{exercised} of {all} statements covered");
    text.push_str(&if exercised == all { paint.good(&line) } else { paint.bad(&line) });
    text.push('\n');
    for vendor in &coverage.vendors {
        text.push_str(&missing(vendor, paint));
    }
    text
}

/// What is exercised of what there is, in a column for each kind.
fn table(coverage: &Coverage, paint: Paint) -> String {
    let mut text = String::new();
    let Some(first) = coverage.vendors.first() else { return text };
    let wide = coverage.vendors.iter().map(|v| v.vendor.chars().count()).max().unwrap_or(0);
    let column = |at: usize| {
        let groups = coverage.vendors.iter().filter_map(move |vendor| vendor.groups.get(at));
        let cells = groups.clone().map(|group| cell(group).chars().count());
        cells.chain(groups.map(|group| group.kind.plural().chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..first.groups.len()).map(column).collect();
    // Writing to a string cannot fail.
    _ = write!(text, "{:wide$}", "");
    for (group, width) in first.groups.iter().zip(&widths) {
        _ = write!(text, "  {}", paint.dim(&format!("{:>width$}", group.kind.plural())));
    }
    text.push('\n');
    for vendor in &coverage.vendors {
        text.push_str(&paint.bold(&format!("{:wide$}", vendor.vendor)));
        for (group, width) in vendor.groups.iter().zip(&widths) {
            let cell = format!("{:>width$}", cell(group));
            let whole = group.missing().next().is_none();
            _ = write!(text, "  {}", if whole { cell } else { paint.doubtful(&cell) });
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

fn cell(group: &Group) -> String {
    match group.is_seen() {
        _ if group.items.is_empty() => "–".to_owned(),
        true => format!("{}/{}", group.exercised(), group.items.len()),
        false => format!("-/{}", group.items.len()),
    }
}

fn missing(vendor: &VendorCoverage, paint: Paint) -> String {
    let mut text = String::new();
    for group in &vendor.groups {
        if let Some(not_seen) = &group.not_seen {
            text.push_str(&note(vendor, group, not_seen, paint));
        }
        if group.missing().next().is_none() || !group.is_seen() {
            continue;
        }
        let title = format!("{}: {} {}", vendor.vendor, group.kind.plural(), group.kind.lacks());
        let _ = writeln!(text, "\n{}", paint.bold(&title));
        match group.kind {
            ItemKind::Statement => {
                for item in group.missing() {
                    let says = item.says.as_deref().unwrap_or_default();
                    let _ = writeln!(text, "  {}  {says}", paint.bad(&item.name));
                }
            }
            ItemKind::Operation | ItemKind::Error => {
                text.push_str(&wrapped("", group.missing().map(|item| &*item.name)));
            }
            ItemKind::Parameter => text.push_str(&below(group, '.')),
            ItemKind::EnumValue => text.push_str(&below(group, '=')),
            ItemKind::Transition => {
                for item in group.missing() {
                    let _ = write!(text, "  {}", paint.bad(&item.name));
                    if let Some(span) = &item.span {
                        let _ = write!(text, "  {}", paint.dim(&span.to_string()));
                    }
                    if let Some(says) = &item.says {
                        let _ = write!(text, "  {says}");
                    }
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Why nothing, or not all, is known of items.
fn note(vendor: &VendorCoverage, group: &Group, not_seen: &NotSeen, paint: Paint) -> String {
    let NotSeen { trials, all, reason } = not_seen;
    let of = match (all, trials) {
        (true, _) => String::new(),
        (false, 1) => " of one trial".to_owned(),
        (false, trials) => format!(" of {trials} trials"),
    };
    let title = format!("{}: {} not seen{of}", vendor.vendor, group.kind.plural());
    format!("\n{}: {reason}\n", paint.bold(&title))
}

/// What is missing below one name in one paragraph, such as the values of a parameter.
fn below(group: &Group, separator: char) -> String {
    let mut owners: Vec<(&str, Vec<&str>)> = Vec::new();
    for item in group.missing() {
        let (owner, name) = item.name.split_once(separator).unwrap_or(("", &item.name));
        match owners.last_mut() {
            Some((known, names)) if *known == owner => names.push(name),
            _ => owners.push((owner, vec![name])),
        }
    }
    let paragraph = |(owner, mut names): (&str, Vec<&str>)| {
        let more = names.len().saturating_sub(NAMES);
        names.truncate(NAMES);
        let more = (more > 0).then(|| format!("and {more} more"));
        wrapped(&format!("{owner}: "), names.into_iter().chain(more.as_deref()))
    };
    owners.into_iter().map(paragraph).collect()
}

/// Names with commas between, in lines that are not too wide, below each other behind the title.
fn wrapped<'a>(title: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut lines = vec![format!("  {title}")];
    let mut empty = true;
    for name in names {
        let length = lines.last().map_or(0, |line| line.chars().count());
        if !empty && length + name.chars().count() + 2 > WIDTH {
            lines.push("      ".to_owned());
            empty = true;
        }
        if let Some(line) = lines.last_mut() {
            if !empty {
                line.push(' ');
            }
            line.push_str(name);
            line.push(',');
        }
        empty = false;
    }
    if let Some(last) = lines.last_mut() {
        last.pop();
    }
    lines.join("\n") + "\n"
}
