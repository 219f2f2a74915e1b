//! Whom a client trusts, and what it shows.

use std::path::PathBuf;

/// Whom a client trusts, and what it shows.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Any certificate of a server is taken.
    pub insecure: bool,
    /// A certificate that an authority vouches for is taken whatever its name.
    pub any_name: bool,
    /// A file in PEM with authorities that are trusted too.
    pub authorities: Option<PathBuf>,
    /// The certificates of the client.
    pub shown: Vec<Shown>,
}

/// A certificate of the client.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The vendor whose endpoint it is shown to; without one it is shown wherever one is asked for.
    pub vendor: Option<String>,
    /// The file in PEM with the certificate.
    pub certificate: PathBuf,
    /// The file in PEM with its private key.
    pub key: PathBuf,
}
