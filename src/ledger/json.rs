//! Entries as JSON.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use super::entry::{
    AccountChange, Changed, DueImage, Entry, Event, ExercisedImage, FaultsImage, Fields, LinkImage,
    Made, OutboxImage, Restart, ScheduleImage, SpecImage, Window,
};
use crate::clock::Setting;
use crate::value::{Map, Value};
use crate::wire::json::Json;
use crate::wire::{DEEPEST, Limits, Repeated, Wire as _};

/// What a line says of an entry.
pub(super) fn written(entry: &Entry) -> Value {
    let mut map = Map::new();
    if entry.session > 0 {
        map.push("session".into(), whole(entry.session));
    }
    match &entry.event {
        Event::Probe => {}
        Event::Specs(specs) => {
            map.push("specs".into(), Value::list(specs.iter().map(spec).collect()));
        }
        Event::Made(made) => map.push("made".into(), made_value(made)),
        Event::Dropped => map.push("dropped".into(), Value::Bool(true)),
        Event::Counted(vendor, window) => {
            map.push("vendor".into(), Value::Text(vendor.clone()));
            map.push("counted".into(), window_value(window));
        }
        Event::Faults(faults) => map.push("faults".into(), faults_value(faults)),
        Event::Exercised(vendor, exercised) => {
            map.push("vendor".into(), Value::Text(vendor.clone()));
            map.push("exercised".into(), exercised_value(exercised));
        }
        Event::Changed(changed) => {
            map.push("version".into(), whole(changed.version));
            map.push("lastId".into(), whole(changed.last_id));
            if let Some(Restart { seed, began }) = &changed.restart {
                let members = [("seed", whole(*seed)), ("began", shown(began))];
                map.push("restart".into(), object(members));
            }
            if let Some(clock) = &changed.clock {
                map.push("clock".into(), clock_value(clock));
            }
            let accounts = changed.accounts.iter().map(|(vendor, change)| {
                let mut map = Map::new();
                map.push("vendor".into(), Value::Text(vendor.clone()));
                account(change, &mut map);
                Value::map(map)
            });
            map.push("accounts".into(), Value::list(accounts.collect()));
        }
    }
    Value::map(map)
}

/// An entry as a line of JSON, without its end.
pub fn line(entry: &Entry) -> String {
    // A value is always something that JSON can say.
    serde_json::to_string(&written(entry)).unwrap_or_default()
}

/// The entry that a line of JSON says; none: it says nothing that is known.
pub fn of_line(line: &str) -> Option<Entry> {
    let limits = Limits { depth: DEEPEST, members: usize::MAX, repeated: Repeated::LastCounts };
    read(&Json.decode(line.as_bytes(), &limits).ok()?.value)
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A whole number of any size.
pub(super) fn whole(number: u64) -> Value {
    Value::number(&number.to_string()).unwrap_or_default()
}

fn shown(value: &impl Display) -> Value {
    Value::from(value.to_string())
}

/// The members of a spec.
pub(super) fn spec(spec: &SpecImage) -> Value {
    let fields = spec.collections.iter().map(|fields| {
        let names = fields.names.iter().cloned().map(Value::Text).collect();
        (fields.collection.clone(), Value::list(names))
    });
    object([
        ("vendor", Value::Text(spec.vendor.clone())),
        ("digest", Value::Text(spec.digest.clone())),
        ("collections", Value::map(fields.collect())),
    ])
}

/// The members of what a session starts with.
pub(super) fn made_value(made: &Made) -> Value {
    object([
        ("name", Value::Text(made.name.clone())),
        ("seed", whole(made.seed)),
        ("began", shown(&made.began)),
        ("start", made.start.as_ref().map_or(Value::Null, shown)),
        ("frozen", Value::Bool(made.frozen)),
        ("clock", clock_value(&made.clock)),
    ])
}

fn clock_value(clock: &Setting) -> Value {
    match clock.stands_at() {
        Some(at) => object([("at", shown(&at))]),
        None => object([("ahead", shown(&clock.ahead()))]),
    }
}

/// The members of faults.
pub(super) fn faults_value(faults: &FaultsImage) -> Value {
    object([
        ("ofSpecs", Value::Bool(faults.of_specs)),
        ("lastId", whole(faults.last_id)),
        ("drawn", whole(faults.drawn)),
        ("all", Value::list(faults.all.clone())),
    ])
}

fn exercised_value(exercised: &ExercisedImage) -> Value {
    let whole = |number: &u32| whole(u64::from(*number));
    let steps = exercised
        .steps
        .iter()
        .map(|(operation, step)| Value::list(vec![self::whole(*operation as u64), whole(step)]));
    object([
        ("steps", Value::list(steps.collect())),
        ("rules", Value::list(exercised.rules.iter().map(whole).collect())),
    ])
}

fn read_exercised(value: &Value) -> Option<ExercisedImage> {
    let steps = value.get("steps")?.as_list()?.iter().map(|step| match step.as_list()? {
        [operation, step] => Some((parsed(operation)?, parsed(step)?)),
        _ => None,
    });
    let rules = value.get("rules")?.as_list()?.iter().map(parsed);
    Some(ExercisedImage {
        steps: steps.collect::<Option<_>>()?,
        rules: rules.collect::<Option<_>>()?,
    })
}

fn window_value(window: &Window) -> Value {
    object([
        ("by", Value::Text(window.by.clone())),
        ("began", Value::Integer(window.began)),
        ("until", Value::Integer(window.until)),
        ("used", Value::Integer(window.used)),
    ])
}

fn link(link: &LinkImage) -> Value {
    object([
        ("token", Value::Text(link.token.clone())),
        ("operation", Value::Text(link.operation.clone())),
        ("parameters", Value::Map(link.parameters.clone())),
    ])
}

fn due(due: &DueImage) -> Value {
    object([
        ("at", shown(&due.at)),
        ("number", whole(due.number)),
        ("operation", Value::Text(due.operation.clone())),
        ("parameters", Value::Map(due.parameters.clone())),
        ("base", Value::Text(due.base.clone())),
    ])
}

/// Adds the members of an account.
pub(super) fn account(change: &AccountChange, map: &mut Map) {
    let mut set = |name: &str, value: Value| map.push(name.into(), value);
    for (name, is) in [("whole", change.whole), ("gone", change.gone)] {
        if is {
            set(name, Value::Bool(true));
        }
    }
    if let Some(seed) = change.seed {
        set("seed", whole(seed));
    }
    if let Some(drawn) = change.drawn {
        set("drawn", whole(drawn));
    }
    if let Some(settings) = &change.settings {
        set("settings", Value::Map(settings.clone()));
    }
    if !change.sequences.is_empty() {
        let next =
            change.sequences.iter().map(|(name, next)| (name.clone(), Value::Integer(*next)));
        set("sequences", Value::map(next.collect()));
    }
    if !change.rows.is_empty() {
        let mut collections: Vec<(Arc<str>, Vec<Value>)> = Vec::new();
        for (collection, number, row) in &change.rows {
            let row = Value::list(vec![whole(*number), row.clone().unwrap_or_default()]);
            match collections.iter_mut().find(|(name, _)| name == collection) {
                Some((_, rows)) => rows.push(row),
                None => collections.push((collection.clone(), vec![row])),
            }
        }
        let collections = collections.into_iter().map(|(name, rows)| (name, Value::list(rows)));
        set("rows", Value::map(collections.collect()));
    }
    let links = |links: &[LinkImage]| Value::list(links.iter().map(link).collect());
    if let Some(OutboxImage { sent, messages, links: all }) = &change.outbox {
        let messages = Value::list(messages.clone());
        let members = [("sent", whole(*sent)), ("messages", messages), ("links", links(all))];
        set("outbox", object(members));
    }
    if change.cleared {
        set("cleared", Value::Bool(true));
    }
    if !change.messages.is_empty() {
        set("messages", Value::list(change.messages.clone()));
    }
    if let Some(attempted) = &change.attempted {
        set("attempted", attempted.clone());
    }
    if !change.links.is_empty() {
        set("links", links(&change.links));
    }
    let all_due = |all: &[DueImage]| Value::list(all.iter().map(due).collect());
    // A whole account has none where nothing is said of it; after a step back that has to be said.
    let schedule = change.schedule.as_ref();
    if let Some(schedule) = schedule.filter(|one| one.count > 0 || !change.whole) {
        let ScheduleImage { count, waiting } = schedule;
        set("schedule", object([("count", whole(*count)), ("waiting", all_due(waiting))]));
    }
    if !change.scheduled.is_empty() {
        set("scheduled", all_due(&change.scheduled));
    }
    if let Some(ran) = change.ran {
        set("ran", whole(ran));
    }
    if let Some(windows) = &change.windows {
        set("windows", Value::list(windows.iter().map(window_value).collect()));
    }
    if !change.counts.is_empty() {
        set("counted", Value::list(change.counts.iter().map(window_value).collect()));
    }
}

/// The entry that a line says; none: it says nothing that is known.
pub(super) fn read(value: &Value) -> Option<Entry> {
    let session = match value.get("session") {
        Some(number) => parsed(number)?,
        None => 0,
    };
    let event = if let Some(specs) = value.get("specs") {
        Event::Specs(specs.as_list()?.iter().map(read_spec).collect::<Option<_>>()?)
    } else if let Some(made) = value.get("made") {
        Event::Made(read_made(made)?)
    } else if value.get("dropped").is_some() {
        Event::Dropped
    } else if let Some(exercised) = value.get("exercised") {
        Event::Exercised(text(value.get("vendor")?)?, read_exercised(exercised)?)
    } else if let Some(counted) = value.get("counted") {
        Event::Counted(text(value.get("vendor")?)?, read_window(counted)?)
    } else if let Some(faults) = value.get("faults") {
        Event::Faults(read_faults(faults)?)
    } else if let Some(accounts) = value.get("accounts") {
        let restart = match value.get("restart") {
            None => None,
            Some(restart) => {
                let (seed, began) = (restart.get("seed")?, restart.get("began")?);
                Some(Restart { seed: parsed(seed)?, began: parsed(began)? })
            }
        };
        let clock = match value.get("clock") {
            None => None,
            Some(clock) => Some(read_clock(clock)?),
        };
        let accounts = accounts
            .as_list()?
            .iter()
            .map(|account| Some((text(account.get("vendor")?)?, read_account(account)?)));
        Event::Changed(Changed {
            version: parsed(value.get("version")?)?,
            last_id: parsed(value.get("lastId")?)?,
            restart,
            clock,
            accounts: accounts.collect::<Option<_>>()?,
        })
    } else if value.members()?.next().is_none() {
        Event::Probe
    } else {
        return None;
    };
    Some(Entry { session, event })
}

fn text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// What a scalar spells.
pub(super) fn parsed<T: FromStr>(value: &Value) -> Option<T> {
    value.scalar_text()?.parse().ok()
}

/// A spec, of its members.
pub(super) fn read_spec(value: &Value) -> Option<SpecImage> {
    let collections = value.get("collections")?.members()?.map(|(collection, names)| {
        let names = names.as_list()?.iter().map(text).collect::<Option<_>>()?;
        Some(Fields { collection: collection.clone(), names })
    });
    Some(SpecImage {
        vendor: text(value.get("vendor")?)?,
        digest: text(value.get("digest")?)?,
        collections: collections.collect::<Option<_>>()?,
    })
}

/// What a session starts with, of its members.
pub(super) fn read_made(value: &Value) -> Option<Made> {
    Some(Made {
        name: text(value.get("name")?)?,
        seed: parsed(value.get("seed")?)?,
        began: parsed(value.get("began")?)?,
        start: match value.get("start")? {
            Value::Null => None,
            start => Some(parsed(start)?),
        },
        frozen: matches!(value.get("frozen")?, Value::Bool(true)),
        clock: read_clock(value.get("clock")?)?,
    })
}

fn read_clock(value: &Value) -> Option<Setting> {
    match value.get("at") {
        Some(at) => Some(Setting::standing(parsed(at)?)),
        None => Some(Setting::going(parsed(value.get("ahead")?)?)),
    }
}

/// Faults, of their members.
pub(super) fn read_faults(value: &Value) -> Option<FaultsImage> {
    Some(FaultsImage {
        of_specs: matches!(value.get("ofSpecs")?, Value::Bool(true)),
        last_id: parsed(value.get("lastId")?)?,
        drawn: parsed(value.get("drawn")?)?,
        all: value.get("all")?.as_list()?.to_vec(),
    })
}

fn read_window(value: &Value) -> Option<Window> {
    let by = text(value.get("by")?)?;
    let (began, used) = (parsed(value.get("began")?)?, parsed(value.get("used")?)?);
    // Files of before buckets have none: what they counted is over.
    let until = value.get("until").map_or(Some(began), parsed)?;
    Some(Window { by, began, until, used })
}

fn read_link(value: &Value) -> Option<LinkImage> {
    let Value::Map(parameters) = value.get("parameters")? else { return None };
    Some(LinkImage {
        token: text(value.get("token")?)?,
        operation: text(value.get("operation")?)?,
        parameters: parameters.clone(),
    })
}

fn read_due(value: &Value) -> Option<DueImage> {
    let Value::Map(parameters) = value.get("parameters")? else { return None };
    Some(DueImage {
        at: parsed(value.get("at")?)?,
        number: parsed(value.get("number")?)?,
        operation: text(value.get("operation")?)?,
        parameters: parameters.clone(),
        base: text(value.get("base")?)?,
    })
}

/// All of a list that is there, or else none.
fn all<T>(value: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match value {
        None => Some(Vec::new()),
        Some(list) => list.as_list()?.iter().map(read).collect(),
    }
}

/// A change of an account, of its members.
pub(super) fn read_account(value: &Value) -> Option<AccountChange> {
    let mut change = AccountChange {
        whole: value.get("whole").is_some(),
        gone: value.get("gone").is_some(),
        cleared: value.get("cleared").is_some(),
        messages: all(value.get("messages"), |message| Some(message.clone()))?,
        links: all(value.get("links"), read_link)?,
        scheduled: all(value.get("scheduled"), read_due)?,
        ..AccountChange::default()
    };
    for (name, member) in value.members()? {
        match &**name {
            "seed" => change.seed = Some(parsed(member)?),
            "drawn" => change.drawn = Some(parsed(member)?),
            "settings" => match member {
                Value::Map(settings) => change.settings = Some(settings.clone()),
                _ => return None,
            },
            "sequences" => {
                for (name, next) in member.members()? {
                    change.sequences.push((name.clone(), parsed(next)?));
                }
            }
            "rows" => {
                for (collection, rows) in member.members()? {
                    for row in rows.as_list()? {
                        let [number, row] = row.as_list()? else { return None };
                        let row = match row {
                            Value::Null => None,
                            row => Some(row.clone()),
                        };
                        change.rows.push((collection.clone(), parsed(number)?, row));
                    }
                }
            }
            "outbox" => {
                change.outbox = Some(OutboxImage {
                    sent: parsed(member.get("sent")?)?,
                    messages: member.get("messages")?.as_list()?.to_vec(),
                    links: all(member.get("links"), read_link)?,
                });
            }
            "schedule" => {
                change.schedule = Some(ScheduleImage {
                    count: parsed(member.get("count")?)?,
                    waiting: all(member.get("waiting"), read_due)?,
                });
            }
            "attempted" => change.attempted = Some(member.clone()),
            "ran" => change.ran = Some(parsed(member)?),
            "windows" => change.windows = Some(all(Some(member), read_window)?),
            // Version 1 knew no more than one.
            "counted" if member.as_list().is_none() => change.counts = vec![read_window(member)?],
            "counted" => change.counts = all(Some(member), read_window)?,
            _ => {}
        }
    }
    Some(change)
}
