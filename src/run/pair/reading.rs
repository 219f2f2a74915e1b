//! What a mock's control plane says of its clock.

use crate::clock::parse_timestamp;
use crate::exchange::CONTROL_PATH;
use crate::run::event::StepResult;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

/// What time it is in a session, in milliseconds since 1970, and whether it stays so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) now: i64,
    pub(super) frozen: bool,
}

impl Reading {
    /// From the answer to a step that moved the clock.
    pub(super) fn of(step: &StepResult) -> Option<Self> {
        let (_, called) = step.request.as_ref()?.url.split_once(CONTROL_PATH)?;
        let response = step.response.as_ref().filter(|response| response.status == 200)?;
        if !matches!(called, "/clock" | "/clock/advance") {
            return None;
        }
        let body = Json.decode(&response.body, &Limits::default()).ok()?.value;
        let now = parse_timestamp(body.get("now")?.as_str()?)?.as_millisecond();
        Some(Self { now, frozen: *body.get("frozen")? == Value::Bool(true) })
    }
}
