//! Colours of the terminal, or none.

use anstyle::{AnsiColor, Style};

/// Puts text into colours, if there are to be any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    /// Whether there are colours.
    pub(super) styled: bool,
}

impl Paint {
    fn with(self, style: Style, text: &str) -> String {
        if self.styled && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// What is wrong.
    pub(super) fn bad(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }

    /// What is right.
    pub(super) fn good(self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default().bold(), text)
    }

    /// What is to be looked at.
    pub(super) fn doubtful(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// What matters less.
    pub(super) fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// What matters more.
    pub(super) fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    /// A piece of a line that was expected.
    pub(super) fn expected(self, text: &str, emphasized: bool) -> String {
        let style = AnsiColor::Red.on_default();
        self.with(if emphasized { style.invert() } else { style }, text)
    }

    /// A piece of a line that is there.
    pub(super) fn actual(self, text: &str, emphasized: bool) -> String {
        let style = AnsiColor::Green.on_default();
        self.with(if emphasized { style.invert() } else { style }, text)
    }
}
