//! Files that are cut off or changed: what is in them is what was answered, or nothing at all.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use counterpart::unstable::ledger::{Contents, OpenError, contents};

use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::{Serving, command};
use super::{control, create, folder, get, kill, serve};

const ORDERS: usize = 25;

/// A file of so many orders, one after the other.
fn written(folder: &Folder) -> Vec<u8> {
    let serving = serve(folder, &["--seed", "1"]);
    let mut client = Client::new(serving.address());
    for number in 0..ORDERS {
        assert_eq!(create(&mut client, "", &format!("tea {number}")).status, 201);
    }
    kill(serving);
    fs::read(folder.0.join("state.log")).unwrap()
}

fn read(folder: &Folder, bytes: &[u8]) -> Result<Contents, OpenError> {
    let path = folder.0.join("copy.log");
    fs::write(&path, bytes).unwrap();
    contents(&path)
}

/// How many orders there are, all of them as they were made, and none between them missing.
fn orders(contents: &Contents) -> usize {
    let account = contents.stored.session("").map(|(_, session)| session.accounts.get("shop"));
    let rows = account.flatten().and_then(|account| account.rows.get("orders"));
    let items = rows.into_iter().flatten().map(|(_, row)| row.get("item").unwrap().to_string());
    let items: Vec<String> = items.collect();
    for (at, item) in items.iter().enumerate() {
        let wanted = if at == 0 { "fixture".to_owned() } else { format!("tea {}", at - 1) };
        assert_eq!(*item, wanted);
    }
    items.len().saturating_sub(1)
}

/// Numbers that look random, the same each time.
fn numbers(mut seed: u64) -> impl Iterator<Item = usize> {
    std::iter::repeat_with(move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap()
    })
}

#[test]
fn a_file_that_is_cut_off_has_what_was_written_before() {
    let folder = folder("state-cut");
    let whole = written(&folder);
    assert_eq!(orders(&read(&folder, &whole).unwrap()), ORDERS);
    let mut last = 0;
    for length in (0..whole.len()).step_by(61).chain([whole.len() - 1]) {
        let found = read(&folder, &whole[..length]).unwrap_or_else(|error| panic!("{error}"));
        let count = orders(&found);
        assert!(count >= last, "more of the file, and less in it");
        last = count;
        assert_eq!(found.length + found.unfinished, length as u64);
    }
    assert_eq!(last, ORDERS - 1, "only the last one is not finished");
    // The mock takes out what is not finished, says so, and goes on from there.
    fs::write(folder.0.join("state.log"), &whole[..whole.len() - 3]).unwrap();
    let mut serving = serve(&folder, &["--seed", "1"]);
    let mut client = Client::new(serving.address());
    let rows = get(&mut client, "/_counterpart/state/shop/orders");
    assert_eq!(rows.as_array().unwrap().len(), ORDERS);
    assert_eq!(create(&mut client, "", &format!("tea {}", ORDERS - 1)).status, 201);
    let (_, stderr) = serving.stop("-TERM");
    assert!(stderr.contains("that was not finished is taken out"), "{stderr}");
    let found = contents(&folder.0.join("state.log")).unwrap();
    assert_eq!((orders(&found), found.unfinished), (ORDERS, 0));
}

#[test]
fn a_file_that_was_changed_is_damaged() {
    let folder = folder("state-damage");
    let whole = written(&folder);
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let last = whole.len() - lines.last().unwrap().len();
    let mut refused = 0;
    for (round, number) in numbers(11).take(600).enumerate() {
        let at = number % whole.len();
        let mut bytes = whole.clone();
        match round % 3 {
            0 => bytes[at] ^= 1 << (number % 8),
            1 => bytes[at..].iter_mut().take(40).for_each(|byte| *byte = 0),
            _ => drop(bytes.splice(at..(at + 9).min(whole.len()), *b"{}")),
        }
        if bytes == whole {
            continue;
        }
        match read(&folder, &bytes) {
            // Of what was written last nobody can tell whether it was ever finished.
            Ok(found) => {
                assert!(found.unfinished > 0, "byte {at} of {}", whole.len());
                assert!(at + 40 > last, "byte {at}: it was written before {last}");
                assert!(orders(&found) + 2 >= ORDERS);
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 400, "{refused}");
    // Lines that are missing or stand elsewhere are as they were written, each for itself.
    for (from, to) in [(3, 9), (4, 5), (12, 20)] {
        let without = [&lines[..from], &lines[to..]].concat().concat();
        assert!(matches!(read(&folder, &without), Err(OpenError::Damaged { .. })));
        let mut moved = lines.clone();
        moved.swap(from, to);
        assert!(matches!(read(&folder, &moved.concat()), Err(OpenError::Damaged { .. })));
    }
    // The mock says so, and changes nothing.
    let mut bytes = whole;
    bytes[last / 2] ^= 4;
    let path = folder.0.join("state.log");
    fs::write(&path, &bytes).unwrap();
    let (code, stderr) = refusal(&folder, "state.log");
    assert_eq!(code, Some(2));
    assert!(stderr.contains("state.log is damaged at byte"), "{stderr}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

/// The exit code of a mock that does not start, and what it says.
pub(super) fn refusal(folder: &Folder, file: &str) -> (Option<i32>, String) {
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--no-watch", "--state", file];
    let ended = command(folder, &arguments).stdout(Stdio::null()).output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn a_file_is_for_one_process() {
    let folder = folder("state-two");
    let first = serve(&folder, &[]);
    let (code, stderr) = refusal(&folder, "state.log");
    assert_eq!(code, Some(2));
    assert!(stderr.contains("another process writes to state.log"), "{stderr}");
    kill(first);
    kill(serve(&folder, &[]));
}

#[test]
fn other_files_are_not_touched() {
    let folder = folder("state-foreign");
    for (text, said) in [
        ("notes of mine\n", "notes.txt is not a file that `--state` has written"),
        ("counterpart-state 3\n", "notes.txt is of version 3, which this program does not know"),
    ] {
        folder.write("notes.txt", text);
        let (code, stderr) = refusal(&folder, "notes.txt");
        assert_eq!(code, Some(2));
        assert!(stderr.contains(said), "{stderr}");
        assert_eq!(folder.read("notes.txt"), text);
    }
    let (code, stderr) = refusal(&folder, "nowhere/state.log");
    assert_eq!(code, Some(2));
    assert!(stderr.contains("cannot use nowhere/state.log"), "{stderr}");
    assert!(!Path::new(&folder.0.join("nowhere")).exists());
}

#[test]
fn a_file_that_grows_is_written_anew() {
    let folder = folder("state-grows");
    let serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    assert_eq!(create(&mut client, "", "tea").status, 201);
    let long = "x".repeat(200_000);
    let length = || fs::metadata(folder.0.join("state.log")).unwrap().len();
    let (mut before, mut longest, mut smaller) = (0, 0, false);
    for number in 0..60 {
        let row = format!("{{\"item\":\"{number}{long}\"}}");
        control(&mut client, "PUT", "/_counterpart/state/shop/orders/2", &row);
        let now = length();
        smaller |= now < before;
        before = now;
        longest = longest.max(now);
    }
    assert!(smaller, "12 MB were written");
    assert!(longest < 8_000_000, "{longest}");
    kill(serving);
    let serving = Serving::start(&folder, &["--state", "state.log"]);
    let rows = get(&mut Client::new(serving.address()), "/_counterpart/state/shop/orders");
    assert_eq!(rows[1]["item"], format!("59{long}"));
}
