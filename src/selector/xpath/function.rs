//! The functions of XPath 1.0 section 4, what they take and what they give.

use super::kind::Kind;
use crate::diagnostic::nearest;
use crate::selector::SelectorError;

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    /// Its name in expressions.
    pub(super) name: &'static str,
    /// Which one it is.
    pub(super) which: Which,
    /// How many arguments it takes at least.
    pub(super) least: usize,
    /// How many arguments it takes at most.
    pub(super) most: usize,
    /// Whether its arguments are nodes; other ones are converted.
    pub(super) of_nodes: bool,
    /// What it gives.
    pub(super) gives: Kind,
}

/// Which function it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Boolean,
    Ceiling,
    Concat,
    Contains,
    Count,
    False,
    Floor,
    Lang,
    Last,
    LocalName,
    Name,
    NamespaceUri,
    NormalizeSpace,
    Not,
    Number,
    Position,
    Round,
    StartsWith,
    String,
    StringLength,
    Substring,
    SubstringAfter,
    SubstringBefore,
    Sum,
    Translate,
    True,
}

const fn of_values(
    name: &'static str,
    which: Which,
    (least, most): (usize, usize),
    gives: Kind,
) -> Function {
    Function { name, which, least, most, of_nodes: false, gives }
}

const fn of_nodes(name: &'static str, which: Which, least: usize, gives: Kind) -> Function {
    Function { name, which, least, most: 1, of_nodes: true, gives }
}

/// All but `id`, which needs a document type definition.
static FUNCTIONS: [Function; 26] = [
    of_values("boolean", Which::Boolean, (1, 1), Kind::Boolean),
    of_values("ceiling", Which::Ceiling, (1, 1), Kind::Number),
    of_values("concat", Which::Concat, (2, usize::MAX), Kind::Text),
    of_values("contains", Which::Contains, (2, 2), Kind::Boolean),
    of_nodes("count", Which::Count, 1, Kind::Number),
    of_values("false", Which::False, (0, 0), Kind::Boolean),
    of_values("floor", Which::Floor, (1, 1), Kind::Number),
    of_values("lang", Which::Lang, (1, 1), Kind::Boolean),
    of_values("last", Which::Last, (0, 0), Kind::Number),
    of_nodes("local-name", Which::LocalName, 0, Kind::Text),
    of_nodes("name", Which::Name, 0, Kind::Text),
    of_nodes("namespace-uri", Which::NamespaceUri, 0, Kind::Text),
    of_values("normalize-space", Which::NormalizeSpace, (0, 1), Kind::Text),
    of_values("not", Which::Not, (1, 1), Kind::Boolean),
    of_values("number", Which::Number, (0, 1), Kind::Number),
    of_values("position", Which::Position, (0, 0), Kind::Number),
    of_values("round", Which::Round, (1, 1), Kind::Number),
    of_values("starts-with", Which::StartsWith, (2, 2), Kind::Boolean),
    of_values("string", Which::String, (0, 1), Kind::Text),
    of_values("string-length", Which::StringLength, (0, 1), Kind::Number),
    of_values("substring", Which::Substring, (2, 3), Kind::Text),
    of_values("substring-after", Which::SubstringAfter, (2, 2), Kind::Text),
    of_values("substring-before", Which::SubstringBefore, (2, 2), Kind::Text),
    of_nodes("sum", Which::Sum, 1, Kind::Number),
    of_values("translate", Which::Translate, (3, 3), Kind::Text),
    of_values("true", Which::True, (0, 0), Kind::Boolean),
];

/// The function of a name.
pub(super) fn named(name: &str) -> Result<&'static Function, SelectorError> {
    if let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) {
        return Ok(function);
    }
    if name == "id" {
        let message = "the function `id` of XPath 1.0 is not supported";
        return Err(SelectorError::about(name, message));
    }
    let message = format!("XPath 1.0 has no function `{name}`");
    let error = SelectorError::about(name, message);
    Err(match nearest(name, FUNCTIONS.iter().map(|function| function.name)) {
        Some(near) => error.with(&format!("did you mean `{near}`?")),
        None => error,
    })
}

impl Function {
    /// Whether without an argument it is about the context node.
    pub(super) fn is_about_context(&self) -> bool {
        self.least == 0 && self.most == 1
    }

    /// That it takes another number of arguments; `written` is the call.
    pub(super) fn miscounted(&self, given: usize, written: &str) -> SelectorError {
        let takes = match (self.least, self.most) {
            (0, 0) => "no argument".to_owned(),
            (1, 1) => "1 argument".to_owned(),
            (least, usize::MAX) => format!("at least {least} arguments"),
            (0, 1) => "at most 1 argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} or {most} arguments"),
        };
        let message = format!("`{}` takes {takes}, not {given}", self.name);
        SelectorError::about(written, message)
    }
}
