//! Redirects that a step follows, each a step in the report.

use std::time::Instant;

use super::answer::Answer;
use super::client::Request;
use super::event::{Mismatch, MismatchKind};
use super::perform::{Performed, Undone};
use super::request::request;
use super::step::Polled;
use super::trial::Trial;
use super::url::{self, Url};
use crate::scenario::{Redirects, Step};

impl Trial<'_> {
    /// Concludes a step, and each redirect that it is led along.
    pub(super) fn redirected(
        &mut self,
        step: &Step,
        redirects: &Redirects,
        performed: Result<Performed, Undone>,
        name: &str,
        started: Instant,
    ) -> bool {
        let mut performed = performed;
        let mut hops = 0;
        let mut passed = true;
        loop {
            let next = match &performed {
                Ok(Performed { request, answer: Ok(answer), .. }) => self.led_to(request, answer),
                _ => None,
            };
            let Some(next) = next else { break };
            hops += 1;
            if hops > redirects.most {
                let message = format!("there are more than {} redirects", redirects.most);
                let mismatch = hop_mismatch(message, step, redirects.most, hops);
                self.conclude(step, &[], performed, Polled::Fits, name.to_owned(), started);
                self.fail(step, name.to_owned(), vec![mismatch]);
                return false;
            }
            let of: Vec<&Step> = redirects.hops.get(hops - 1).into_iter().collect();
            let hop = format!("{name} (redirect {hops})");
            passed &= self.conclude(step, &of, performed, Polled::Fits, hop, started);
            if !passed && !self.runner.options.go_on {
                return false;
            }
            performed = match next {
                Ok(next) => self.exchange(next, None, None, step.stream.as_ref()),
                Err(message) => Err(Undone::Unmade(super::request::Unmade::Other(message))),
            };
        }
        passed &= self.conclude(step, &[step], performed, Polled::Fits, name.to_owned(), started);
        let expected = redirects.hops.len();
        if expected > hops {
            let message = format!("there were {hops} redirects, not {expected}");
            self.fail(step, name.to_owned(), vec![hop_mismatch(message, step, expected, hops)]);
            return false;
        }
        passed
    }

    /// The request that an answer leads to, where it is a redirect.
    fn led_to(&self, request: &Request, answer: &Answer) -> Option<Result<Request, String>> {
        let status = answer.response.status;
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = answer.response.header("location")?;
        Some(self.resolved(request, location).map(|to| redirected_to(request, status, to)))
    }

    /// Where a location leads. What a mock says of its vendor's paths and hosts is meant in its
    /// own session.
    fn resolved(&self, request: &Request, location: &str) -> Result<Url, String> {
        let from = Url { origin: request.origin.clone(), target: request.target.clone() };
        let mut to = url::resolve(&from, location)?;
        let names_server = url::names_a_server(location);
        let own = match names_server {
            true => self.service.server_at(&to.origin.host).is_some(),
            false => location.starts_with('/'),
        };
        let base_path = self.service.servers.first().map_or("", |server| &server.base_path);
        if self.control.is_some()
            && own
            && !to.target.starts_with("/@")
            && let Some(rest) = to.target.strip_prefix(base_path)
            && (rest.is_empty() || rest.starts_with(['/', '?']))
        {
            let mut to = self.base.clone();
            to.target.push_str(rest);
            return Ok(to);
        }
        // Behind a socket a server knows itself by what stands in `Host`.
        let from = &request.origin;
        let is_same = to.origin.authority() == from.authority();
        if from.socket.is_some() && !to.origin.secure && is_same {
            to.origin = from.clone();
        }
        Ok(to)
    }
}

/// RFC 9110 section 15.4: what is asked again, and with what.
fn redirected_to(request: &Request, status: u16, to: Url) -> Request {
    let becomes_get = status == 303 && request.method != "HEAD"
        || matches!(status, 301 | 302) && request.method == "POST";
    let elsewhere = to.origin != request.origin;
    let stays = |name: &str| {
        let name = name.to_ascii_lowercase();
        let of_content = name.starts_with("content-") || name == "transfer-encoding";
        let secret = matches!(&*name, "authorization" | "cookie");
        !(name == "host" || name == "cookie" || becomes_get && of_content || elsewhere && secret)
            && name != "content-length"
    };
    let headers = request.headers.iter().filter(|(name, _)| stays(name)).cloned().collect();
    let (method, body) = match becomes_get {
        true => ("GET".to_owned(), Vec::new()),
        false => (request.method.clone(), request.body.clone()),
    };
    self::request(to.origin, method, to.target, headers, body)
}

fn hop_mismatch(message: String, step: &Step, expected: usize, actual: usize) -> Mismatch {
    Mismatch {
        kind: MismatchKind::Expectation,
        path: "redirects".to_owned(),
        expected: expected.to_string(),
        actual: actual.to_string(),
        message,
        span: step.span.clone(),
    }
}
