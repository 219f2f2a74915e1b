//! Whether a mock is there, before trials begin.

use super::client::Patience;
use super::control::Control;
use super::runner::{Runner, Target};
use crate::exchange::{CONTROL_PATH, TOKEN_VARIABLE};
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

impl Runner {
    /// Asks the mock that trials of these vendors go to, if they go to one, whether it is there
    /// and serves them. Fails with what to say: one sentence, rather than a failure for each trial.
    pub fn find_mock(&self, vendors: &[&str]) -> Result<(), String> {
        let mut on_mock = vendors.iter().filter_map(|vendor| match self.target(vendor) {
            Some(Target::Mock { base_url }) => Some((*vendor, base_url)),
            _ => None,
        });
        let Some((vendor, url)) = on_mock.next() else { return Ok(()) };
        let control = Control::new(self.client.clone(), url.clone(), vendor.into());
        let patience = Patience::new(self.options.request_timeout, None);
        let response = control
            .call("GET", "health", None, patience)
            .response
            .map_err(|failure| format!("no mock at {url}: {}", failure.kind))?;
        if response.status == 401 {
            return Err(format!(
                "the mock at {url} asks for its token (GET {}{CONTROL_PATH}/health gives 401): \
                 --token TOKEN, or {TOKEN_VARIABLE} in the environment",
                url.target
            ));
        }
        let health = Json.decode(&response.body, &Limits::default()).ok();
        let served = health.as_ref().and_then(|body| body.value.get("vendors")?.as_list());
        let Some(served) = served.filter(|_| response.status == 200) else {
            let said = health.as_ref().and_then(|body| body.value.get("detail")?.as_str());
            let said = said.map(|said| format!(": {said}")).unwrap_or_default();
            return Err(format!(
                "{url} is not a counterpart-mock (GET {}{CONTROL_PATH}/health gives {}{said}); an \
                 endpoint of a vendor is given as --target VENDOR=URL",
                url.target, response.status
            ));
        };
        let names: Vec<&str> =
            served.iter().filter_map(|vendor| vendor.get("name").and_then(Value::as_str)).collect();
        let missing = std::iter::once(vendor)
            .chain(on_mock.map(|(vendor, _)| vendor))
            .find(|vendor| !names.contains(vendor));
        match missing {
            None => Ok(()),
            Some(vendor) => {
                let names = names.join(", ");
                Err(format!("the mock at {url} serves no `{vendor}`, only {names}"))
            }
        }
    }
}
