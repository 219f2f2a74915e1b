//! The host by which a vendor is asked.

use super::Reader;
use super::request::fixed;
use crate::diagnostic::Diagnostic;
use crate::model::{Text, TextPart};
use crate::syntax::{Node, ReadNode};

impl<'n> Reader<'n, '_> {
    /// `host`, beside a `call` or a `request`.
    pub(super) fn host(&mut self, node: &'n Node) -> Option<Text> {
        let host = self.trees.text(node, &self.scope)?;
        let fits = host.parts.iter().all(|part| match part {
            TextPart::Literal(literal) => is_part_of_host(literal),
            TextPart::Expression(_) => true,
        });
        if host.parts.is_empty() || !fits {
            let message = "a host is a name, with a port if needed";
            self.report(
                Diagnostic::error("bad-host", message, &node.span, "is not a valid host")
                    .help("without scheme and path: api.example.com"),
            );
            return None;
        }
        if let Some(fixed) = fixed(&host)
            && self.service.server_at(without_port(fixed)).is_none()
        {
            // That it is not answered there may be the point of a test.
            let message = format!("no server of `{}` has the host `{fixed}`", self.service.vendor);
            let servers = self.service.servers.iter().map(|server| &*server.url);
            let help = format!("its servers: {}", servers.collect::<Vec<_>>().join(", "));
            let diagnostic = Diagnostic::error("unknown-host", message, &node.span, "not known");
            self.report(diagnostic.warning().help(help));
        }
        Some(host)
    }
}

/// What RFC 3986 section 3.2 lets stand in a host and a port.
fn is_part_of_host(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=:[]".contains(c))
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}
