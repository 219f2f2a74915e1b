//! A request as a step: a call where the spec can say it, with what is expected of the answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::asked::{reads, writes_lists};
use super::called::Called;
use super::expected::Expecting;
use super::identity::From;
use super::keys::{Key, KeyPlace};
use super::said::json;
use super::scenario::{Writer, is_variable};
use super::{Recorded, fault, form, links, message};
use crate::import::api::{Wire, wire_of};
use crate::run::answer::BodyForm;
use crate::value::Value;
use crate::write::Piece;

/// Of a larger answer only the status is expected.
const LARGEST_TREE: usize = 64 * 1024;
/// Of a larger text as well, which is a page of a site more often than an answer.
const LARGEST_TEXT: usize = 8 * 1024;

impl Writer<'_> {
    pub(super) fn step(&mut self, recorded: &Recorded) -> Piece {
        let mut step = Piece::map();
        match &recorded.called {
            Some(called) => self.call(recorded, called, &mut step),
            None => {
                if let Some(name) = &recorded.name {
                    step.set("name", name.replace("${", "$${"));
                }
                let request = self.request(recorded);
                step.set("request", request);
                self.authenticate(&recorded.keys, &mut step);
            }
        }
        step.set("expect", self.expected(recorded));
        let captures = self.captures();
        if !captures.is_empty() {
            step.set("capture", captures);
        }
        if let Some(difference) = &recorded.undocumented {
            step.set("allowUndocumented", Piece::from(true).remark(difference));
        }
        self.step += 1;
        step.block()
    }

    fn call(&mut self, recorded: &Recorded, called: &Called, step: &mut Piece) {
        step.set("call", &called.operation);
        if let Some(binding) = &called.binding {
            step.set("binding", binding);
        }
        if let Some(media_type) = &called.media_type {
            step.set("mediaType", media_type);
        }
        self.authenticate(&recorded.keys, step);
        let mut with = Piece::map();
        for (key, given) in [("path", &called.path), ("query", &called.query)] {
            let mut values = Piece::map();
            for (name, value) in given {
                values.set(name, self.given(name, value));
            }
            if !values.is_empty() {
                with.set(key, values);
            }
        }
        let mut values = Piece::map();
        for (name, value) in &called.parameters {
            let given = match value {
                Value::Text(text) => self.given(name, text),
                tree => self.tree(name, tree),
            };
            values.set(name, given);
        }
        if !values.is_empty() {
            with.set("parameters", values);
        }
        let headers = self.headers(recorded, &called.headers);
        if !headers.is_empty() {
            with.set("headers", headers);
        }
        if let Some(body) = &called.body {
            with.set("body", self.tree("", body));
        }
        if !with.is_empty() {
            step.set("with", with);
        }
    }

    /// What is given for a parameter.
    fn given(&mut self, name: &str, value: &str) -> Piece {
        if let Some(known) = self.variable(value) {
            return known.into();
        }
        if let Some(secret) = self.secret_in(name, value) {
            return secret.into();
        }
        match value.parse::<i64>() {
            Ok(number) if number.to_string() == value => number.into(),
            _ => self.literal(value).into(),
        }
    }

    fn authenticate(&mut self, keys: &[Key], step: &mut Piece) {
        let mut shown = Piece::map();
        for Key { scheme, name, value, .. } in keys {
            let known = self.named_variable(name, value);
            let known = known.unwrap_or_else(|| self.environment(name, value));
            shown.set(scheme, known);
        }
        if !shown.is_empty() {
            step.set("authenticate", shown);
        }
    }

    fn headers(&mut self, recorded: &Recorded, all: &[(String, String)]) -> Piece {
        let mut headers = Piece::map();
        for (name, value) in all {
            let kept = name.eq_ignore_ascii_case("cookie") && self.flow.has_set(self.step, value);
            if !kept && !recorded.has_key(KeyPlace::Header, name) {
                headers.set(name, self.header(name, value));
            }
        }
        if self.flow.leaves_cookies_out(self.step) {
            headers.set("Cookie", Piece::default());
        }
        headers
    }

    fn request(&mut self, recorded: &Recorded) -> Piece {
        let mut request =
            Piece::map().with("method", &recorded.method).with("path", self.path(recorded));
        let headers = self.headers(recorded, &recorded.headers);
        if !headers.is_empty() {
            request.set("headers", headers);
        }
        if let Some(body) = &recorded.body {
            let media_type = recorded.header("Content-Type").unwrap_or_default();
            let kind = media_type.split(';').next().unwrap_or_default().trim();
            match wire_of(kind) {
                Wire::Json if let Some(value) = json(body) => {
                    request.set("json", self.tree("", &value));
                }
                Wire::Form if !is_variable(body) => {
                    request.set("form", self.tree("", &form::read(body)));
                }
                _ => request.set("text", self.text(body)),
            }
        }
        if let Some(bytes) = &recorded.binary {
            request.set("base64", STANDARD.encode(bytes));
            let text = "secrets in a body that is not text: it is written in base64, as it came";
            self.notes.leave(text, recorded.place.as_ref());
        }
        request
    }

    /// What is expected of the answer.
    fn expected(&self, recorded: &Recorded) -> Piece {
        let Some(status) = recorded.status else {
            let expected = Piece::map().with("status", "2xx");
            return expected.remark("assumed: no answer is recorded");
        };
        let mut expected = Piece::map().with("status", status);
        let headers = links::headers(recorded, self.flow, self.step);
        if !headers.is_empty() && !self.drafted && recorded.place.is_none() {
            expected.set("headers", headers);
        }
        if let Some(why) = &recorded.left {
            return expected.remark(format!("the body is not recorded: {why}"));
        }
        let Some(said) = recorded.answer.as_ref().filter(|_| recorded.method != "HEAD") else {
            return expected;
        };
        if said.is_wsdl() {
            return expected.remark("a WSDL: `counterpart-mock import wsdl` makes a spec of it");
        }
        if !said.namespaces.is_empty() && !self.drafted {
            let mut namespaces = Piece::map();
            for (prefix, namespace) in &said.namespaces {
                namespaces.set(&**prefix, &**namespace);
            }
            expected.set("namespaces", namespaces);
        }
        let largest = if said.tree.is_some() { LARGEST_TREE } else { LARGEST_TEXT };
        if said.text.len() > largest {
            return expected.remark("the body is too large to be written here");
        }
        let expecting = Expecting {
            flow: self.flow,
            step: self.step,
            // What is refused has made nothing.
            makes: status < 300 && !reads(recorded),
            writes_lists: writes_lists(recorded),
            host: &recorded.host,
            now: self.now,
            drafted: self.drafted,
            textual: said.is_textual(),
            fault: !self.compared && is_fault(recorded),
        };
        match &said.tree {
            // What a draft says of a fault is what all services say.
            Some(tree) if !self.compared && !self.drafted && is_fault(recorded) => {
                expected.set("includes", expecting.tree("", &fault::told(tree)));
            }
            // What is drafted of a few answers need not have all of their members, and says nothing
            // of other bodies than those in JSON.
            Some(tree) if self.drafted && said.form == BodyForm::Json => {
                expected.set("includes", expecting.tree("", tree));
            }
            Some(tree) if !self.drafted => expected.set("body", expecting.tree("", tree)),
            // What browsers write down is mostly pages.
            None if recorded.place.is_none() => {
                expected.set("text", expecting.whole(&said.text));
            }
            _ => {}
        }
        expected
    }

    /// What is kept for later steps.
    fn captures(&self) -> Piece {
        let mut captures = Piece::map();
        for capture in self.flow.captures(self.step) {
            let Some((_, from)) = &capture.came else { continue };
            let mut from = match from {
                From::Json(path) | From::XPath(path) if !capture.secret => Piece::from(path),
                From::Json(path) => Piece::map().with("jsonPath", path),
                From::XPath(path) => Piece::map().with("xpath", path),
                From::Text => Piece::map().with("text", true),
                From::Header(name) => Piece::map().with("header", name),
                From::Location(before) => {
                    let before = regex_lite::escape(before);
                    let regex = format!("/{before}/([^/?#]+)");
                    Piece::map().with("header", "Location").with("regex", regex)
                }
            };
            if capture.secret {
                from.set("mask", true);
            }
            captures.set(&capture.name, from);
        }
        captures
    }
}

/// Whether a fault of SOAP was answered.
fn is_fault(recorded: &Recorded) -> bool {
    message::answered(recorded).is_some_and(|message| message.is_fault())
}
