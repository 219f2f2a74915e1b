//! Answers that wait, of a mock whose state is kept.

use super::support::client::Client;
use super::support::folder::Folder;
use super::support::queue::{QUEUE, held, taker};
use super::support::serving::Serving;

#[test]
fn what_an_answer_that_waited_took_is_taken_after_a_kill() {
    let folder = Folder::new("state-held", &[("specs/queue.yaml", QUEUE)]);
    let serve = || Serving::start(&folder, &["--state", "kept", "-q"]);
    let mut serving = serve();
    let mut client = Client::new(serving.address());
    let one = taker(serving.address());
    held(&mut client);
    let headers = [("Content-Type", "application/json")];
    for text in ["a", "b"] {
        let body = format!("{{\"text\":\"{text}\"}}");
        assert_eq!(client.send("POST", "/queue/messages", &headers, body).status, 201);
    }
    assert_eq!(one.join().unwrap().text(), r#"[{"id":1,"text":"a"}]"#);
    // One that waits is no state: it ends with the mock.
    serving.process.kill().unwrap();
    serving.process.wait().unwrap();
    let again = serve();
    let mut client = Client::new(again.address());
    let taken = client.send("POST", "/queue/take", &[], "");
    assert_eq!(taken.text(), r#"[{"id":2,"text":"b"}]"#);
}
