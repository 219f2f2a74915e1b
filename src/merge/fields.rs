//! The members of a JSON report, with what is said where one is not as it has to be.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

/// A value, and where in the report it stands.
#[derive(Debug, Clone)]
pub(super) struct Field<'v> {
    value: &'v Value,
    path: String,
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

impl<'v> Field<'v> {
    /// The whole report.
    pub(super) fn root(value: &'v Value) -> Self {
        Self { value, path: "$".to_owned() }
    }

    /// That it is something else than was expected.
    pub(super) fn is_not<T>(&self, expected: &str) -> Result<T, String> {
        Err(format!("`{}` is not {expected}", self.path))
    }

    /// A member that has to be there.
    pub(super) fn get(&self, name: &str) -> Result<Self, String> {
        self.find(name).ok_or_else(|| {
            format!(
                "`{}.{name}` is missing: is it a report of `run --report json=FILE`?",
                self.path
            )
        })
    }

    /// A member that may be absent or null.
    pub(super) fn find(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self { value, path: format!("{}.{name}", self.path) })
    }

    /// The items of a list; none where it is absent.
    pub(super) fn list(&self, name: &str) -> Result<Vec<Self>, String> {
        let Some(list) = self.find(name) else { return Ok(Vec::new()) };
        list.items()
    }

    /// The items of this list.
    pub(super) fn items(&self) -> Result<Vec<Self>, String> {
        let Some(items) = self.value.as_array() else { return self.is_not("a list") };
        let item = |(at, value)| Self { value, path: format!("{}[{at}]", self.path) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// Each with that read from it.
    pub(super) fn each<T>(
        &self,
        name: &str,
        read: impl FnMut(Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.list(name)?.into_iter().map(read).collect()
    }

    /// This text.
    pub(super) fn as_text(&self) -> Result<&'v str, String> {
        self.value.as_str().map_or_else(|| self.is_not("a string"), Ok)
    }

    /// A text that has to be there.
    pub(super) fn text(&self, name: &str) -> Result<Arc<str>, String> {
        Ok(self.get(name)?.as_text()?.into())
    }

    /// A text that may be absent.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<Arc<str>>, String> {
        self.find(name).map(|text| Ok(text.as_text()?.into())).transpose()
    }

    /// A number that counts something.
    pub(super) fn number<N: TryFrom<u64>>(&self, name: &str) -> Result<N, String> {
        let field = self.get(name)?;
        let number = field.value.as_u64().and_then(|number| N::try_from(number).ok());
        number.map_or_else(|| field.is_not("a whole number"), Ok)
    }

    /// A duration in seconds.
    pub(super) fn seconds(&self, name: &str) -> Result<Duration, String> {
        let field = self.get(name)?;
        let seconds = field.value.as_f64().and_then(|it| Duration::try_from_secs_f64(it).ok());
        seconds.map_or_else(|| field.is_not("a number of seconds"), Ok)
    }

    /// A word of a list of them.
    pub(super) fn word<W: Copy>(
        &self,
        name: &str,
        words: &[W],
        of: impl Fn(W) -> &'static str,
    ) -> Result<W, String> {
        let field = self.get(name)?;
        let text = field.as_text()?;
        let found = words.iter().copied().find(|word| of(*word) == text);
        found.map_or_else(
            || {
                let known: Vec<_> = words.iter().map(|word| of(*word)).collect();
                Err(format!("`{field}` is `{text}`, and not one of {}", known.join(", ")))
            },
            Ok,
        )
    }
}
