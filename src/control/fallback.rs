//! Requests that a spec has nothing for go to the real vendor, where that is wanted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use http::{HeaderName, HeaderValue, StatusCode};

use crate::exchange::{Answer, Request, Wait};
use crate::mock::Mock;
use crate::mock::elsewhere::Elsewhere;
use crate::mock::session::Session;
use crate::proxy::{Exchange, Kept, Tape, Upstream};

/// The real vendors.
#[derive(Debug, Default)]
pub(super) struct Fallbacks(pub(super) Vec<Upstream>);

impl Fallbacks {
    /// The answer of the real vendor to a request for which its spec has nothing, once it has
    /// come; none where the mock is to answer. `path` is that without the session's prefix.
    pub(super) fn answer(
        &self,
        mock: &Arc<Mock>,
        session: &Arc<Session>,
        path: &str,
        request: &Request,
        local: SocketAddr,
    ) -> Option<Answer> {
        if self.0.is_empty() {
            return None;
        }
        let first = path.split('/').nth(1).unwrap_or_default();
        let vendor = mock.vendor(first);
        let by_host = vendor.is_none();
        let vendor = vendor.or_else(|| mock.vendor_by_host(session, path, request, local))?;
        let name = &*mock.plans().get(vendor)?.service.vendor;
        let upstream = self.0.iter().find(|upstream| **upstream.vendor() == *name)?;
        let asked = Arc::new(request.clone());
        if mock.has(session, vendor, path, &asked, local) {
            return None;
        }
        let query = request.query().map(|query| format!("?{query}")).unwrap_or_default();
        let target = match by_host {
            true => format!("/{name}{path}{query}"),
            false => format!("{path}{query}"),
        };
        let prefix = match &*session.name {
            "" => String::new(),
            name => format!("/@{name}"),
        };
        let note = Note { mock: mock.clone(), session: session.clone(), vendor, asked };
        let (started, whose) = (Instant::now(), Arc::<str>::from(upstream.url()));
        let tape = Tape::new(move |exchange| note.keep(exchange, started, whose.clone()));
        let forwarded =
            upstream.forward(request.clone(), &target, &prefix, local, Some(Arc::new(tape)))?;
        let mut answer = Answer::empty(StatusCode::BAD_GATEWAY);
        answer.wait = Some(Wait::new(async { Some(forwarded.await) }));
        Some(answer)
    }
}

/// Where it is written down.
struct Note {
    mock: Arc<Mock>,
    session: Arc<Session>,
    vendor: usize,
    asked: Arc<Request>,
}

impl Note {
    fn keep(&self, exchange: &Exchange, started: Instant, whose: Arc<str>) {
        let mut answer = Answer::empty(StatusCode::BAD_GATEWAY);
        let mut said = format!("the spec has nothing there, so {whose} was asked");
        match &exchange.outcome {
            Ok(answered) => {
                answer.status = StatusCode::from_u16(answered.status).unwrap_or_default();
                for (name, value) in &answered.headers {
                    let name = HeaderName::from_bytes(name.as_bytes());
                    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                        answer.headers.append(name, value);
                    }
                }
                match &answered.body {
                    Kept::Whole(bytes) => answer.body = bytes.clone().into(),
                    Kept::Left(why) => said = format!("{said}; its body is not kept: {why}"),
                }
            }
            Err(why) => said = format!("{said}, and {why}"),
        }
        let (vendor, request) = (self.vendor, self.asked.clone());
        let elsewhere = Elsewhere { vendor, whose, started, answer, said };
        self.mock.answered_elsewhere(&self.session, request, elsewhere);
    }
}
