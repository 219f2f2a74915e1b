//! Tables that an older version of the mock made, as `tests/older` has them, and those of a newer.

use serde_json::json;

use super::postgres::Postgres;
use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::command;
use super::{JSON, control, get, journal, kill, replicas, serve};

const SPEC: &str = include_str!("../older/shop.yaml");
const VERSION_1: &str = include_str!("../older/version-1.sql");

#[test]
fn tables_of_an_older_version_go_on_where_they_were() {
    let Some(postgres) = Postgres::start("replicas-older") else { return };
    let folder = Folder::new("replicas-older", &[("specs/shop.yaml", SPEC)]);
    postgres.query(VERSION_1).unwrap();
    // All that start at once find them, and one makes them new.
    let mut serving = replicas(&folder, &postgres, 3);
    let version = "SELECT format FROM counterpart_specs";
    assert_eq!(postgres.query(version).as_deref(), Ok("2"));
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two, _] = &mut *clients else { panic!() };
    for at in ["", "/@mine"] {
        let orders = get(one, &format!("{at}/shop/orders"));
        assert_eq!(orders.as_array().unwrap().len(), 3, "{orders}");
        assert_eq!(orders[2]["name"], "cake");
        control(two, "POST", &format!("{at}/_counterpart/clock/advance"), r#"{"by":"PT1H"}"#);
        let made = one.send("POST", &format!("{at}/shop/orders"), &[JSON], r#"{"name":"bread"}"#);
        assert_eq!(made.status, 201);
        let orders = get(two, &format!("{at}/_counterpart/state/shop/orders"));
        assert_eq!((&orders[1]["paid"], &orders[3]["id"]), (&json!(true), &json!(4)), "{orders}");
        // The journal begins with what is asked now; ids go on.
        let told = journal::ids(two, at);
        assert_eq!(
            told.first().unwrap().1,
            "GET /shop/orders".replace("/shop", &format!("{at}/shop"))
        );
    }
    kill(&mut serving[0]);
    let third = serve(&folder, &postgres.url());
    assert_eq!(get(&mut Client::new(third.address()), "/shop/orders")[3]["name"], "bread");
    // One that an older program leaves behind when it is refused is in nobody's way.
    postgres.query("INSERT INTO counterpart_specs VALUES (1, '{}')").unwrap();
    drop(serve(&folder, &postgres.url()));
    // Those of a newer version are not touched.
    postgres.query("UPDATE counterpart_specs SET format = 3 WHERE format = 2").unwrap();
    let columns =
        "SELECT count(*) FROM information_schema.columns WHERE table_name LIKE 'counterpart%'";
    let before = postgres.query(columns);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--store", &postgres.url()];
    let refused = command(&folder, &serve).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("are of version 3, which this program does not know"), "{said}");
    assert_eq!(
        postgres
            .query("SELECT string_agg(format::text, ' ' ORDER BY format) FROM counterpart_specs")
            .as_deref(),
        Ok("1 3")
    );
    assert_eq!(postgres.query(columns), before);
}
