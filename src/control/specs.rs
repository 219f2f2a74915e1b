//! `specs`: what is loaded.

use super::call::Call;
use super::describe;
use super::reply::{Refused, count, object, ok, optional};
use super::transitions;
use crate::exchange::Answer;
use crate::plan::Plan;
use crate::value::Value;

/// `GET specs`: the vendors in short.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let plans = call.mock.plans().iter();
    Ok(ok(&Value::list(plans.map(|plan| summary(call, plan)).collect())))
}

/// A vendor in short.
pub(super) fn summary(call: &Call<'_>, plan: &Plan) -> Value {
    let service = &plan.service;
    object([
        ("name", Value::Text(service.vendor.clone())),
        ("title", optional(service.info.title.as_ref())),
        ("baseUrl", base_url(call, plan).into()),
        ("operations", count(service.operations.len())),
        ("rules", count(service.rules.len())),
        ("statements", count(service.statements.len())),
    ])
}

fn base_url(call: &Call<'_>, plan: &Plan) -> String {
    let base = plan.servers.first().map(|server| &*server.base_path).unwrap_or_default();
    format!("{}/{}{base}", call.origin(), plan.service.vendor)
}

/// `GET specs/{vendor}`: all that can be asked of a vendor, and what backs it.
pub(super) fn read(call: &Call<'_>, vendor: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let vendor = call.vendor(vendor)?;
    let service = &vendor.plan.service;
    let servers = service.servers.iter().map(|server| {
        object([
            ("url", Value::Text(server.url.clone())),
            ("basePath", Value::Text(server.base_path.clone())),
        ])
    });
    let list = |items: Vec<Value>| Value::list(items);
    Ok(ok(&object([
        ("name", Value::Text(service.vendor.clone())),
        (
            "info",
            object([
                ("title", optional(service.info.title.as_ref())),
                ("version", optional(service.info.version.as_ref())),
                ("description", optional(service.info.description.as_ref())),
                ("document", optional(service.info.document.as_ref())),
            ]),
        ),
        ("baseUrl", base_url(call, vendor.plan).into()),
        ("servers", list(servers.collect())),
        ("securitySchemes", list(describe::security_schemes(service))),
        ("operations", list(describe::operations(service))),
        ("errors", list(describe::errors(service))),
        ("transitions", transitions::describe(service, &vendor.plan.transitions)),
        ("statements", list(describe::statements(service))),
        ("settings", list(describe::settings(service))),
        ("collections", list(describe::collections(service))),
    ])))
}
