//! Replicas that crash and begin again, and clients of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::database::{Connections, Database};
use super::history::{Operation, Seen};
use super::scheduler::Scheduler;
use super::weather::{Flaw, Weather};
use crate::control::Control;
use crate::exchange::{Answer, Handler, Request};
use crate::load::load_sources;
use crate::mock::Mock;
use crate::mock::session::Start;
use crate::plan::Plan;
use crate::replicas::{Replicated, Shared};
use crate::source::Source;

const REPLICAS: usize = 3;
const CLIENTS: usize = 4;
const REQUESTS: u64 = 14;
const SESSIONS: [&str; 2] = ["", "/@one"];

static PLANS: LazyLock<Vec<Arc<Plan>>> = LazyLock::new(|| {
    let source = Source::new("spec.yaml", include_str!("spec.yaml"));
    load_sources(&[source]).expect("the spec is right").plans
});

/// What came of a seed.
pub(super) struct Outcome {
    /// What is not as it must be.
    pub(super) wrong: Option<String>,
    /// All that happened.
    pub(super) history: String,
    /// How often it happened.
    pub(super) counts: BTreeMap<&'static str, usize>,
}

/// All there is.
pub(super) struct World {
    scheduler: Arc<Scheduler>,
    database: Arc<Database>,
    replicas: Mutex<Vec<Option<Arc<Running>>>>,
    histories: [Mutex<Seen>; SESSIONS.len()],
    log: Mutex<String>,
    counts: Mutex<BTreeMap<&'static str, usize>>,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    replica: i64,
    clients: usize,
    wrong: Option<String>,
}

/// A replica.
struct Running {
    number: i64,
    handler: Replicated,
    dead: Arc<AtomicBool>,
}

impl World {
    /// What happens with that seed, and that flaw of the database.
    pub(super) fn run(seed: u64, flaw: Option<Flaw>) -> Outcome {
        let scheduler = Scheduler::new(seed);
        let database = Database::new(scheduler.clone(), flaw);
        let world = Arc::new(Self {
            scheduler: scheduler.clone(),
            database,
            replicas: Mutex::new((0..REPLICAS).map(|_| None).collect()),
            histories: Default::default(),
            log: Mutex::default(),
            counts: Mutex::default(),
            last: Mutex::new(Last { clients: CLIENTS, ..Last::default() }),
        });
        scheduler.spawn(world.clone().story());
        scheduler.run();
        let last = std::mem::take(&mut *world.last.lock());
        let mut wrong = last.wrong;
        if last.clients > 0 {
            wrong = Some(format!("{} clients wait for ever", last.clients));
        }
        for (session, history) in SESSIONS.iter().zip(&world.histories) {
            let history = history.lock();
            if !history.fits() {
                let what = "what was seen of session";
                wrong.get_or_insert(format!("{what} {session:?} fits no order: {history:#?}"));
            }
            let (answered, refused, unknown) = history.counts();
            for (what, count) in
                [("answered", answered), ("refused", refused), ("unknown", unknown)]
            {
                world.counted(what, count);
            }
        }
        let history = std::mem::take(&mut *world.log.lock());
        let counts = std::mem::take(&mut *world.counts.lock());
        Outcome { wrong, history, counts }
    }

    async fn story(self: Arc<Self>) {
        for place in 0..REPLICAS {
            self.start(place).await;
        }
        let often = [0, 10, 40, 120];
        let drawn = || often[self.scheduler.below(4) as usize];
        self.database.becomes(Weather {
            unreachable: drawn(),
            conflict: drawn(),
            lost_before: drawn(),
            lost_after: drawn(),
        });
        for client in 0..CLIENTS {
            self.scheduler.spawn(self.clone().client(client));
        }
        for _ in 0..self.scheduler.below(5) {
            self.scheduler.sleep(self.scheduler.below(150)).await;
            let place = self.scheduler.below(REPLICAS as u64) as usize;
            match self.scheduler.below(3) {
                0 => self.forget(place),
                _ => self.crash(place).await,
            }
        }
        while self.last.lock().clients > 0 {
            self.scheduler.sleep(50).await;
            // A client that waits for ever must not keep the world going.
            if self.scheduler.now() > 1_000_000 {
                return;
            }
        }
        self.database.becomes(Weather::default());
        // What came late has come by now.
        self.scheduler.sleep(1000).await;
        self.compare().await;
    }

    async fn start(self: &Arc<Self>, place: usize) {
        let number = {
            let mut last = self.last.lock();
            last.replica += 1;
            last.replica
        };
        let dead = Arc::<AtomicBool>::default();
        let database = self.database.clone();
        let store = Arc::new(Connections { database, replica: number, dead: dead.clone() });
        let start = Start {
            seed: 7,
            clock: Some(Timestamp::UNIX_EPOCH),
            frozen: true,
            most_sessions: 10,
            idle: Duration::from_hours(1),
        };
        let shared = loop {
            match Shared::of(store.clone(), &start).await {
                Ok(shared) => break shared,
                Err(_) => self.scheduler.sleep(20).await,
            }
        };
        let Shared { store, default } = shared;
        let mock = Mock::shared(PLANS.clone(), start, true, Shared::DEFAULT, &default);
        let control = Arc::new(Control::new(Arc::new(mock)));
        let (scheduler, is_dead) = (self.scheduler.clone(), dead.clone());
        let handler = Replicated::of(
            control,
            store,
            number,
            Box::new(move |mut work| {
                let dead = is_dead.clone();
                scheduler.spawn(std::future::poll_fn(move |context| {
                    match dead.load(Ordering::Relaxed) {
                        true => Poll::Ready(()),
                        false => work.as_mut().poll(context),
                    }
                }));
            }),
        );
        let running = Arc::new(Running { number, handler, dead });
        if let Some(place) = self.replicas.lock().get_mut(place) {
            *place = Some(running);
        }
    }

    /// A replica ends at any moment, and begins again.
    async fn crash(self: &Arc<Self>, place: usize) {
        let Some(running) = self.replicas.lock().get_mut(place).and_then(Option::take) else {
            return;
        };
        self.noted(format_args!("replica {} crashes", running.number));
        self.counted("crashes", 1);
        running.dead.store(true, Ordering::Relaxed);
        self.database.loses(running.number);
        self.scheduler.sleep(self.scheduler.below(100)).await;
        self.start(place).await;
    }

    /// A replica frees the memory of sessions that are not used.
    fn forget(&self, place: usize) {
        if let Some(Some(running)) = self.replicas.lock().get(place) {
            running.handler.replica.forget_idle(Duration::ZERO);
            self.counted("memory freed", 1);
        }
    }

    async fn client(self: Arc<Self>, client: usize) {
        for at in 0..REQUESTS {
            self.scheduler.sleep(self.scheduler.below(40)).await;
            let session = self.scheduler.below(SESSIONS.len() as u64) as usize;
            let drawn = self.scheduler.below(20);
            let name = self.scheduler.below(4);
            let operation = match drawn {
                0..3 => Operation::Set(client as u64 * REQUESTS + at + 1),
                3..6 => Operation::Setting(None),
                6..9 => Operation::Claim(name, None),
                9..12 => Operation::Names(None),
                12..15 => Operation::Count(None),
                15..17 => Operation::Counted(None),
                17 => Operation::Later,
                18 => Operation::Advance,
                _ => Operation::Reset,
            };
            self.does(session, operation).await;
        }
        self.last.lock().clients -= 1;
    }

    /// Has something done by some replica.
    async fn does(&self, session: usize, operation: Operation) {
        let place = self.scheduler.below(REPLICAS as u64) as usize;
        let Some(running) = self.replicas.lock().get(place).cloned().flatten() else { return };
        let (Some(name), Some(seen)) = (SESSIONS.get(session), self.histories.get(session)) else {
            return;
        };
        let request = seen.lock().began(&operation);
        let asked = asked(name, &operation, self.scheduler.happens(500));
        let answer = self.asks(&running, asked).await;
        let number = running.number;
        let now = self.scheduler.now();
        let said = answer.as_ref().map(|answer| answer.status.as_u16());
        self.noted(format_args!("{now} {name} {number} {operation:?} {said:?}"));
        let Some(answer) = answer else { return };
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status == 503 {
            match body.get("outcome").and_then(Value::as_str) {
                Some("not done") => seen.lock().refused(request),
                Some("unknown") => {}
                _ => self.wrong(format!("{operation:?}: {body}")),
            }
            return;
        }
        let value = body.get("value").and_then(Value::as_u64);
        let ended = match operation {
            Operation::Setting(_) => Operation::Setting(value),
            Operation::Count(_) => Operation::Count(value),
            Operation::Counted(_) => Operation::Counted(value),
            Operation::Claim(name, _) => Operation::Claim(name, Some(answer.status == 201)),
            Operation::Names(_) => {
                let rows = body.as_array().into_iter().flatten();
                Operation::Names(Some(rows.filter_map(|row| row.get("name")?.as_u64()).collect()))
            }
            other => other,
        };
        if !matches!(answer.status.as_u16(), 200..300 | 409) {
            self.wrong(format!("{ended:?}: {} {body}", answer.status));
        }
        seen.lock().ended(request, ended);
    }

    /// The answer, unless the replica ends before.
    async fn asks(&self, running: &Running, request: Request) -> Option<Answer> {
        let local = SocketAddr::from(([127, 0, 0, 1], 80));
        let mut answer = running.handler.handle(request, local);
        let Some(wait) = answer.wait.take() else { return Some(answer) };
        let mut over = Box::pin(wait.over());
        loop {
            let polled = std::future::poll_fn(|context| Poll::Ready(over.as_mut().poll(context)));
            if let Poll::Ready(instead) = polled.await {
                return Some(instead.unwrap_or(answer));
            }
            if running.dead.load(Ordering::Relaxed) {
                return None;
            }
            self.scheduler.sleep(1).await;
        }
    }

    /// In the end all replicas have the same state, and so has one that begins only now.
    async fn compare(self: &Arc<Self>) {
        for (at, session) in SESSIONS.iter().enumerate() {
            for operation in
                [Operation::Setting(None), Operation::Names(None), Operation::Counted(None)]
            {
                self.does(at, operation).await;
            }
            self.start(0).await;
            let mut states = Vec::new();
            for place in 0..REPLICAS {
                let running = self.replicas.lock().get(place).cloned().flatten();
                let Some(running) = running else { continue };
                let request = request(Method::GET, session, "/_counterpart/state/shop", None);
                if let Some(answer) = self.asks(&running, request).await {
                    states.push((answer.status, answer.body));
                }
            }
            if states.len() != REPLICAS || states.iter().any(|one| Some(one) != states.first()) {
                self.wrong(format!("replicas differ: {states:#?}"));
            }
        }
    }

    fn wrong(&self, said: String) {
        self.last.lock().wrong.get_or_insert(said);
    }

    fn noted(&self, said: std::fmt::Arguments<'_>) {
        writeln!(self.log.lock(), "{said}").ok();
    }

    fn counted(&self, what: &'static str, count: usize) {
        *self.counts.lock().entry(what).or_default() += count;
    }
}

fn asked(session: &str, operation: &Operation, drops: bool) -> Request {
    let post = |path: &str, body| request(Method::POST, session, path, Some(body));
    let get = |path: &str| request(Method::GET, session, path, None);
    match operation {
        Operation::Set(value) => {
            let path = "/_counterpart/state/shop/settings";
            request(Method::PUT, session, path, Some(json!({"value": value})))
        }
        Operation::Setting(_) => get("/shop/setting"),
        Operation::Claim(name, _) => post("/shop/names", json!({"name": name})),
        Operation::Names(_) => get("/shop/names"),
        Operation::Count(_) => request(Method::POST, session, "/shop/counter", None),
        Operation::Counted(_) => get("/shop/counter"),
        Operation::Later => request(Method::POST, session, "/shop/counter/later", None),
        Operation::Advance => post("/_counterpart/clock/advance", json!({"by": "PT1H"})),
        // A session that is dropped begins as all do when it is asked for again.
        Operation::Reset if drops && !session.is_empty() => {
            let name = session.trim_start_matches("/@");
            let body = json!({"names": [name]});
            request(Method::POST, "", "/_counterpart/sessions/drop", Some(body))
        }
        Operation::Reset => request(Method::POST, session, "/_counterpart/reset", None),
    }
}

fn request(method: Method, session: &str, path: &str, body: Option<Value>) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static("127.0.0.1"));
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let target = format!("{session}{path}").parse().expect("a path");
    let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    Request { method, target, headers, body, tls: None }
}
