//! Answers that wait at one replica for what happens at another.

use super::postgres::Postgres;
use super::support::client::Client;
use super::support::folder::Folder;
use super::support::queue::{QUEUE, held, taker};
use super::{control, get, replicas};

#[test]
fn who_waits_at_one_is_told_of_what_another_did() {
    let Some(postgres) = Postgres::start("replicas-held") else { return };
    let folder = Folder::new("replicas-held", &[("specs/queue.yaml", QUEUE)]);
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two] = &mut *clients else { panic!() };
    let headers = [("Content-Type", "application/json")];
    for (at, text) in ["a", "b"].into_iter().enumerate() {
        let taker = taker(serving[0].address());
        held(one);
        // What is created elsewhere, and here.
        let client = if at == 0 { &mut *two } else { &mut *one };
        let body = format!("{{\"text\":\"{text}\"}}");
        assert_eq!(client.send("POST", "/queue/messages", &headers, body).status, 201);
        assert!(taker.join().unwrap().text().contains(text));
    }
    // The clock, and both in the journal once, behind what they waited for.
    control(two, "PUT", "/_counterpart/clock", r#"{"frozen": true}"#);
    let taker = taker(serving[0].address());
    held(one);
    control(two, "POST", "/_counterpart/clock/advance", r#"{"by": "PT1H"}"#);
    assert_eq!(taker.join().unwrap().text(), "[]");
    let all = get(two, "/_counterpart/requests");
    let operations: Vec<_> =
        all.as_array().unwrap().iter().map(|one| one["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["put", "take", "put", "take", "take"]);
}
