//! The journal is that of all replicas: what is in it, in which order, and what takes it back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use super::postgres::Postgres;
use super::support::client::Client;
use super::support::folder::Folder;
use super::{JSON, claim, control, folder, get, kill, replicas, serve};

/// A list of the journal, without what each replica says of its own.
fn journal(client: &mut Client, at: &str, query: &str) -> Vec<Value> {
    let all = get(client, &format!("{at}/_counterpart/requests{query}"));
    let mut all = all.as_array().unwrap().clone();
    for one in &mut all {
        // Which host was asked is who asked.
        one.as_object_mut().unwrap().remove("url");
    }
    all
}

pub fn ids(client: &mut Client, at: &str) -> Vec<(u64, String)> {
    let all = journal(client, at, "");
    let one = |one: &Value| {
        let request = format!("{} {}", one["request"]["method"], one["request"]["path"]);
        (one["id"].as_u64().unwrap(), request.replace('"', ""))
    };
    all.iter().map(one).collect()
}

#[test]
fn what_one_answered_all_tell() {
    let Some(postgres) = Postgres::start("replicas-journal") else { return };
    let folder = folder("replicas-journal");
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two] = &mut *clients else { panic!() };
    for at in ["", "/@mine"] {
        let secret = ("Authorization", "Bearer t0p-s3cret-t0ken");
        let body = r#"{"name":"tea","by":"t0p-s3cret-t0ken"}"#;
        let path = format!("{at}/shop/names");
        assert_eq!(one.send("POST", &path, &[JSON, secret], body).status, 201);
        assert_eq!(claim(two, at, "tea").status, 409);
        assert_eq!(one.send("GET", &format!("{at}/nothing"), &[], "").status, 404);
        assert!(two.send("POST", &path, &[JSON], "{").status >= 400);
        assert_eq!(claim(one, at, "cake").status, 201);
        let told = ids(one, at);
        let expected = ["POST", "POST", "GET", "POST", "POST"];
        let methods: Vec<_> =
            told.iter().map(|(_, said)| said.split(' ').next().unwrap()).collect();
        match at {
            // What only reads may come behind what others have changed meanwhile.
            "" => assert_eq!(methods.iter().filter(|one| **one == "GET").count(), 1),
            _ => assert_eq!(methods, expected, "{told:?}"),
        }
        let numbers: Vec<_> = told.iter().map(|(id, _)| *id).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        // Each tells the same of all, and of each alone.
        assert_eq!(journal(one, at, ""), journal(two, at, ""));
        assert_eq!(journal(one, at, "?short=true"), journal(two, at, "?short=true"));
        for id in numbers {
            let path = format!("{at}/_counterpart/requests/{id}");
            assert_eq!(get(one, &path), get(two, &path));
        }
        let first = get(two, &format!("{at}/_counterpart/requests/1"));
        assert_eq!(first["changes"]["rows"][0]["after"]["name"], "tea", "{first}");
        assert_eq!(first["changes"]["messages"], json!([1]));
        assert_eq!(first["request"]["headers"]["authorization"], "Bearer ***");
        assert_eq!(first["session"], at.trim_start_matches("/@"));
        let second = get(one, &format!("{at}/_counterpart/requests/2"));
        assert_eq!(second["response"]["status"], 409);
        let said = second["explanation"].to_string();
        assert!(said.contains("name is taken") && said.contains("names.unique[0]"), "{said}");
        // Filters.
        assert_eq!(journal(two, at, "?status=409").len(), 1);
        assert_eq!(journal(one, at, "?after=2&operation=claim").len(), 2);
        let coverage =
            |client: &mut Client| get(client, &format!("{at}/_counterpart/coverage/shop"));
        assert_eq!(coverage(one), coverage(two));
        for call in ["transitions", "statements"] {
            let path = format!("{at}/_counterpart/{call}/shop");
            let known = get(one, &path);
            assert_eq!(known, get(two, &path));
            assert!(call == "statements" || known != json!([]), "{known}");
        }
        // What has a credential is sent again by nobody, what has none by anybody.
        let again = |client: &mut Client, id: u64| {
            let path = format!("{at}/_counterpart/requests/{id}/again");
            client.send("POST", &path, &[], "")
        };
        let refused = again(two, 1);
        assert_eq!(refused.status, 409);
        let said = refused.text();
        assert!(said.contains("its field `authorization` has one"), "{said}");
        let path = format!("{at}/_counterpart/requests/1/again");
        // Its body has the credential too, which no field says.
        let given = r#"{"headers": {"Authorization": "Bearer t0p-s3cret-t0ken"}}"#;
        let refused = two.send("POST", &path, &[JSON], given);
        assert!(refused.text().contains("its body has one"), "{}", refused.text());
        let sent = super::json(&again(two, 5));
        assert_eq!(sent, json!({"id": 6, "status": 409}));
        // Who answered it has it as it was asked.
        let sent = super::json(&again(one, 1));
        assert_eq!(sent, json!({"id": 7, "status": 409}));
        assert_eq!(journal(one, at, "?after=5").len(), 2);
    }
    let kept = "SELECT count(*) FROM counterpart_journal WHERE body LIKE '%t0p-s3cret%'";
    assert_eq!(postgres.query(kept).as_deref(), Ok("0"));
    // One that comes later knows all of it, and so it is when all others have ended.
    let all = journal(one, "/@mine", "");
    drop(serving);
    let third = serve(&folder, &postgres.url());
    assert_eq!(journal(&mut Client::new(third.address()), "/@mine", ""), all);
}

#[test]
fn reads_of_the_default_session_are_told_soon() {
    let Some(postgres) = Postgres::start("replicas-reads") else { return };
    let folder = folder("replicas-reads");
    let mut serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two] = &mut *clients else { panic!() };
    for _ in 0..20 {
        get(one, "/shop/names");
    }
    // The one that was asked knows all that it has answered.
    assert_eq!(journal(one, "", "").len(), 20);
    for _ in 0..20 {
        get(one, "/shop/names");
    }
    while journal(two, "", "").len() < 40 {}
    // Those of another session are there at once, and so is what came before a change.
    for count in 1..=20 {
        get(one, "/@mine/shop/names");
        assert_eq!(journal(two, "/@mine", "").len(), count);
    }
    for count in 1..=5 {
        get(one, "/shop/names");
        get(one, "/shop/names");
        assert_eq!(one.send("POST", "/shop/counter", &[], "").status, 200);
        assert_eq!(journal(two, "", "").len(), 40 + 3 * count);
    }
    let numbers: Vec<_> = ids(two, "").iter().map(|(id, _)| *id).collect();
    assert_eq!(numbers, (1..=55).collect::<Vec<_>>());
    // Who ends as it should writes down what it has not yet; who is killed has told of its changes.
    for _ in 0..5 {
        get(two, "/shop/names");
    }
    assert_eq!(serving[1].stop("-TERM").0, Some(0));
    assert_eq!(journal(one, "", "").len(), 60);
    assert_eq!(one.send("POST", "/shop/counter", &[], "").status, 200);
    kill(&mut serving[0]);
    let third = serve(&folder, &postgres.url());
    assert_eq!(journal(&mut Client::new(third.address()), "", "").len(), 61);
}

#[test]
fn what_a_killed_replica_did_not_tell_is_named() {
    let Some(postgres) = Postgres::start("replicas-missing") else { return };
    // A rate limit would make each of them a change.
    let (before, limits) = super::SPEC.split_once("rateLimit:").unwrap();
    let spec = format!("{before}settings:{}", limits.split_once("settings:").unwrap().1);
    let folder = Folder::new("replicas-missing", &[("specs/shop.yaml", &spec)]);
    let mut serving = replicas(&folder, &postgres, 2);
    let mut two = Client::new(serving[1].address());
    let missing = |client: &mut Client, at: &str| {
        let all = get(client, &format!("{at}/_counterpart/requests/missing"));
        all.as_array().unwrap().clone()
    };
    // Killed in the midst of a burst, until it has not told what it answered.
    let (mut answered, mut named) = (0, 0);
    let gap = loop {
        assert!(answered < 4_000, "a killed replica has always told of all that it answered");
        let mut first = serve(&folder, &postgres.url());
        let mut one = Client::new(first.address());
        let health = get(&mut one, "/_counterpart/health");
        let name = health["state"]["replica"].as_str().unwrap().to_owned();
        get(&mut one, "/@mine/shop/names");
        for _ in 0..20 {
            get(&mut one, "/shop/names");
            answered += 1;
        }
        kill(&mut first);
        named += 1;
        let told = journal(&mut two, "", "").len();
        // What sessions with a name were asked is there, whenever who answered it ends.
        assert_eq!(journal(&mut two, "/@mine", "").len(), named);
        if told < answered {
            let found = loop {
                let found = missing(&mut two, "");
                if !found.is_empty() {
                    break found;
                }
            };
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0]["replica"], name);
            break found[0].clone();
        }
    };
    assert_eq!(missing(&mut two, "/@mine"), Vec::<Value>::new());
    let time = |name: &str| gap[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(time("from") < time("until"), "{gap}");
    let listed = two.send("GET", "/_counterpart/requests", &[], "");
    let said = listed.header("counterpart-missing").unwrap();
    assert_eq!(
        said,
        format!("{}; {}; {}", gap["replica"], gap["from"], gap["until"]).replace('"', "")
    );
    let known = std::slice::from_ref(&gap);
    // All know it, and it is still so when the session goes back; a new beginning has no past.
    let third = serve(&folder, &postgres.url());
    let mut third = Client::new(third.address());
    assert_eq!(missing(&mut third, ""), *known);
    let last = control(&mut two, "POST", "/shop/counter", "");
    assert_eq!(last.status, 200);
    let ids = ids(&mut two, "");
    let last = ids.last().unwrap().0;
    control(&mut two, "POST", "/_counterpart/rewind", &format!("{{\"before\":{last}}}"));
    assert_eq!(missing(&mut third, ""), *known);
    assert_eq!(missing(&mut two, ""), *known);
    // Those who end as they should leave nothing to be named.
    for _ in 0..20 {
        get(&mut two, "/shop/names");
    }
    let (code, _) = serving[1].stop("-TERM");
    assert_eq!(code, Some(0));
    assert_eq!(missing(&mut third, "").len(), 1);
    control(&mut third, "POST", "/_counterpart/reset", "");
    assert_eq!(missing(&mut third, ""), Vec::<Value>::new());
}

#[test]
fn what_one_takes_back_is_gone_for_all() {
    let Some(postgres) = Postgres::start("replicas-rewind") else { return };
    let folder = folder("replicas-rewind");
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two] = &mut *clients else { panic!() };
    let state =
        |client: &mut Client, at: &str| get(client, &format!("{at}/_counterpart/state/shop"));
    for at in ["", "/@mine"] {
        let freeze = r#"{"now": "2030-01-01T00:00:00Z", "frozen": true}"#;
        control(one, "PUT", &format!("{at}/_counterpart/clock"), freeze);
        // Before each request, how it was then.
        let mut before = Vec::new();
        for (number, name) in ["tea", "cake", "tea", "milk", "sugar"].into_iter().enumerate() {
            before.push((state(one, at), get(two, &format!("{at}/_counterpart/outbox/shop"))));
            let who = if number % 2 == 0 { &mut *one } else { &mut *two };
            claim(who, at, name);
        }
        let later = one.send("POST", &format!("{at}/shop/names/1/later"), &[], "");
        assert_eq!(later.status, 202);
        control(two, "POST", &format!("{at}/_counterpart/clock/advance"), r#"{"by": "PT2H"}"#);
        // What was due is in the journal as well.
        let told = ids(one, at);
        assert_eq!(told.len(), 7, "{told:?}");
        for (id, (rows, outbox)) in before.iter().enumerate().rev() {
            let who = if id % 2 == 0 { &mut *one } else { &mut *two };
            let back = format!("{{\"before\":{}}}", id + 1);
            control(who, "POST", &format!("{at}/_counterpart/rewind"), &back);
            for client in [&mut *one, &mut *two] {
                assert_eq!(state(client, at), *rows, "before {}", id + 1);
                let sent = get(client, &format!("{at}/_counterpart/outbox/shop"));
                assert_eq!(sent.as_array().unwrap().len(), outbox.as_array().unwrap().len());
                assert_eq!(ids(client, at), told[..id]);
                let clock = get(client, &format!("{at}/_counterpart/clock"));
                assert_eq!(clock["now"], "2030-01-01T00:00:00Z");
                assert_eq!(get(client, &format!("{at}/_counterpart/schedule/shop")), json!([]));
            }
        }
        let refused =
            two.send("POST", &format!("{at}/_counterpart/rewind"), &[JSON], r#"{"before":9}"#);
        assert_eq!(refused.status, 404, "{}", refused.text());
        // Ids go on from there, and numbers that were given are given again.
        assert_eq!(super::json(&claim(two, at, "tea"))["id"], 1);
        assert_eq!(ids(one, at).len(), 1);
        // A vendor that begins anew has no requests, until that is taken back.
        control(two, "POST", &format!("{at}/_counterpart/reset?vendor=shop"), "");
        assert_eq!(ids(one, at), []);
        claim(one, at, "cake");
        assert_eq!(ids(two, at), [(2, format!("POST {at}/shop/names"))]);
        control(one, "POST", &format!("{at}/_counterpart/rewind"), r#"{"before":2}"#);
        assert_eq!(state(two, at)["names"], json!([]));
        control(two, "POST", &format!("{at}/_counterpart/reset"), "");
        assert_eq!(ids(one, at), []);
        claim(one, at, "cake");
        assert_eq!(ids(two, at), [(1, format!("POST {at}/shop/names"))]);
        // Before it there is nothing.
        control(two, "POST", &format!("{at}/_counterpart/rewind"), r#"{"before":1}"#);
        assert_eq!(ids(one, at), []);
    }
    control(two, "POST", "/_counterpart/sessions/drop", r#"{"names": ["mine"]}"#);
    let left = "SELECT count(*) FROM counterpart_journal WHERE session NOT IN (1, -1)";
    assert_eq!(postgres.query(left).as_deref(), Ok("0"));
}

/// Events of a stream, as they come.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(address: SocketAddr, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        let mut stream = Self(BufReader::new(stream));
        while !stream.line().starts_with(": what happens") {}
        stream
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ends");
        line
    }

    /// The next event. One that does not come fails the test.
    fn next(&mut self) -> Value {
        let mut alive = 0;
        loop {
            let line = self.line();
            if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
            alive += usize::from(line.starts_with(": nothing new"));
            assert!(alive < 8, "there is no such event");
        }
    }
}

#[test]
fn streams_tell_what_happens_at_all() {
    let Some(postgres) = Postgres::start("replicas-events") else { return };
    let folder = folder("replicas-events");
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two] = &mut *clients else { panic!() };
    claim(one, "", "before");
    let mut all: Vec<_> =
        serving.iter().map(|one| Stream::open(one.address(), "/_counterpart/events")).collect();
    let mut mine = Stream::open(serving[1].address(), "/@mine/_counterpart/events");
    claim(one, "", "tea");
    get(two, "/shop/names");
    claim(two, "/@mine", "cake");
    control(one, "POST", "/@mine/_counterpart/reset", "");
    let of = |event: &Value| {
        let what = ["event", "session", "id", "status", "call"].map(|name| event[name].to_string());
        what.join(" ").replace('"', "").replace(" null", "")
    };
    for stream in &mut all {
        let mut told: Vec<_> = (0..6).map(|_| of(&stream.next())).collect();
        told.sort();
        let expected = [
            "changed mine POST reset",
            "outbox ",
            "outbox mine",
            "request  2 201",
            "request  3 200",
            "request mine 1 201",
        ];
        assert_eq!(told, expected);
    }
    let told: Vec<_> = (0..3).map(|_| of(&mine.next())).collect();
    assert_eq!(told, ["request mine 1 201", "outbox mine", "changed mine POST reset"]);
    // What is taken back is not told again.
    control(two, "POST", "/_counterpart/rewind", r#"{"before":3}"#);
    claim(one, "", "milk");
    for stream in &mut all {
        let told: Vec<_> = (0..3).map(|_| of(&stream.next())).collect();
        assert_eq!(told, ["changed  POST rewind", "request  3 201", "outbox "]);
    }
}

#[test]
fn the_oldest_requests_go() {
    let Some(postgres) = Postgres::start("replicas-limits") else { return };
    let folder = folder("replicas-limits");
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two] = &mut *clients else { panic!() };
    let large = "x".repeat(1_500_000);
    for number in 0..48 {
        let who = if number % 2 == 0 { &mut *one } else { &mut *two };
        let body = format!("{{\"name\":\"\",\"by\":{number},\"x\":\"{large}\"}}");
        assert!(who.send("POST", "/shop/names", &[JSON], body).status < 500);
    }
    // 64 MiB of all that was told.
    let size = "SELECT sum(length(body)) <= 64 * 1024 * 1024 AND count(*) > 30 \
                FROM counterpart_journal";
    assert_eq!(postgres.query(size).as_deref(), Ok("t"));
    let told = ids(one, "");
    // A client whose connection broke has sent its request again.
    assert!(told.last().unwrap().0 >= 48, "{told:?}");
    assert!((30..45).contains(&told.len()), "{}", told.len());
}
