//! Where the requests of a step go.

use super::perform::Undone;
use super::request::{Unmade, Way, written_headers};
use super::trial::Trial;
use super::url;
use crate::model::{Server, Text};

impl Trial<'_> {
    /// The way to the vendor, or to it by a host of its own.
    ///
    /// A mock is reached at its own address all the same, but without the vendor's name in the
    /// path: the host has to tell. A real endpoint is never asked by another host than its own.
    pub(super) fn way(&self, host: Option<&Text>) -> Result<Way, Undone> {
        let headers = written_headers(self.scenario.headers.as_deref(), &self.scope)?;
        let Some(host) = host else {
            return Ok(Way { base: self.base.clone(), host: None, headers });
        };
        let host = self.scope.text(host)?;
        let name = match url::parse(&format!("http://{host}")) {
            Ok(url) if url.target.is_empty() => url.origin.host.to_ascii_lowercase(),
            _ => return Err(Unmade::Other(format!("`{host}` is not a valid host")).into()),
        };
        let Some(control) = &self.control else {
            let own = &self.base.origin;
            return match own.host.eq_ignore_ascii_case(&name) {
                true => Ok(Way { base: self.base.clone(), host: None, headers }),
                false => Err(Undone::AnotherHost(own.authority())),
            };
        };
        let server = self.service.server_at(&name).or_else(|| self.service.servers.first());
        let mut base = control.session().clone();
        base.target.push_str(server.map_or("", |server: &Server| &server.base_path));
        Ok(Way { base, host: Some(host.to_string()), headers })
    }
}
