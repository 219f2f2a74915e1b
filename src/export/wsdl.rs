//! The WSDL documents of a vendor's SOAP services, as the mock serves them.

use crate::plan::Plan;

/// Writes the documents, or only that of one service.
pub(super) fn documents(
    plan: &Plan,
    wanted: Option<&str>,
    server: Option<&str>,
) -> Result<Vec<(String, String)>, String> {
    let services = &plan.service.soap_services;
    let vendor = &plan.service.vendor;
    if services.is_empty() {
        return Err(format!("`{vendor}` has no SOAP service, so that there is no WSDL of it"));
    }
    let base = match (server, plan.service.servers.first()) {
        (Some(server), _) => server.trim_end_matches('/').to_owned(),
        (None, Some(server)) => server.address(),
        (None, None) => String::new(),
    };
    if !base.contains("://") {
        return Err(format!(
            "`{vendor}` has no server with a host, which a WSDL needs; `--server URL` names one"
        ));
    }
    let mut documents = Vec::new();
    for (service, compiled) in services.iter().zip(&plan.soap_services) {
        if wanted.is_some_and(|wanted| *wanted != *service.name) {
            continue;
        }
        let text = compiled.wsdl(format!("{base}{}", service.path));
        let text = text.map_err(|error| format!("`{}`: {}", service.name, error.message))?;
        documents.push((service.name.to_string(), String::from_utf8_lossy(&text).into_owned()));
    }
    if documents.is_empty() {
        let known: Vec<&str> = services.iter().map(|service| &*service.name).collect();
        let known = known.join(", ");
        let wanted = wanted.unwrap_or_default();
        return Err(format!("`{vendor}` has no SOAP service `{wanted}`, but {known}"));
    }
    Ok(documents)
}
