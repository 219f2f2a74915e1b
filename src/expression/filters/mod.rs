//! The filters behind `|`: Jinja's own and those that the spec language adds.

#![expect(clippy::unnecessary_wraps, reason = "all filters have one signature")]

mod digest;
mod list;
mod map;
mod number;
mod pair;
mod pattern;
mod printf;
mod text;
mod time;
mod token;

use std::borrow::Cow;

use super::cost::{Budget, Fault};
use super::numbers;
use super::operators::{Held, along, along_shown, kind, text_of};
use crate::value::Value;

/// What a filter gives: `None` is absent.
type Outcome = Result<Option<Value>, Fault>;

/// Works out what follows from constant arguments.
type Prepare = fn(&mut Call<'_>) -> Result<Prepared, Fault>;

/// A filter.
pub(super) struct Filter {
    pub(super) name: &'static str,
    /// Other names of it.
    aliases: &'static [&'static str],
    /// Those that may be left out end in `?`, one that takes any number of arguments in `*`.
    pub(super) parameters: &'static [&'static str],
    pub(super) apply: fn(&mut Call<'_>) -> Outcome,
    /// What is worked out once from constant arguments.
    pub(super) prepare: Option<Prepare>,
    /// A value that fits it, with which constant arguments are tried when a spec is loaded.
    pub(super) sample: Option<&'static str>,
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What was worked out from constant arguments.
#[derive(Debug)]
pub(super) enum Prepared {
    Pattern(regex_lite::Regex),
    Zone(jiff::tz::TimeZone),
    Span(jiff::Span, jiff::tz::TimeZone),
}

/// Finds something in a value by a path.
type Look = for<'v> fn(&'v Value, Option<&Value>) -> Option<Cow<'v, Value>>;

/// What a filter is applied to.
pub(super) struct Call<'c> {
    pub(super) value: Option<&'c Value>,
    /// By parameter; the outer `None` is one that is not given.
    pub(super) arguments: &'c [Option<Held<'c>>],
    /// Which of them are worked out: the first is the lowest bit.
    pub(super) worked_out: u32,
    pub(super) prepared: Option<&'c Prepared>,
    pub(super) budget: &'c mut Budget,
}

impl<'c> Call<'c> {
    /// Whether an argument is given, be it absent.
    fn is_given(&self, parameter: usize) -> bool {
        matches!(self.arguments.get(parameter), Some(Some(_)))
    }

    /// An argument that is given and there.
    fn argument(&self, parameter: usize) -> Option<&'c Value> {
        self.arguments.get(parameter)?.as_ref()?.as_deref()
    }

    /// What finds something in an item by the path that an argument gives. One that is worked out,
    /// perhaps from a request, finds nothing that is hidden.
    fn look(&self, parameter: usize) -> Look {
        if self.worked_out >> parameter & 1 == 1 { along_shown } else { along }
    }

    /// An argument that is given, there and not null.
    fn some(&self, parameter: usize) -> Option<&'c Value> {
        self.argument(parameter).filter(|value| !matches!(value, Value::Null))
    }

    /// The value as Jinja writes it.
    fn text(&mut self) -> Result<Cow<'c, str>, Fault> {
        let text = text_of(self.value, self.budget)?;
        self.budget.spend_text(text.len())?;
        Ok(text)
    }

    /// The value as the text of a form or a path has it: a text, a number or a boolean, nothing
    /// for absent.
    fn scalar(&mut self) -> Result<Cow<'c, str>, Fault> {
        let text = match self.value {
            None => Cow::Borrowed(""),
            Some(Value::Text(text)) => Cow::Borrowed(&**text),
            Some(Value::Bool(_) | Value::Integer(_) | Value::Number(_)) => self.text()?,
            other => return Err(Fault::misfit(format!("{} is not a string", kind(other)))),
        };
        self.budget.spend_text(text.len())?;
        Ok(text)
    }

    fn text_argument(&mut self, parameter: usize) -> Result<Option<Cow<'c, str>>, Fault> {
        match self.some(parameter) {
            None => Ok(None),
            some => text_of(some, self.budget).map(Some),
        }
    }

    /// An argument that has to be a text.
    fn word(&self, parameter: usize) -> Result<Option<&'c str>, Fault> {
        match self.some(parameter) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            other => Err(Fault::misfit(format!("{} is not a string", kind(other)))),
        }
    }

    fn whole_argument(&self, parameter: usize) -> Result<Option<i64>, Fault> {
        let Some(value) = self.some(parameter) else { return Ok(None) };
        let unfit = || Fault::misfit(format!("{} is not a whole number", kind(Some(value))));
        numbers::small(value).ok_or_else(unfit).map(Some)
    }

    /// An argument that is a number of things.
    fn count_argument(&self, parameter: usize) -> Result<Option<usize>, Fault> {
        let whole = self.whole_argument(parameter)?;
        whole
            .map(|count| {
                usize::try_from(count).map_err(|_| Fault::misfit("a count is not negative"))
            })
            .transpose()
    }

    fn flag(&self, parameter: usize) -> Result<bool, Fault> {
        match self.some(parameter) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            other => Err(Fault::misfit(format!("{} is not a boolean", kind(other)))),
        }
    }

    fn items(&mut self) -> Result<Cow<'c, [Value]>, Fault> {
        super::operators::items(self.value, self.budget)
    }
}

macro_rules! filters {
    ($($name:literal $aliases:tt $parameters:tt $apply:path $(, prepare $prepare:path)? $(, sample $sample:literal)? ;)*) => {
        &[$(Filter {
            name: $name,
            aliases: &$aliases,
            parameters: &$parameters,
            apply: $apply,
            prepare: filters!(@option $($prepare)?),
            sample: filters!(@option $($sample)?),
        }),*]
    };
    (@option) => { None };
    (@option $given:expr) => { Some($given) };
}

/// The filters that the parser knows itself.
pub(super) const BUILT_IN: [&str; 6] =
    ["attr", "map", "reject", "rejectattr", "select", "selectattr"];

/// All others.
pub(super) static FILTERS: &[Filter] = filters![
    "abs" [] [] number::abs;
    "base64" [] ["of?"] digest::base64, sample "";
    "base64_decode" [] [] digest::base64_decode;
    "base64url" [] ["of?"] digest::base64url, sample "";
    "batch" [] ["count", "fill?"] list::batch, sample "";
    "bool" [] [] number::bool;
    "brackets" [] [] text::brackets;
    "capitalize" [] [] text::capitalize;
    "chain" [] ["others*"] list::chain;
    "crc32" [] ["of?", "encoding?"] digest::crc32, sample "";
    "date" [] ["pattern", "zone?"] time::date, prepare time::prepare_date, sample "2024-01-01T00:00:00Z";
    "default" ["d"] ["value?", "boolean?"] map::default;
    "dictsort" [] ["case_sensitive?", "by?", "reverse?"] map::dictsort;
    "digits" [] ["count"] digest::digits, sample "";
    "escape" ["e"] [] text::escape;
    "findall" [] ["pattern"] pattern::findall, prepare pattern::prepare, sample "";
    "first" [] [] list::first;
    "float" [] ["default?"] number::float;
    "format" [] ["values*"] printf::format;
    "from_json" [] [] digest::from_json;
    "from_jwt" [] ["key", "algorithm?"] token::from_jwt, sample "";
    "group" [] ["key", "value"] map::group;
    "groupby" [] ["attribute", "default?", "case_sensitive?"] list::groupby;
    "hex" [] ["of?"] digest::hex, sample "";
    "hmac" [] ["key", "algorithm?", "encoding?", "of?", "key_of?"] digest::hmac, sample "";
    "http_date" [] [] time::http_date;
    "indent" [] ["width?", "first?", "blank?"] text::indent, sample "";
    "instant" [] [] time::instant;
    "int" [] ["default?", "base?"] number::int, sample "1";
    "items" [] [] map::items;
    "join" [] ["d?", "attribute?", "of?"] text::join;
    "json" [] [] digest::json;
    "jwk" [] [] token::jwk;
    "jwt" [] ["key", "algorithm?", "header?"] token::jwt;
    "jwt_error" [] ["key", "algorithm?", "at?"] token::jwt_error, sample "";
    "last" [] [] list::last;
    "length" ["count"] ["of?"] list::length;
    "lines" [] [] text::lines;
    "list" [] [] list::list;
    "lower" [] [] text::lower;
    "matches" [] ["pattern"] pattern::matches, prepare pattern::prepare, sample "";
    "max" [] ["case_sensitive?", "attribute?"] list::max;
    "md5" [] ["encoding?", "of?"] digest::md5, sample "";
    "merge" [] ["map"] map::merge;
    "min" [] ["case_sensitive?", "attribute?"] list::min;
    "omit" [] ["names"] map::omit;
    "pick" [] ["names"] map::pick;
    "plus" [] ["duration", "zone?"] time::plus, prepare time::prepare_span, sample "2024-01-01T00:00:00Z";
    "replace" [] ["from", "to"] text::replace;
    "reverse" [] [] list::reverse;
    "round" [] ["precision?", "method?"] number::round, sample "1";
    "safe" [] [] text::safe;
    "search" [] ["pattern"] pattern::search, prepare pattern::prepare, sample "";
    "sha1" [] ["encoding?", "of?"] digest::sha1, sample "";
    "sha256" [] ["encoding?", "of?"] digest::sha256, sample "";
    "sha512" [] ["encoding?", "of?"] digest::sha512, sample "";
    "slice" [] ["count", "fill?"] list::slice, sample "";
    "sort" [] ["reverse?", "case_sensitive?", "attribute?"] list::sort;
    "split" [] ["separator?", "most?"] text::split, sample "";
    "string" [] [] text::string;
    "sum" [] ["attribute?", "start?"] number::sum;
    "title" [] [] text::title;
    "to_list" [] ["key", "value"] map::to_list;
    "to_map" [] ["key", "value"] map::to_map;
    "trim" [] ["chars?"] text::trim;
    "unique" [] ["case_sensitive?", "attribute?"] list::unique;
    "upper" [] [] text::upper;
    "urldecode" [] [] text::urldecode;
    "urlencode" [] [] text::urlencode;
    "without" [] ["list"] map::without;
    "zip" [] ["others*"] list::zip;
];

/// `range(...)`, which is applied to nothing.
pub(super) static RANGE: Filter = Filter {
    name: "range",
    aliases: &[],
    parameters: &["from", "to?", "step?"],
    apply: list::range,
    prepare: None,
    sample: None,
};

/// The filter of that name, but for [`BUILT_IN`].
pub(super) fn get(name: &str) -> Option<&'static Filter> {
    FILTERS.iter().find(|filter| filter.name == name || filter.aliases.contains(&name))
}

/// Whether there is a filter of that name.
pub(super) fn exists(name: &str) -> bool {
    get(name).is_some() || BUILT_IN.contains(&name)
}
