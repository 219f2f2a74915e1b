//! What one replica was told is what the others know.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use super::postgres::Postgres;
use super::support::client::Client;
use super::{claim, control, folder, get, json, replicas, serve};

#[test]
fn what_one_was_told_all_know() {
    let Some(postgres) = Postgres::start("replicas-share") else { return };
    let folder = folder("replicas-share");
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two] = &mut *clients else { panic!() };
    // Rows with generated values, in the default session and in another one.
    for at in ["", "/@mine"] {
        let first = claim(one, at, "tea");
        assert_eq!(first.status, 201, "{}", first.text());
        let second = claim(two, at, "cake");
        assert_eq!((json(&first)["id"].as_i64(), json(&second)["id"].as_i64()), (Some(1), Some(2)));
        assert_eq!(claim(two, at, "tea").status, 409);
        assert_eq!(claim(one, at, "cake").status, 409);
        let all = get(two, &format!("{at}/shop/names"));
        assert_eq!(all[0], json(&first));
        assert_eq!(all[1], json(&second));
        assert_eq!(get(one, &format!("{at}/shop/names")), all);
    }
    // A mail that one has sent has a link that works at the other one.
    let mails = get(two, "/_counterpart/outbox/shop");
    assert_eq!(mails.as_array().unwrap().len(), 2);
    let link = mails[0]["links"]["pay"].as_str().unwrap();
    let path = link.splitn(4, '/').nth(3).unwrap();
    assert_eq!(two.send("GET", &format!("/{path}"), &[], "").status, 204);
    assert_eq!(get(one, "/shop/names")[0]["paid"], true);
    control(one, "DELETE", "/_counterpart/outbox/shop", "");
    assert_eq!(get(two, "/_counterpart/outbox/shop").as_array().unwrap().len(), 0);
    // Settings, rows that are put in, the clock, and what runs later.
    control(one, "PUT", "/_counterpart/state/shop/settings", r#"{"limit": 99999999}"#);
    assert_eq!(get(two, "/_counterpart/state/shop/settings")["limit"], 99_999_999);
    control(two, "POST", "/_counterpart/state/shop/names", r#"{"name": "put in"}"#);
    assert_eq!(claim(one, "", "put in").status, 409);
    let now = r#"{"now": "2030-01-01T00:00:00Z", "frozen": true}"#;
    control(one, "PUT", "/_counterpart/clock", now);
    assert_eq!(get(two, "/_counterpart/clock")["now"], "2030-01-01T00:00:00Z");
    assert_eq!(two.send("POST", "/shop/names/2/later", &[], "").status, 202);
    assert_eq!(get(one, "/_counterpart/schedule/shop").as_array().unwrap().len(), 1);
    control(one, "POST", "/_counterpart/clock/advance", r#"{"by": "PT2H"}"#);
    assert_eq!(get(two, "/shop/names")[1]["paid"], true);
    assert_eq!(get(two, "/_counterpart/schedule/shop").as_array().unwrap().len(), 0);
    // The way back, which all go, whoever was asked since.
    let last = |client: &mut Client| {
        let all = get(client, "/_counterpart/requests?limit=1");
        all[0]["id"].as_u64().unwrap()
    };
    let before = get(two, "/_counterpart/state/shop");
    let reached = last(one);
    assert_eq!(claim(one, "", "taken back").status, 201);
    assert_eq!(one.send("POST", "/shop/names/1/later", &[], "").status, 202);
    let taken = get(two, "/shop/names").as_array().unwrap().len();
    let back = format!("{{\"before\":{}}}", reached + 1);
    control(one, "POST", "/_counterpart/rewind", &back);
    assert_eq!(get(two, "/_counterpart/state/shop"), before);
    assert_eq!(get(two, "/_counterpart/schedule/shop").as_array().unwrap().len(), 0);
    assert_eq!(get(two, "/shop/names").as_array().unwrap().len(), taken - 1);
    assert_eq!(claim(one, "", "later").status, 201);
    let mine = last(one);
    assert_eq!(claim(two, "", "latest").status, 201);
    let back = format!("{{\"before\":{mine}}}");
    control(one, "POST", "/_counterpart/rewind", &back);
    assert_eq!(get(two, "/_counterpart/state/shop"), before);
    assert_eq!([claim(two, "", "later").status, claim(one, "", "latest").status], [201, 201]);
    // A new one comes to the same as those that followed.
    let third = serve(&folder, &postgres.url());
    let all = get(&mut Client::new(third.address()), "/_counterpart/state/shop");
    assert_eq!(all["names"].as_array().unwrap().len(), taken + 1);
    for client in [&mut *one, &mut *two] {
        assert_eq!(get(client, "/_counterpart/state/shop"), all);
    }
    // Counts of the rate limit.
    control(one, "PUT", "/_counterpart/state/shop/settings", r#"{"limit": 1}"#);
    assert_eq!(two.send("GET", "/shop/names", &[], "").status, 429);
    // A fault for two requests befalls two, whoever answers them.
    control(one, "PUT", "/_counterpart/state/shop/settings", r#"{"limit": 1000000}"#);
    let fault = r#"{"operation": "list", "times": 2, "fault": {"status": 503}}"#;
    control(one, "POST", "/_counterpart/faults", fault);
    let ask = |client: &mut Client| client.send("GET", "/shop/names", &[], "").status;
    assert_eq!([ask(two), ask(one), ask(two)], [503, 503, 200]);
    for client in [&mut *one, &mut *two] {
        let faults = get(client, "/_counterpart/faults");
        assert_eq!((&faults[0]["befell"], &faults[0]["usedUp"]), (&2.into(), &true.into()));
    }
    // A reset, and the sessions that there are.
    control(two, "POST", "/_counterpart/reset", "");
    assert_eq!(get(one, "/shop/names").as_array().unwrap().len(), 0);
    assert_eq!(get(one, "/shop/counter")["value"], 0);
    assert_eq!(get(one, "/_counterpart/sessions")[0]["name"], "mine");
    let dropped =
        control(two, "POST", "/_counterpart/sessions/drop", r#"{"names": ["mine", "no"]}"#);
    assert_eq!(json(&dropped)["dropped"], 1);
    assert_eq!(get(one, "/@mine/shop/names").as_array().unwrap().len(), 0);
    assert_eq!(postgres.query("SELECT count(*) FROM counterpart_session").as_deref(), Ok("2"));
    assert_eq!(get(two, "/_counterpart/health")["state"]["shared"], true);
}

#[test]
fn a_new_replica_need_not_do_again_all_that_happened() {
    let Some(postgres) = Postgres::start("replicas-snapshot") else { return };
    let folder = folder("replicas-snapshot");
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let long = "x".repeat(4000);
    let mut names = Vec::new();
    for number in 0..200 {
        let name = format!("{number} {long}");
        assert_eq!(claim(&mut clients[number % 7 % 2], "", &name).status, 201);
        names.push(name);
    }
    let count = |query: &str| postgres.query(query).unwrap().parse::<u32>().unwrap();
    assert!(count("SELECT count(*) FROM counterpart_snapshot") > 0);
    let records = count("SELECT count(*) FROM counterpart_record");
    assert!(records < 200, "{records} records are kept");
    let third = serve(&folder, &postgres.url());
    let all = get(&mut Client::new(third.address()), "/shop/names");
    let found: Vec<_> = all.as_array().unwrap().iter().map(|row| row["name"].as_str()).collect();
    assert_eq!(found, names.iter().map(|name| Some(&**name)).collect::<Vec<_>>());
    assert_eq!(get(&mut clients[1], "/shop/names"), all);
    // All of them end, and it goes on.
    drop((serving, third));
    let fourth = serve(&folder, &postgres.url());
    let mut client = Client::new(fourth.address());
    assert_eq!(get(&mut client, "/shop/names"), all);
    assert_eq!(json(&claim(&mut client, "", "last"))["id"], 201);
}

#[test]
fn a_webhook_is_sent_by_one_of_them() {
    let Some(postgres) = Postgres::start("replicas-webhook") else { return };
    let folder = folder("replicas-webhook");
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}/hook", listener.local_addr().unwrap());
    let receiver = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).unwrap();
        stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    });
    // Both know the session.
    for client in &mut clients {
        get(client, "/shop/names");
    }
    let body = format!("{{\"to\":\"{to}\"}}");
    assert_eq!(clients[0].send("POST", "/shop/tell", &[super::JSON], body).status, 202);
    assert!(receiver.join().unwrap().starts_with("POST /hook "));
    // What came of it is what the other one knows, once it is there.
    loop {
        let sent = get(&mut clients[1], "/_counterpart/outbox/shop");
        let attempts = sent[0]["delivery"]["attempts"].as_array().map_or(0, Vec::len);
        if attempts > 0 {
            assert_eq!(attempts, 1, "{sent}");
            assert_eq!(sent[0]["delivery"]["attempts"][0]["status"], 204, "{sent}");
            break;
        }
        thread::yield_now();
    }
}
