//! A database that takes connections with TLS only.

use super::made::Authority;
use super::postgres::Postgres;
use super::support::client::Client;
use super::support::serving::command;
use super::{claim, folder, get, serve};

#[test]
fn the_way_to_the_database_is_encrypted() {
    let folder = folder("replicas-tls");
    let Some(mut postgres) = Postgres::start("replicas-tls") else { return };
    let authority = Authority::new("an authority");
    let made = authority.sign("a database", "localhost", 2100);
    let port = postgres.run_with_tls(&made.certificate, &made.key);
    folder.write("ca.pem", &authority.certificate);
    folder.write("other.pem", &Authority::new("another one").certificate);
    let url =
        |host: &str, more: &str| format!("postgres://counterpart@{host}:{port}/postgres{more}");
    for (at, (host, more)) in [
        // Where it is offered, it is taken.
        ("127.0.0.1", ""),
        ("127.0.0.1", "?sslmode=require"),
        ("127.0.0.1", "?sslmode=verify-ca&sslrootcert=ca.pem"),
        ("localhost", "?sslmode=verify-full&sslrootcert=ca.pem&connect_timeout=5"),
    ]
    .into_iter()
    .enumerate()
    {
        let replica = serve(&folder, &url(host, more));
        let mut client = Client::new(replica.address());
        assert_eq!(claim(&mut client, "", &at.to_string()).status, 201, "{more}");
        assert_eq!(get(&mut client, "/shop/names").as_array().unwrap().len(), at + 1, "{more}");
    }
    let ssl = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
               WHERE application_name = 'counterpart-mock'";
    let replica = serve(&folder, &url("127.0.0.1", "?sslmode=require"));
    assert_eq!(postgres.query(ssl).as_deref(), Ok("t"));
    drop(replica);
    for (host, more, told) in [
        ("127.0.0.1", "?sslmode=disable", "the database says: no pg_hba.conf entry"),
        ("localhost", "?sslmode=verify-full", "`sslrootcert=FILE` in the URL"),
        (
            "localhost",
            "?sslmode=verify-full&sslrootcert=other.pem",
            "`sslrootcert=FILE` in the URL",
        ),
        ("localhost", "?sslmode=require&sslrootcert=other.pem", "`sslrootcert=FILE` in the URL"),
        ("127.0.0.1", "?sslmode=verify-full&sslrootcert=ca.pem", "its certificate is not accepted"),
        ("localhost", "?sslmode=verify-full&sslrootcert=none.pem", "none.pem"),
        ("localhost", "?sslmode=verified", "is not a valid `sslmode`"),
    ] {
        let url = url(host, more);
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--store", &url];
        let output = command(&folder, &arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{more}: {said}");
        assert!(said.contains(told), "{more}: {told} is not in {said}");
    }
    // A database that does not offer it.
    let Some(plain) = Postgres::start("replicas-no-tls") else { return };
    drop(serve(&folder, &plain.url()));
    drop(serve(&folder, &format!("{}?sslmode=require", plain.url())));
}
