//! Disks that are full: what could not be kept is refused and taken back, and all else goes on.
//!
//! A limit of the process on the size of files is what a test can set without being root: a write
//! beyond it fails as one does for which there is no room, and one that is smaller finds room.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::support::serving::Serving;
use super::{JSON, folder, get, kill, serve};

/// A mock whose files have at most so many blocks of 512 bytes.
fn limited(folder: &Folder, blocks: u32) -> Serving {
    let program = env!("CARGO_BIN_EXE_counterpart-mock");
    // Without the signal, which would end it, the write fails.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.current_dir(&folder.0).args(["-c", &script, program]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--no-watch", "--state", "state.log"]);
    Serving::of(command)
}

fn create(client: &mut Client, session: &str, item: &str, padding: usize) -> Reply {
    let body = format!("{{\"item\":\"{item}{}\"}}", " ".repeat(padding));
    client.send("POST", &format!("{session}/shop/orders"), &[JSON], body)
}

fn items(client: &mut Client, session: &str) -> BTreeSet<String> {
    let rows = get(client, &format!("{session}/_counterpart/state/shop/orders"));
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["item"].as_str().unwrap().trim_end().to_owned()).collect()
}

#[test]
fn what_finds_no_room_is_refused_and_taken_back() {
    let folder = folder("state-full");
    let serving = limited(&folder, 128);
    let mut client = Client::new(serving.address());
    let mut known: BTreeSet<String> = ["fixture".to_owned()].into();
    let refused = loop {
        let item = format!("large {}", known.len());
        let reply = create(&mut client, "", &item, 3_000);
        if reply.status != 201 {
            break reply;
        }
        known.insert(item);
    };
    assert_eq!(refused.status, 503, "{}", refused.text());
    let said = refused.text();
    assert!(
        said.contains("cannot write to state.log") && said.contains("\"outcome\":\"not done\""),
        "{said}"
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    // What was answered is answered on.
    assert_eq!(items(&mut client, ""), known);
    let outbox = get(&mut client, "/_counterpart/outbox/shop");
    assert_eq!(outbox.as_array().unwrap().len(), known.len() - 1);
    // A session that is made now cannot be kept either.
    assert_eq!(create(&mut client, "/@new", "large", 3_000).status, 503);
    // As soon as there is room it goes on, with the number that the refused one would have had.
    let reply = loop {
        let reply = create(&mut client, "", "small", 0);
        if reply.status == 201 {
            break reply;
        }
        assert_eq!(reply.status, 503, "{}", reply.text());
    };
    assert!(reply.text().contains(&format!("\"id\":{}", known.len() + 1)), "{}", reply.text());
    known.insert("small".to_owned());
    let health = get(&mut client, "/_counterpart/health");
    assert_eq!((&health["status"], &health["state"]["kept"]), (&"ok".into(), &true.into()));
    assert_eq!(create(&mut client, "", "large again", 3_000).status, 503);
    let health = get(&mut client, "/_counterpart/health");
    if health["status"] == "failing" {
        let reason = health["state"]["reason"].as_str().unwrap();
        assert!(reason.contains("cannot write to state.log"), "{reason}");
    }
    kill(serving);
    let serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    assert_eq!(items(&mut client, ""), known);
    assert_eq!(create(&mut client, "", "large at last", 3_000).status, 201);
}

#[test]
fn nothing_that_was_answered_is_lost_where_many_find_no_room() {
    let folder = folder("state-many");
    let serving = limited(&folder, 200);
    let address = serving.address();
    let (kept, refused) = (Mutex::new(BTreeSet::new()), Mutex::new(BTreeSet::new()));
    thread::scope(|scope| {
        for number in 0..6 {
            let (kept, refused) = (&kept, &refused);
            scope.spawn(move || {
                let mut client = Client::new(address);
                let session = ["", "/@one", "/@two"][number % 3];
                for round in 0..40 {
                    let item = format!("{session} {number} {round}");
                    // Some are large, some find room again.
                    let reply = create(&mut client, session, &item, 2_500 * (round % 2));
                    let told = match reply.status {
                        201 => kept,
                        503 => refused,
                        status => panic!("{status} {}", reply.text()),
                    };
                    told.lock().unwrap().insert((session, item));
                }
            });
        }
    });
    let (kept, refused) = (kept.into_inner().unwrap(), refused.into_inner().unwrap());
    assert!(!kept.is_empty() && !refused.is_empty());
    let check = |serving: &Serving| {
        let mut client = Client::new(serving.address());
        for session in ["", "/@one", "/@two"] {
            let own = kept.iter().filter(|(of, _)| *of == session).map(|(_, item)| item.clone());
            let wanted: BTreeSet<String> = own.chain(["fixture".to_owned()]).collect();
            assert_eq!(items(&mut client, session), wanted, "{session}");
        }
    };
    check(&serving);
    kill(serving);
    check(&serve(&folder, &[]));
}
