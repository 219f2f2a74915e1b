//! Cookies that a trial keeps and sends.

use super::answer::Answer;
use super::client::Request;
use super::headers::lines;
use super::trial::Trial;

/// From how many bytes on a kept value is a secret; what is short says too little.
const SECRET: usize = 8;

impl Trial<'_> {
    /// The path of a request as the vendor knows it, without the session of a mock.
    fn vendor_path<'q>(&self, request: &'q Request) -> &'q str {
        let session = self.control.as_ref().map_or("", |control| &*control.session().target);
        let below = request.target.strip_prefix(session).filter(|_| !session.is_empty());
        let vendor = below.and_then(|rest| rest.strip_prefix('/'));
        let own = vendor.and_then(|rest| rest.strip_prefix(&*self.service.vendor));
        own.or(below).unwrap_or(&request.target)
    }

    /// Adds what is kept, unless the step says what it sends.
    pub(super) fn add_cookies(&self, request: &mut Request) {
        if request.takes_cookies
            && request.header("cookie").is_none()
            && let Some(jar) = &self.jar
            && let Some(cookies) = jar.header(&request.origin, self.vendor_path(request))
        {
            request.headers.push(("Cookie".to_owned(), cookies));
        }
    }

    /// Keeps what an answer sets. It says who somebody is, so it is a secret.
    pub(super) fn keep_cookies(&mut self, request: &Request, answer: &Answer) {
        let path = self.vendor_path(request).to_owned();
        let Some(jar) = &mut self.jar else { return };
        let set = lines(&answer.response.headers, "set-cookie");
        for value in jar.keep(&request.origin, &path, set) {
            if value.len() >= SECRET {
                self.scope.mask().borrow_mut().add(&value, "COOKIE");
            }
        }
    }
}
