//! Two targets side by side, for people and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use super::elapsed::elapsed;
use super::occurrence::{Everywhere, Told};
use super::printable::printable;
use super::shorten::around;
use super::style::Paint;
use super::terminal::skipped_text;
use crate::run::pair::{Difference, Likeness, Pair, PairedStep};
use crate::source::Span;
use crate::value::Value;
use crate::visible::{Notation, are_alike, unlike, visible};

/// How much of a value stands in a line.
const VALUE: usize = 160;

/// How many differences of a step are shown.
const DIFFERENCES: usize = 40;

/// How many other trials are named in which something differs too.
const TRIALS: usize = 20;

/// Two targets, and the trials that ran on both.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonReport<'a> {
    /// What the left side is called.
    pub left: &'a str,
    /// What the right side is called.
    pub right: &'a str,
    /// The trials.
    pub pairs: &'a [Pair],
    /// How long it took.
    pub duration: Duration,
}

/// For a terminal: what differs, each thing in the first trial in which it occurs, and a summary. `styled` adds ANSI colours.
pub fn text(report: &ComparisonReport<'_>, styled: bool) -> String {
    let paint = Paint { styled };
    let mut text = String::new();
    let left = paint.expected(&format!("- left   {}", printable(report.left)), false);
    let right = paint.actual(&format!("+ right  {}", printable(report.right)), false);
    // Writing to a string cannot fail.
    _ = writeln!(text, "{left}\n{right}\n");
    let everywhere = Everywhere::of(report.pairs);
    let told = vec![false; everywhere.all.len()];
    let mut drawing = Drawing { everywhere, told, paint, text };
    report.pairs.iter().for_each(|pair| drawing.pair(pair));
    let mut text = drawing.text;
    let skipped = report.pairs.iter().filter(|pair| pair.skipped.is_some()).count();
    let differs = report.pairs.iter().filter(|pair| pair.differs()).count();
    let same = report.pairs.len() - skipped - differs;
    let mut parts = vec![paint.good(&format!("{same} same"))];
    if differs > 0 {
        parts.push(paint.bad(&format!("{differs} differ")));
    }
    if skipped > 0 {
        parts.push(paint.doubtful(&format!("{skipped} skipped")));
    }
    let known = known(report.pairs);
    if !known.is_empty() {
        parts.push(paint.doubtful(&super::deviations(known.len())));
    }
    let once = only_once(report.pairs);
    if once > 0 {
        let steps = if once == 1 { "1 step" } else { &format!("{once} steps") };
        parts.push(paint.dim(&format!("{steps} only possible on one side")));
    }
    _ = writeln!(text, "{} in {}", parts.join(", "), elapsed(report.duration));
    for (told, count) in known {
        text.push_str(&super::terminal::known_line(&told, count, paint));
    }
    let skipped = report.pairs.iter().filter_map(|pair| Some((&*pair.name, pair.skipped.clone()?)));
    text.push_str(&skipped_text(skipped, paint));
    text
}

/// The deviations that the specs knew of, each once, with the number of differences that it
/// explains.
fn known(pairs: &[Pair]) -> Vec<(String, usize)> {
    let is_one = |a: &Span, b: &Span| a.start == b.start && a.source.path == b.source.path;
    let mut all: Vec<(&Span, String, usize)> = Vec::new();
    for known in pairs.iter().flat_map(|pair| &pair.steps).flat_map(|step| &step.known) {
        let deviation = &known.deviation;
        match all.iter_mut().find(|(span, ..)| is_one(span, &deviation.span)) {
            Some((.., count)) => *count += 1,
            None => {
                let operation = deviation.operation.as_deref().unwrap_or("all operations");
                let told = format!("{operation}: {} ({})", deviation.path, deviation.sentence());
                all.push((&deviation.span, told, 1));
            }
        }
    }
    all.into_iter().map(|(_, told, count)| (told, count)).collect()
}

/// Steps that one side cannot do, which makes no difference.
fn only_once(pairs: &[Pair]) -> usize {
    let steps = pairs.iter().flat_map(|pair| &pair.steps);
    let once = |step: &&PairedStep| {
        !step.counts && matches!(step.likeness, Likeness::OnlyLeft | Likeness::OnlyRight)
    };
    steps.filter(once).count()
}

/// What is drawn, and what was drawn already.
struct Drawing<'p> {
    everywhere: Everywhere<'p>,
    /// By its position, whether it was told.
    told: Vec<bool>,
    paint: Paint,
    text: String,
}

impl Drawing<'_> {
    fn is_new(&self, told: Told<'_>) -> bool {
        let at = self.everywhere.position(told);
        at.and_then(|at| self.told.get(at)) == Some(&false)
    }

    /// A trial in which something differs that was not told before.
    fn pair(&mut self, pair: &Pair) {
        let any_new = |step: &PairedStep| match step.differences.is_empty() {
            true => self.is_new(Told::Only(step)),
            false => step.differences.iter().any(|one| self.is_new(Told::Difference(one))),
        };
        if !pair.steps.iter().filter(|step| step.counts).any(any_new) {
            return;
        }
        let name = self.paint.bold(&printable(&pair.name));
        // Writing to a string cannot fail.
        _ = writeln!(self.text, "{} {name}", self.paint.bad("DIFFERS"));
        for step in &pair.steps {
            self.step(step);
        }
        self.text.push('\n');
    }

    fn step(&mut self, step: &PairedStep) {
        let paint = self.paint;
        let name = format!("{}{}", step.stage.prefix(), printable(&step.name));
        let (line, _) = step.span.line_column();
        let place = paint.dim(&format!("{}:{line}", step.span.source.path.display()));
        let sign = match step.likeness {
            Likeness::Same => paint.good("="),
            _ if !step.counts => paint.dim("·"),
            Likeness::Differs => paint.bad("≠"),
            Likeness::Neither => paint.bad("✗"),
            Likeness::OnlyLeft => paint.expected("-", false),
            Likeness::OnlyRight => paint.actual("+", false),
        };
        match step.likeness {
            Likeness::Same => {
                _ = writeln!(self.text, "  {sign} {}", paint.dim(&name));
            }
            Likeness::Differs => {
                _ = writeln!(self.text, "  {sign} {name}  {place}");
                self.differences(&step.differences);
            }
            only => {
                let reason = step.reason.as_ref().map(|reason| format!(": {}", printable(reason)));
                let reason = paint.dim(&format!("{}{}", only.name(), reason.unwrap_or_default()));
                _ = writeln!(self.text, "  {sign} {name}  {reason}  {place}");
                if step.counts && self.is_new(Told::Only(step)) {
                    let at = self.everywhere.position(Told::Only(step));
                    self.tell(at);
                    self.elsewhere(at);
                }
            }
        }
    }

    /// What is new of the differences of a step; those that occur in the same trials together.
    fn differences(&mut self, differences: &[Difference]) {
        let mut shown = 0;
        let (mut again, mut known) = (0, 0);
        let mut here: Vec<usize> = Vec::new();
        let mut before: Option<usize> = None;
        for difference in differences {
            let told = Told::Difference(difference);
            let at = self.everywhere.position(told);
            if !self.is_new(told) {
                // One that is new here, and comes more than once, is counted where it is told.
                again += usize::from(at.is_none_or(|at| !here.contains(&at)));
                known += 1;
                continue;
            }
            if shown == DIFFERENCES {
                continue;
            }
            shown += 1;
            if !self.occur_together(before, at) {
                self.elsewhere(before);
            }
            self.difference(difference, at);
            self.tell(at);
            here.extend(at);
            before = at;
        }
        self.elsewhere(before);
        let paint = self.paint;
        let more = differences.len() - shown - known;
        if more > 0 {
            let more = paint.dim(&format!("… {more} more differences …"));
            _ = writeln!(self.text, "      {more}");
        }
        if again > 0 && shown == 0 {
            _ = writeln!(self.text, "      {}", paint.dim("as above"));
        } else if again > 0 {
            let others = if again == 1 { "1 other".to_owned() } else { format!("{again} others") };
            _ = writeln!(self.text, "      {}", paint.dim(&format!("{others} as above")));
        }
    }

    fn difference(&mut self, difference: &Difference, at: Option<usize>) {
        let paint = self.paint;
        let [left, right] = [&difference.left, &difference.right].map(|side| drawn(side.as_ref()));
        let known = at.and_then(|at| self.everywhere.all.get(at));
        let varies = known.is_some_and(|known| known.varies);
        let varies =
            if varies { paint.dim("  elsewhere with other values") } else { String::new() };
        let path = paint.bold(&printable(&difference.path));
        _ = writeln!(self.text, "      {path}{varies}");
        let ours = format!("- {}", around(&left, &right, VALUE));
        let theirs = format!("+ {}", around(&right, &left, VALUE));
        _ = writeln!(self.text, "        {}", paint.expected(&ours, false));
        _ = writeln!(self.text, "        {}", paint.actual(&theirs, false));
        if let Some(hint) = hint(difference) {
            _ = writeln!(self.text, "        {}", paint.dim(&hint));
        }
    }

    fn tell(&mut self, at: Option<usize>) {
        if let Some(told) = at.and_then(|at| self.told.get_mut(at)) {
            *told = true;
        }
    }

    fn occur_together(&self, one: Option<usize>, other: Option<usize>) -> bool {
        let get = |at: Option<usize>| at.and_then(|at| self.everywhere.all.get(at));
        match (get(one), get(other)) {
            (Some(one), Some(other)) => {
                let same = one.places.len() == other.places.len()
                    && one.places.iter().zip(&other.places).all(|(a, b)| std::ptr::eq(a.1, b.1));
                same && one.count == other.count
            }
            (None, _) => true,
            (Some(_), None) => false,
        }
    }

    /// In which other trials something occurs too.
    fn elsewhere(&mut self, at: Option<usize>) {
        let Some(known) = at.and_then(|at| self.everywhere.all.get(at)) else { return };
        let trials = known.trials();
        if known.count < 2 {
            return;
        }
        let times = format!("{} times", known.count);
        let others: Vec<&str> = trials.iter().skip(1).copied().collect();
        let said = match trials.len() {
            1 => format!("{times} in this trial"),
            many => format!("{times} in {many} trials, also in"),
        };
        _ = writeln!(self.text, "      {}", self.paint.dim(&said));
        for name in others.iter().take(TRIALS) {
            _ = writeln!(self.text, "        {}", printable(name));
        }
        if others.len() > TRIALS {
            let more = self.paint.dim(&format!("and {} more", others.len() - TRIALS));
            _ = writeln!(self.text, "        {more}");
        }
    }
}

/// In what two texts differ that look alike.
pub(super) fn hint(difference: &Difference) -> Option<String> {
    let text = |side: &Option<Value>| side.as_ref().and_then(Value::as_str).map(str::to_owned);
    let (left, right) = (text(&difference.left)?, text(&difference.right)?);
    let told = are_alike(&left, &right).then(|| unlike(&left, &right))??;
    let (at, first, second) = (told.character, told.first, told.second);
    Some(format!("alike, but character {at} is {first} on the left and {second} on the right"))
}

/// As JSON, so that a number is told from its text, and nothing from null.
fn drawn(value: Option<&Value>) -> String {
    let Some(value) = value else { return "(absent)".to_owned() };
    let text = serde_json::to_string(value).unwrap_or_default();
    printable(&visible(&text, Notation::Json))
}
