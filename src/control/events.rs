//! `events`: what happens, as server-sent events (WHATWG HTML, section 9.2).

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::{sleep, timeout};

use super::call::Call;
use super::happened;
use super::reply::Refused;
use crate::exchange::{Answer, Chunks};
use crate::mock::feed::{Event, News, Reader};
use crate::value::{Map, Value};

/// So many events are written at once.
const BATCH: usize = 64;
/// How often something is sent while nothing happens, so that an end is noticed on both sides.
const ALIVE: Duration = Duration::from_secs(15);

/// How often something is sent to whoever wants a few requests a second only.
const PACE: Duration = Duration::from_millis(100);

/// `GET events`: those of the session; below no session, those of all. There is one piece on its
/// way at most: who does not read holds nothing else, and is told how much it missed. With `most`
/// so many requests a second are told at most, so that who looks on costs next to nothing however
/// many there are.
pub(super) fn stream(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&["most"])?;
    let most = call.number("most")?;
    let most = most.map(|most| usize::try_from(most).unwrap_or(usize::MAX).div_ceil(10));
    if tokio::runtime::Handle::try_current().is_err() {
        let said = "events are for clients that are connected";
        return Err(Refused::new(StatusCode::NOT_IMPLEMENTED, said));
    }
    let (sender, chunks) = channel(1);
    let reader = call.mock.streams().watch();
    let session = call.session.name.to_string();
    tokio::spawn(send(reader, session, most, sender));
    let mut answer = Answer::empty(StatusCode::OK);
    let stream = HeaderValue::from_static("text/event-stream");
    answer.headers.insert(CONTENT_TYPE, stream);
    answer.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.stream = Some(Chunks::new(chunks));
    Ok(answer)
}

async fn send(
    mut reader: Reader,
    session: String,
    most: Option<usize>,
    sender: Sender<io::Result<Bytes>>,
) {
    // It shows that the stream has begun.
    let mut text = ": what happens from now on\n\n".to_owned();
    loop {
        if !text.is_empty() && sender.send(Ok(Bytes::from(text))).await.is_err() {
            return;
        }
        let next = reader.next(|reader| match most {
            None => reader.take(BATCH),
            Some(most) => reader.newest(most),
        });
        let paced = async {
            if most.is_some() {
                sleep(PACE).await;
            }
            timeout(ALIVE, next).await
        };
        text = tokio::select! {
            news = paced => match news {
                Ok(news) => written(&news, &session),
                Err(_) => ": nothing new\n\n".to_owned(),
            },
            () = sender.closed() => return,
        };
    }
}

fn written(news: &News, session: &str) -> String {
    let mut text = String::new();
    if news.missed > 0 {
        put(&mut text, "missed", happened::missed(news.missed));
    }
    for event in news.events.iter().filter(|event| concerns(event, session)) {
        let name = match event {
            Event::Request(_) => "request",
            Event::Outbox { .. } => "outbox",
            Event::Changed { .. } => "changed",
            Event::Reloaded { .. } | Event::NotReloaded(_) => "reload",
            Event::Said(_) => "message",
            Event::Gone => continue,
        };
        if let Some(map) = happened::event(event, false) {
            put(&mut text, name, map);
        }
    }
    text
}

fn concerns(event: &Event, wanted: &str) -> bool {
    let session = match event {
        Event::Request(happened) => &happened.session,
        Event::Outbox { session, .. } | Event::Changed { session, .. } => session,
        _ => return true,
    };
    wanted.is_empty() || **session == *wanted
}

fn put(text: &mut String, name: &str, map: Map) {
    // A value is always something that JSON can say; JSON has no line ends of its own.
    let data = serde_json::to_string(&Value::map(map)).unwrap_or_default();
    // Writing to a string cannot fail.
    _ = write!(text, "event: {name}\ndata: {data}\n\n");
}
