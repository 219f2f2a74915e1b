//! `counterpart-mock schema`: what editors complete and check specs and scenarios by.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

/// Asks for a schema.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// The language.
    #[arg(value_name = "LANGUAGE")]
    language: Language,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    /// Specs.
    Spec,
    /// Scenarios, and files of steps.
    Scenario,
}

impl Schema {
    /// Writes the JSON Schema.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<ExitCode> {
        let text = match self.language {
            Language::Spec => include_str!("../../../schemas/spec.schema.json"),
            Language::Scenario => include_str!("../../../schemas/scenario.schema.json"),
        };
        out.write_all(text.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}
