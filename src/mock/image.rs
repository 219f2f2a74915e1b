//! What an account remembers, as it is written down and read again: by names, where the engine
//! has positions, since a spec may change in between.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::account::{Account, Change, Parts, defaults};
use super::delivery::Delivery;
use super::outbox::{Link, MOST_LINKS, MOST_MESSAGES, Message, Outbox, OutboxChange, Outgoing};
use super::schedule::{Due, Schedule, Turn};
use super::windows::Windows;
use crate::ledger::{
    AccountChange, DueImage, LinkImage, OutboxImage, ScheduleImage, StoredAccount, StoredSchedule,
};
use crate::model::OperationId;
use crate::plan::Plan;
use crate::plan::state::{Collection, Generator};
use crate::random::Random;
use crate::state::{Changes, MemoryStore, RowChange, SequenceChange, Store as _};
use crate::value::{Map, Record, Value};

/// All that an account is.
pub(super) fn whole(plan: &Plan, account: &Account) -> AccountChange {
    let mut image = changed_rows(plan, &account.store.image(), false);
    let random = account.random();
    image.whole = true;
    image.seed = Some(random.seed());
    image.drawn = Some(random.drawn());
    image.settings = Some(account.settings.clone());
    image.outbox = Some(outbox(plan, &account.outbox));
    image.schedule = Some(schedule(plan, &account.schedule));
    image.windows = Some(account.windows.image());
    image
}

/// What a commit changed.
pub(super) fn changed(plan: &Plan, change: &Change) -> AccountChange {
    let Change { rows, settings, random, outbox, schedule } = change;
    let mut image = changed_rows(plan, rows, false);
    image.settings = settings.as_ref().map(|[_, after]| after.clone());
    image.drawn = random.map(|[_, after]| after);
    image.scheduled =
        schedule.added.iter().map(|(turn, due)| due_image(plan, *turn, due)).collect();
    image.ran = schedule.taken.as_ref().map(|taken| taken.0.1);
    let OutboxChange { sent, links, gone, attempted, .. } = outbox;
    // Those that make room go by themselves; without new ones, all were taken out.
    image.cleared = sent.is_empty() && !gone.is_empty();
    image.attempted = outbox_attempted(attempted.as_deref());
    image.messages = sent.iter().map(|sent| message(sent)).collect();
    image.links = links.iter().map(|(token, link)| link_image(plan, token, link)).collect();
    image
}

/// What taking back a commit changes, but for the outbox and the schedule, which [`rest`] has as
/// they are then.
pub(super) fn reverted(plan: &Plan, change: &Change) -> AccountChange {
    let Change { rows, settings, random, outbox: _, schedule: _ } = change;
    let mut image = changed_rows(plan, rows, true);
    image.settings = settings.as_ref().map(|[before, _]| before.clone());
    image.drawn = random.map(|[before, _]| before);
    image
}

/// The outbox, the schedule and the counts of an account, after others were taken back.
pub(super) fn rest(plan: &Plan, account: &Account) -> AccountChange {
    AccountChange {
        outbox: account.written.then(|| outbox(plan, &account.outbox)),
        schedule: account.written.then(|| schedule(plan, &account.schedule)),
        windows: Some(account.windows.image()),
        ..AccountChange::default()
    }
}

fn changed_rows(plan: &Plan, changes: &Changes, back: bool) -> AccountChange {
    let mut image = AccountChange::default();
    let row = |change: &RowChange| {
        let RowChange { collection, row, before, after } = change;
        let name = plan.collections.get(*collection)?.name.clone();
        let is = if back { before } else { after };
        Some((name, *row, is.clone().map(Value::Record)))
    };
    let sequence = |change: &SequenceChange| {
        let SequenceChange { sequence, before, after } = *change;
        Some((name_of(plan, sequence)?, if back { before } else { after }))
    };
    match back {
        true => {
            image.rows.extend(changes.rows.iter().rev().filter_map(row));
            image.sequences.extend(changes.sequences.iter().rev().filter_map(sequence));
        }
        false => {
            image.rows.extend(changes.rows.iter().filter_map(row));
            image.sequences.extend(changes.sequences.iter().filter_map(sequence));
        }
    }
    image
}

/// The sequences of a vendor, with their names: those that give numbers, and versions of rows.
pub(super) fn sequences(plan: &Plan) -> impl Iterator<Item = (Arc<str>, usize)> {
    plan.collections.iter().flat_map(|collection| {
        collection.generators.iter().filter_map(move |(slot, generator)| match generator {
            Generator::Sequence(sequence) | Generator::RowVersion(sequence) => {
                let field = collection.shape.names().get(*slot)?;
                Some((format!("{}.{field}", collection.name).into(), *sequence))
            }
            _ => None,
        })
    })
}

fn name_of(plan: &Plan, wanted: usize) -> Option<Arc<str>> {
    sequences(plan).find(|(_, sequence)| *sequence == wanted).map(|(name, _)| name)
}

fn outbox(plan: &Plan, outbox: &Outbox) -> OutboxImage {
    OutboxImage {
        sent: outbox.sent(),
        messages: outbox.messages().map(|sent| message(sent)).collect(),
        links: outbox.links().map(|(token, link)| link_image(plan, token, link)).collect(),
    }
}

fn schedule(plan: &Plan, schedule: &Schedule) -> ScheduleImage {
    ScheduleImage {
        count: schedule.count(),
        waiting: schedule.waiting().map(|(turn, due)| due_image(plan, *turn, due)).collect(),
    }
}

fn due_image(plan: &Plan, (at, number): Turn, due: &Due) -> DueImage {
    let operation = plan.operations.get(due.operation.0);
    DueImage {
        at,
        number,
        operation: operation.map(|operation| operation.id.clone()).unwrap_or_default(),
        parameters: due.parameters.clone(),
        base: due.base.clone(),
    }
}

fn restored_schedule(plan: &Plan, stored: &StoredSchedule) -> Schedule {
    let waiting = stored.waiting.values().filter_map(|due| restored_due(plan, due));
    Schedule::of(stored.count, waiting)
}

fn restored_due(plan: &Plan, due: &DueImage) -> Option<(Turn, Due)> {
    let operation = plan.operations.iter().position(|one| one.id == due.operation)?;
    let operation = OperationId(operation);
    let DueImage { at, number, parameters, base, .. } = due.clone();
    Some(((at, number), Due { operation, parameters, base }))
}

fn restored_link(plan: &Plan, link: LinkImage) -> Option<(Arc<str>, Link)> {
    let operation = plan.operations.iter().position(|one| one.id == link.operation)?;
    Some((link.token, Link { operation: OperationId(operation), parameters: link.parameters }))
}

fn outbox_attempted(attempted: Option<&[Arc<Message>; 2]>) -> Option<Value> {
    attempted.map(|[_, after]| message(after))
}

fn message(message: &Message) -> Value {
    let Message { id, time, channel, name, recipient, links, data, delivery } = message;
    let links = links.iter().map(|(name, token)| {
        Value::list(vec![Value::Text(name.clone()), Value::Text(token.clone())])
    });
    let members = [
        ("id", Value::number(&id.to_string()).unwrap_or_default()),
        ("time", time.to_string().into()),
        ("channel", Value::Text(channel.clone())),
        ("name", Value::Text(name.clone())),
        ("recipient", Value::Text(recipient.clone())),
        ("links", Value::list(links.collect())),
        ("data", data.clone()),
    ];
    let delivery = delivery.as_ref().map(|delivery| ("delivery", delivery.value()));
    let members = members.into_iter().chain(delivery);
    Value::map(members.map(|(name, value)| (name.into(), value)).collect())
}

fn read_message(value: &Value) -> Option<Message> {
    let text = |name| match value.get(name) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let links = value.get("links")?.as_list()?.iter().map(|link| match link.as_list() {
        Some([Value::Text(name), Value::Text(token)]) => Some((name.clone(), token.clone())),
        _ => None,
    });
    Some(Message {
        id: value.get("id")?.to_string().parse().ok()?,
        time: text("time")?.parse::<Timestamp>().ok()?,
        channel: text("channel")?,
        name: text("name")?,
        recipient: text("recipient")?,
        links: links.collect::<Option<_>>()?,
        data: value.get("data")?.clone(),
        delivery: match value.get("delivery") {
            Some(delivery) => Some(Delivery::read(delivery)?),
            None => None,
        },
    })
}

fn link_image(plan: &Plan, token: &Arc<str>, link: &Link) -> LinkImage {
    let operation = plan.operations.get(link.operation.0);
    LinkImage {
        token: token.clone(),
        operation: operation.map(|operation| operation.id.clone()).unwrap_or_default(),
        parameters: link.parameters.clone(),
    }
}

/// A row as it was written down, of the shape that its collection has now.
pub(super) fn row(collection: &Collection, stored: &Value) -> Record {
    let mut record = Record::new(collection.shape.clone());
    for (name, value) in stored.members().into_iter().flatten() {
        record.set(name, Some(value.clone()));
    }
    record
}

/// The account that was written down, where its rows fit the spec. What was sent and generated
/// goes on; settings, sequences and links that the spec no longer has are left out.
pub(super) fn restored(plan: &Plan, stored: &StoredAccount) -> Account {
    let mut store = MemoryStore::new(plan.layout.clone());
    let mut changes = Changes::default();
    for (at, collection) in plan.collections.iter().enumerate() {
        for (number, stored) in stored.rows.get(&collection.name).into_iter().flatten() {
            let after = Some(Arc::new(row(collection, stored)));
            changes.rows.push(RowChange { collection: at, row: *number, before: None, after });
        }
    }
    for (name, sequence) in sequences(plan) {
        if let Some(after) = stored.sequences.get(&name) {
            changes.sequences.push(SequenceChange { sequence, before: 0, after: *after });
        }
    }
    store.redo(changes);
    let mut random = Random::new(stored.seed, &plan.service.vendor);
    random.restore(stored.drawn);
    Account::of(Parts {
        store: Box::new(store),
        settings: Arc::new(settings(plan, &stored.settings)),
        random,
        outbox: restored_outbox(plan, stored.outbox.clone()),
        schedule: restored_schedule(plan, &stored.schedule),
        windows: restored_windows(stored),
    })
}

/// Does again what changed elsewhere.
pub(super) fn follow(plan: &Plan, account: &mut Account, change: AccountChange) {
    let mut changes = Changes::default();
    for (name, row_number, stored) in change.rows {
        let found = plan.collections.iter().enumerate().find(|(_, one)| one.name == name);
        if let Some((collection, shape)) = found {
            let after = stored.map(|stored| Arc::new(row(shape, &stored)));
            changes.rows.push(RowChange { collection, row: row_number, before: None, after });
        }
    }
    for (name, after) in change.sequences {
        if let Some((_, sequence)) = sequences(plan).find(|(known, _)| *known == name) {
            changes.sequences.push(SequenceChange { sequence, before: 0, after });
        }
    }
    account.store.redo(changes);
    if let Some(drawn) = change.drawn {
        account.has_drawn(drawn);
    }
    if let Some(stored) = change.settings {
        account.settings = Arc::new(settings(plan, &stored));
    }
    if let Some(stored) = change.outbox {
        account.outbox = restored_outbox(plan, stored);
    }
    if change.cleared {
        account.outbox.clear();
    }
    // They get the ids that they got there, since as many came before.
    let mut sent: Vec<Outgoing> =
        change.messages.iter().filter_map(read_message).map(|one| (one, Vec::new())).collect();
    if let Some((_, links)) = sent.last_mut() {
        links.extend(change.links.into_iter().filter_map(|link| restored_link(plan, link)));
    }
    account.outbox.send(sent);
    if let Some(attempted) = change.attempted.as_ref().and_then(read_message) {
        account.outbox.put(attempted);
    }
    if let Some(ScheduleImage { count, waiting }) = change.schedule {
        let due = waiting.iter().filter_map(|due| restored_due(plan, due));
        account.schedule = Schedule::of(count, due);
    }
    let ran = change.ran.and_then(|number| account.schedule.turn(number));
    let added = change.scheduled.iter().filter_map(|due| restored_due(plan, due));
    let added = added.map(|((at, _), due)| (at, due)).collect();
    account.schedule.change(ran, added);
    if let Some(windows) = change.windows {
        account.windows = Windows::of(windows);
    }
    for window in change.counts {
        account.windows.put(window);
    }
}

/// All that an account is, as it is stored; the fixtures of one that nobody changed are not.
pub(super) fn told(plan: &Plan, account: &Account) -> StoredAccount {
    if account.written {
        return StoredAccount::of_whole(whole(plan, account));
    }
    let windows = Some(account.windows.image());
    let stored = StoredAccount::of_whole(AccountChange { windows, ..AccountChange::default() });
    StoredAccount { untouched: true, ..stored }
}

/// The counts of the rate limit that were written down.
pub(super) fn restored_windows(stored: &StoredAccount) -> Windows {
    Windows::of(stored.windows.values().cloned())
}

fn settings(plan: &Plan, stored: &Map) -> Map {
    let mut settings = defaults(plan);
    for (name, value) in stored.iter() {
        if let Some(setting) = settings.get_mut(name) {
            *setting = value.clone();
        }
    }
    settings
}

fn restored_outbox(plan: &Plan, mut stored: OutboxImage) -> Outbox {
    stored.bound(MOST_MESSAGES, MOST_LINKS);
    let operations = plan.operations.iter().enumerate();
    let operations: HashMap<&str, usize> =
        operations.map(|(at, operation)| (&*operation.id, at)).collect();
    let links = stored.links.into_iter().filter_map(|link| {
        let operation = OperationId(*operations.get(&*link.operation)?);
        Some((link.token, Link { operation, parameters: link.parameters }))
    });
    Outbox::of(stored.sent, stored.messages.iter().filter_map(read_message), links)
}
