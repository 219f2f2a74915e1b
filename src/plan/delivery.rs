//! The HTTP request that a message is.

use std::sync::Arc;

use super::names::Names;
use super::value::Text;
use crate::model;

/// The HTTP request that a message is.
#[derive(Debug)]
pub struct Delivery {
    /// Its method.
    pub method: Arc<str>,
    /// Its headers, by their names.
    pub headers: Box<[(Arc<str>, Text)]>,
    /// Its body.
    pub text: Option<Text>,
    /// After which durations it is tried again.
    pub retry: Arc<[Arc<str>]>,
}

impl Delivery {
    /// Resolves the variables of a checked one.
    pub fn compile(request: &model::Delivery, names: &Names) -> Self {
        let text = |text| Text::compile(text, names);
        Self {
            method: request.method.clone(),
            headers: request.headers.iter().map(|(n, v)| (n.clone(), text(v))).collect(),
            text: request.text.as_ref().map(text),
            retry: request.retry.iter().cloned().collect(),
        }
    }
}
