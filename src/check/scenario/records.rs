//! The records of scenarios with their keys. Made of `schemas/scenario.yaml` by
//! `UPDATE=1 cargo test --test schemas`.

use crate::syntax::Keys;

pub(in crate::check) const CAPTURES: Keys = Keys::all(&[
    "default", "gather", "header", "headers", "jsonPath", "mask", "nodes", "regex", "status",
    "text", "value", "xpath",
]);

pub(in crate::check) const CONTROL_ON_TARGET: Keys = Keys::all(&[
    "steps", "wait",
]);

pub(in crate::check) const EXPECTATION: Keys = Keys::all(&[
    "assert", "body", "bytes", "headers", "includes", "jsonPath", "namespaces", "nodes", "rule",
    "schema", "snapshot", "status", "text", "time", "xpath",
]);

pub(in crate::check) const EXPECTATION_BYTES: Keys = Keys::all(&[
    "base64", "file", "length", "sha256",
]);

pub(in crate::check) const EXPECTATION_STATUS: Keys = Keys::all(&[
    "$not",
]);

pub(in crate::check) const EXPECTED_SORTED: Keys = Keys::all(&[
    "by", "order",
]);

pub(in crate::check) const EXPECTED_TIME: Keys = Keys::all(&[
    "near", "within",
]);

pub(in crate::check) const FAULT: Keys = Keys::all(&[
    "delay", "fault", "for", "operation", "share", "skip", "times",
]);

pub(in crate::check) const FILE: Keys = Keys::all(&[
    "afterAll", "allowUndocumented", "authenticate", "beforeAll", "cookies", "counterpart",
    "description", "destructive", "headers", "scenarios", "serial", "tags", "variables", "vendor",
]);

pub(in crate::check) const PART: Keys = Keys::all(&[
    "base64", "file", "filename", "id", "json", "mediaType", "text",
]);

pub(in crate::check) const POLLED: Keys = Keys::of_kinds(&[
    "authenticate", "binding", "call", "follow", "headers", "host", "mediaType", "outbox",
    "request", "requests", "state", "stream", "with",
]);

pub(in crate::check) const POLLED_STREAM: Keys = Keys::all(&[
    "atMost", "cut", "items",
]);

pub(in crate::check) const REQUEST: Keys = Keys::of_kinds(&[
    "base64", "file", "form", "headers", "json", "method", "multipart", "path", "query", "text",
    "url", "xml",
]);

pub(in crate::check) const REQUESTS: Keys = Keys::all(&[
    "after", "limit", "operation", "status",
]);

pub(in crate::check) const SCENARIO: Keys = Keys::all(&[
    "clock", "cookies", "covers", "description", "destructive", "finally", "given", "name",
    "requires", "rows", "seed", "serial", "settings", "skip", "steps", "tags", "timeout",
    "variables",
]);

pub(in crate::check) const SCENARIO_ROWS: Keys = Keys::all(&[
    "file",
]);

pub(in crate::check) const STEP: Keys = Keys::of_kinds(&[
    "advance", "allowUndocumented", "as", "atMost", "authenticate", "binding", "call", "capture",
    "clock", "destructive", "every", "expect", "faults", "follow", "headers", "hops", "host",
    "include", "mediaType", "name", "onTarget", "outbox", "over", "poll", "put", "redirects",
    "repeat", "request", "requests", "requires", "rewind", "rounds", "settings", "state", "stream",
    "tries", "until", "when", "with",
]);

pub(in crate::check) const WITH: Keys = Keys::all(&[
    "body", "cookies", "headers", "multipart", "parameters", "path", "query",
]);
