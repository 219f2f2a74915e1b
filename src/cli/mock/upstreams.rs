//! How real vendors are asked, by `record` and by `serve --fallback`.

use std::time::Duration;

use clap::Args;

use crate::cli::test::arguments::Trusted;
use crate::proxy::Asking;

#[derive(Debug, Args)]
#[command(next_help_heading = "The real vendor")]
pub(super) struct Upstreams {
    #[command(flatten)]
    trusted: Trusted,
    /// Speak HTTP/2 with a vendor without TLS too, without asking it ('prior knowledge').
    #[arg(long)]
    upstream_http2: bool,
}

impl Upstreams {
    /// How they are asked; fails with what is wrong with the files.
    pub(super) fn asking(&self, patience: Duration) -> Result<Asking, String> {
        let trust = self.trusted.trust()?;
        Ok(Asking { trust, patience, http2: self.upstream_http2 })
    }

    /// The options that say something, where there is nobody whom they say it of.
    pub(super) fn said(&self) -> Option<&'static str> {
        if self.upstream_http2 { Some("--upstream-http2") } else { self.trusted.said() }
    }
}
