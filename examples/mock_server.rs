//! A mock of a vendor inside a Rust program, as a test of your own integration starts it:
//! `cargo run --example mock_server`.
#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use counterpart::MockServer;

fn main() -> Result<(), Box<dyn Error>> {
    // On a free port, until it is dropped.
    let mock = MockServer::start("examples/greeter")?;

    // Each test has a state of its own: in both, Ann is greeted for the first time.
    for test in ["first", "second"] {
        let url = mock.session(test).url("greeter");
        let answer = greet(mock.address(), &url, "Ann")?;
        assert!(
            answer.starts_with("HTTP/1.1 201") && answer.ends_with(r#"{"message":"Hello, Ann!"}"#),
            "{answer}"
        );
    }

    // The second time breaks a rule of the vendor, and the answer names it.
    let url = mock.session("first").url("greeter");
    let answer = greet(mock.address(), &url, "Ann")?;
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("greeter/G02"), "{answer}");
    println!("{answer}");
    Ok(())
}

/// What your own client would do; here by hand, so that the example needs no other crate.
fn greet(address: SocketAddr, url: &str, name: &str) -> Result<String, Box<dyn Error>> {
    let path = url.strip_prefix(&format!("http://{address}")).ok_or("the URL is the mock's")?;
    let body = format!(r#"{{"name": "{name}"}}"#);
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST {path}/greetings HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
