//! What a replica does not start with.

use super::folder;
use super::postgres::Postgres;
use super::support::client::Client;
use super::support::serving::command;
use super::{get, serve};

#[test]
fn a_store_that_cannot_be_used_is_said() {
    let folder = folder("replicas-refused");
    let refused = |arguments: &[&str]| {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let output = command(&folder, &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = refused(&["--store", "mysql://host/base"]);
    assert!(said.contains("postgres://USER:PASSWORD@HOST:5432/DATABASE"), "{said}");
    let said = refused(&["--store", "postgres://u@127.0.0.1:1/base"]);
    assert!(said.contains("the database cannot be used"), "{said}");
    let said = refused(&["--store", "postgres://u@127.0.0.1:1/base", "--state", "file"]);
    assert!(said.contains("cannot be used with"), "{said}");
    let Some(postgres) = Postgres::start("replicas-refused") else { return };
    // All serve the same specs, and the seed of whoever came first.
    let first = serve(&folder, &postgres.url());
    let second = serve(&folder, &postgres.url());
    let path = "/_counterpart/state/shop/names";
    let mut secrets = [&first, &second].map(|one| {
        let mut client = Client::new(one.address());
        super::control(&mut client, "POST", "/_counterpart/reset", "");
        assert_eq!(super::claim(&mut client, "", "a").status, 201);
        get(&mut client, path)[0]["secret"].clone()
    });
    secrets.sort_by_key(ToString::to_string);
    assert_eq!(secrets[0], secrets[1]);
    folder.write("specs/shop.yaml", &super::SPEC.replace("path: /tell", "path: /told"));
    let said = refused(&["--store", &postgres.url()]);
    assert!(said.contains("are of other specs, which differ in shop"), "{said}");
}
