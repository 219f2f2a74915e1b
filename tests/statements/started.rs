//! A mock of the shipped specs on a free port.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use counterpart::unstable::control::Control;
use counterpart::unstable::mock::Mock;
use counterpart::unstable::mock::session::Start;
use counterpart::unstable::serve::{ServeOptions, Server};
use counterpart::unstable::{check, plan};

/// A mock that answers until it is dropped.
pub struct Started {
    server: Server,
}

impl Started {
    /// Loads the specs and serves them. Fails with every mistake in them.
    pub fn new(seed: u64) -> Result<Self, String> {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
        let loaded = check::load(&[specs]).map_err(|diagnostics| {
            let lines: Vec<String> = diagnostics.iter().map(|one| format!("{one:?}\n")).collect();
            lines.concat()
        })?;
        let mut plans = Vec::new();
        for service in loaded.services {
            let plan = plan::compile(Arc::new(service)).map_err(|error| format!("{error:?}\n"))?;
            plans.push(Arc::new(plan));
        }
        let start = Start {
            seed,
            clock: None,
            frozen: false,
            most_sessions: 100_000,
            idle: Duration::from_hours(1),
        };
        let control = Arc::new(Control::new(Arc::new(Mock::new(plans, start, true))));
        let server = Server::start(control, ServeOptions::default())
            .map_err(|error| format!("the mock does not start: {error}\n"))?;
        Ok(Self { server })
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }
}
