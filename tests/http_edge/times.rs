//! Clients that are slow.

use std::sync::Arc;
use std::time::Duration;

use counterpart::unstable::control::Control;
use counterpart::unstable::serve::{ServeOptions, Server};

use crate::support::client::Connection;
use crate::{explanation, library};

#[test]
fn a_body_that_stands_still_is_a_timeout_whatever_the_vendor_says_of_bodies() {
    let mock = library();
    let options =
        ServeOptions { body_timeout: Duration::from_millis(100), ..ServeOptions::default() };
    let server = Server::start(Arc::new(Control::new(mock.mock().clone())), options).unwrap();
    for body in ["content-length: 10\r\n\r\n{\"te", "transfer-encoding: chunked\r\n\r\n3\r\n{\"t"] {
        let mut connection = Connection::open(server.address()).unwrap();
        let head = "POST /library/say HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n";
        connection.write(format!("{head}{body}")).unwrap();
        let reply = connection.reply("POST").unwrap();
        assert_eq!(reply.status, 408, "{}", reply.text());
        assert_eq!(reply.header("connection"), Some("close"));
        let said = explanation(&mock);
        assert!(said.contains("no byte of the body came"), "{said}");
    }
}
