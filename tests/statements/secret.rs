//! How random secrets are, which takes more than one mock or more than one contact to see.

use std::collections::HashSet;

use libtest_mimic::Failed;

use crate::expect;
use crate::started::Started;
use crate::support::client::Client;

/// The same seed gives the same secrets, another seed others.
pub fn repeat() -> Result<(), Failed> {
    let mut drawn = Vec::new();
    for seed in [7, 7, 8] {
        drawn.push(secrets(&Started::new(seed)?, 3)?);
    }
    match drawn.as_slice() {
        [one, same, other] if one == same && one.iter().all(|s| !other.contains(s)) => Ok(()),
        drawn => Err(format!("seeds 7, 7 and 8 give {drawn:?}").into()),
    }
}

/// No secret comes twice, and the positions that vary have room for 128 bits.
pub fn measure() -> Result<(), Failed> {
    let secrets = secrets(&Started::new(1)?, 300)?;
    let different: HashSet<&String> = secrets.iter().collect();
    let alphabet: HashSet<char> = secrets.iter().flat_map(|secret| secret.chars()).collect();
    let length = secrets.iter().map(|secret| secret.chars().count()).min().unwrap_or_default();
    let varying = (0..length).filter(|at| {
        let there: HashSet<Option<char>> =
            secrets.iter().map(|secret| secret.chars().nth(*at)).collect();
        there.len() > 1
    });
    let (varying, letters) = (varying.count(), alphabet.len());
    // In whole bits, rounded down, so it is not more than there are.
    let bits = varying * usize::try_from(letters.checked_ilog2().unwrap_or_default())?;
    if different.len() == secrets.len() && bits >= 128 {
        return Ok(());
    }
    let different = different.len();
    Err(format!("{different} of 300 differ; {varying} of {letters} letters vary: {secrets:?}")
        .into())
}

fn secrets(started: &Started, count: usize) -> Result<Vec<String>, String> {
    let mut client = Client::new(started.address());
    let mut secrets = Vec::with_capacity(count);
    for _ in 0..count {
        let headers = [("Content-Type", "application/json")];
        let body = r#"{"RegistrationSource": "web"}"#;
        let reply = client.send("POST", "/loyaltii/api/v1/Contacts", &headers, body);
        let contact = expect::tree(&reply);
        let secret = contact.as_ref().and_then(|contact| contact.get("Secret")?.as_str());
        secrets.push(secret.ok_or_else(|| format!("no secret in {}", reply.text()))?.to_owned());
    }
    Ok(secrets)
}
