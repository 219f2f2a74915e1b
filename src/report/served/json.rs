//! One JSON object a line. `docs/serving.md` says what is in each.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::control::happened;
use crate::mock::feed::Event;
use crate::mock::metrics::Counts;
use crate::value::{Map, Value};

/// What happened, with bodies when those are wanted.
pub fn event(event: &Event, with_bodies: bool) -> String {
    happened::event(event, with_bodies).map(line).unwrap_or_default()
}

/// Something that no request is the cause of.
pub fn said(text: &str) -> String {
    event(&Event::Said(text.into()), false)
}

/// How many events came too fast to be written.
pub fn missed(count: u64) -> String {
    line(happened::missed(count))
}

/// Where vendors are served.
pub fn serving(vendors: &[(Arc<str>, String)]) -> String {
    let mut map = happened::begin("serving", Timestamp::now());
    let urls = vendors.iter().map(|(name, url)| (name.clone(), url.as_str().into()));
    map.insert("vendors", Value::map(urls.collect()));
    line(map)
}

/// How many requests there were for each vendor, and which rules refused them.
pub fn summary(counts: &Counts) -> String {
    let (mut vendors, mut rules) = (Map::new(), Map::new());
    let mut sums = BTreeMap::<&Arc<str>, u64>::new();
    for ((vendor, ..), count) in &counts.requests {
        *sums.entry(vendor).or_default() += count;
    }
    let refused = counts.refused.values().sum();
    let total = sums.values().sum();
    for (vendor, sum) in sums {
        vendors.insert(&**vendor, happened::number(sum));
    }
    for ((_, rule), sum) in &counts.refusals {
        rules.insert(&**rule, happened::number(*sum));
    }
    let mut map = happened::begin("summary", Timestamp::now());
    map.insert("requests", happened::number(total));
    map.insert("refused", happened::number(refused));
    map.insert("vendors", Value::map(vendors));
    map.insert("rules", Value::map(rules));
    line(map)
}

fn line(event: Map) -> String {
    // A value is always something that JSON can say.
    let mut text = serde_json::to_string(&Value::map(event)).unwrap_or_default();
    text.push('\n');
    text
}
