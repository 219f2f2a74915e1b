//! What the command line says of TLS.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::serve::ServerTls;

/// Whether TLS is spoken, and by which certificates.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Options {
    /// Speak TLS, with certificates from an authority created in memory: one for each name that
    /// clients ask for. The authority's own certificate is written to stderr, for clients to trust.
    #[arg(long, help_heading = "TLS")]
    tls: bool,
    /// Write the certificate of the authority to a file instead of stderr.
    #[arg(
        long,
        help_heading = "TLS",
        value_name = "FILE",
        requires = "tls",
        conflicts_with = "tls_cert"
    )]
    tls_ca_out: Option<PathBuf>,
    /// Speak TLS with the certificates of a file in PEM, the server's own first.
    #[arg(long, help_heading = "TLS", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// A file in PEM with the private key of that certificate.
    #[arg(long, help_heading = "TLS", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Ask clients for a certificate, and accept those that the authorities of a file in PEM vouch
    /// for; `securitySchemes` of type `mutualTLS` decide about other clients.
    #[arg(long, help_heading = "TLS", value_name = "FILE")]
    tls_client_ca: Option<PathBuf>,
}

impl Options {
    /// The server's side of TLS, if any is wanted; fails with what is wrong with it.
    pub(super) fn read(&self) -> Result<Option<ServerTls>, String> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => ServerTls::with_files(certificate, key),
            _ if self.tls => ServerTls::with_authority(),
            _ if self.tls_client_ca.is_some() => {
                return Err("--tls-client-ca needs --tls, or --tls-cert with --tls-key: \
                            without TLS no client shows a certificate"
                    .to_owned());
            }
            _ => return Ok(None),
        };
        let tls = tls.and_then(|tls| match &self.tls_client_ca {
            Some(file) => tls.with_client_authorities(file),
            None => Ok(tls),
        });
        tls.map(Some).map_err(|error| error.to_string())
    }

    /// Tells clients whom to trust.
    pub(super) fn tell(&self, tls: &ServerTls, err: &mut dyn Write) -> Result<(), String> {
        let Some(authority) = tls.authority() else { return Ok(()) };
        match &self.tls_ca_out {
            Some(file) => std::fs::write(file, authority)
                .map_err(|error| format!("{} cannot be written: {error}", file.display())),
            None => {
                let told = err.write_all(authority.as_bytes()).and_then(|()| err.flush());
                told.map_err(|error: io::Error| error.to_string())
            }
        }
    }
}
