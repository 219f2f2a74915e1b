//! Where the database is, and whether the way to it is encrypted.

use std::error::Error as _;
use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::diagnostic::did_you_mean;

/// The words of libpq for how much TLS is wanted.
const MODES: [(&str, Wanted); 6] = [
    ("disable", Wanted::None),
    ("allow", Wanted::IfOffered),
    ("prefer", Wanted::IfOffered),
    ("require", Wanted::Any),
    ("verify-ca", Wanted::OfAuthority),
    ("verify-full", Wanted::OfName),
];

/// How much TLS is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    None,
    /// Where the database offers it, with any certificate.
    IfOffered,
    /// With any certificate.
    Any,
    /// With a certificate of an authority that is trusted.
    OfAuthority,
    /// With such a one for the name of the host.
    OfName,
}

/// How the way to the database is encrypted.
#[derive(Debug, Clone)]
pub(super) struct Encryption {
    wanted: Wanted,
    /// A file in PEM with authorities that are trusted too.
    pub(super) authorities: Option<PathBuf>,
}

impl Encryption {
    /// Whether TLS is spoken, at least where the database offers it.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted != Wanted::None
    }

    /// Whether nothing is sent without it.
    pub(super) fn is_required(&self) -> bool {
        !matches!(self.wanted, Wanted::None | Wanted::IfOffered)
    }

    /// Whether an authority has to vouch for the database.
    pub(super) fn is_verified(&self) -> bool {
        matches!(self.wanted, Wanted::OfAuthority | Wanted::OfName)
    }

    /// Whether it has to do so for the name of the host.
    pub(super) fn is_name_verified(&self) -> bool {
        self.wanted == Wanted::OfName
    }
}

/// Reads a URL, with what it says of TLS (`sslmode`, `sslrootcert`). Fails with what is wrong.
pub(super) fn read(url: &str) -> Result<(Config, Encryption), String> {
    let (rest, mode, authorities) = split(url);
    let mut config: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
        format!(
            "`--store` takes a URL such as postgres://USER:PASSWORD@HOST:5432/DATABASE: {error}{}",
            error.source().map(|source| format!(": {source}")).unwrap_or_default()
        )
    })?;
    let wanted = match &mode {
        None => Wanted::IfOffered,
        Some(mode) => {
            let known = MODES.iter().find(|(word, _)| word == mode).map(|(_, wanted)| *wanted);
            known.ok_or_else(|| {
                let help = did_you_mean(mode, MODES.map(|(word, _)| word)).unwrap_or_default();
                format!("`--store`: `{mode}` is not a valid `sslmode`; {help}")
            })?
        }
    };
    // As libpq has it: who names authorities wants them to be looked at.
    let wanted = match (wanted, &authorities) {
        (Wanted::Any, Some(_)) => Wanted::OfAuthority,
        (wanted, _) => wanted,
    };
    let by_socket = config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
    let encryption = match by_socket {
        // Nobody else can listen there.
        true => Encryption { wanted: Wanted::None, authorities },
        false => Encryption { wanted, authorities },
    };
    config.ssl_mode(match encryption.is_required() {
        true => SslMode::Require,
        false if encryption.is_wanted() => SslMode::Prefer,
        false => SslMode::Disable,
    });
    Ok((config, encryption))
}

/// The URL without what it says of TLS, which the driver knows a part of only.
fn split(url: &str) -> (String, Option<String>, Option<PathBuf>) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), None, None) };
    let (mut mode, mut authorities, mut rest) = (None, None, Vec::new());
    for pair in query.split('&') {
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
        };
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(decoded(value)),
            Some(("sslrootcert", value)) => authorities = Some(decoded(value).into()),
            _ => rest.push(pair),
        }
    }
    let rest = rest.join("&");
    let url = if rest.is_empty() { before.to_owned() } else { format!("{before}?{rest}") };
    (url, mode, authorities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_how_the_way_is_encrypted() {
        for (url, expected) in [
            ("postgres://u@db/base", "if offered"),
            ("postgres://u@db/base?sslmode=disable", "none"),
            ("postgres://u@db/base?sslmode=prefer&connect_timeout=3", "if offered"),
            ("postgres://u@db/base?sslmode=require", "any"),
            ("postgres://u@db/base?sslmode=require&sslrootcert=%2Fca.pem", "authority"),
            ("postgres://u@db/base?sslrootcert=a&sslmode=verify-ca", "authority"),
            ("postgres://u@db/base?sslmode=verify-full", "name"),
            ("postgres://u@%2Frun%2Fpostgres/base", "none"),
        ] {
            let (config, encryption) = read(url).unwrap();
            let found = match encryption.wanted {
                Wanted::None => "none",
                Wanted::IfOffered => "if offered",
                Wanted::Any => "any",
                Wanted::OfAuthority => "authority",
                Wanted::OfName => "name",
            };
            assert_eq!(found, expected, "{url}");
            let required = config.get_ssl_mode() == SslMode::Require;
            assert_eq!(required, ["any", "authority", "name"].contains(&expected), "{url}");
        }
        let wrong = read("postgres://u@db/base?sslmode=verify_full").unwrap_err();
        assert!(wrong.contains("did you mean `verify-full`"), "{wrong}");
        let wrong = read("postgres://u@db/base?sslcert=a").unwrap_err();
        assert!(wrong.contains("sslcert"), "{wrong}");
    }
}
