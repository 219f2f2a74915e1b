//! Lists in the answers of a service that is posted to: one, none or several elements of XML.

use std::io::Write as _;
use std::sync::Mutex;

use super::support::canned::{Canned, whole};
use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::{Serving, command};

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// A service of tickets, which are more with each that is created; `says` is what stands behind
/// the title of each.
fn tickets(says: &'static str) -> Canned {
    let titles: Mutex<Vec<String>> = Mutex::default();
    Canned::behaving(move |stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let mut titles = titles.lock().unwrap();
        let created = request.split_once("title>").and_then(|(_, rest)| rest.split_once('<'));
        let ticket = |at: usize, title: &String| {
            let made = format!("2026-11-29T10:{:02}:00", at % 60);
            format!(
                "<n:id>{}</n:id><n:title>{title}{says}</n:title><n:made>{made}</n:made>",
                500 + at
            )
        };
        let all = titles.iter().enumerate().map(|(at, title)| ticket(at, title));
        let all = all.map(|inside| format!("<n:Ticket>{inside}</n:Ticket>"));
        let all = all.collect::<Vec<_>>().concat();
        let (name, result) = match created {
            Some((title, _)) => {
                titles.push(title.to_owned());
                ("create_ticket", ticket(titles.len() - 1, titles.last().unwrap()))
            }
            // A list that stands in the response itself, by a name that says nothing.
            None if request.contains("findTickets") => {
                let all = all.replace("n:Ticket>", "return>");
                let answer = format!("<n:findTicketsResponse>{all}</n:findTicketsResponse>");
                return answered(stream, &answer);
            }
            None => ("list_tickets", format!("<n:total>{}</n:total>{all}", titles.len())),
        };
        let result = format!("<n:{name}Result>{result}</n:{name}Result>");
        answered(stream, &format!("<n:{name}Response>{result}</n:{name}Response>"));
    })
}

fn answered(stream: &mut std::net::TcpStream, body: &str) {
    let answer = format!(
        "<e:Envelope xmlns:e=\"{SOAP11}\" xmlns:n=\"urn:tickets\"><e:Body>{body}</e:Body></e:Envelope>"
    );
    let kind = [("Content-Type", "text/xml; charset=utf-8")];
    stream.write_all(&whole("200 OK", &kind, answer.as_bytes())).ok();
}

#[test]
fn a_list_may_have_more_items_at_another_time() {
    let folder = Folder::new("record-lists", &[]);
    let there = tickets("");
    let upstream = format!("tickets={}", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    let mut client = Client::new(recorder.address());
    for inside in [
        "<t:findTickets/>",
        "<t:create_ticket><t:title>Printer</t:title></t:create_ticket>",
        "<t:list_tickets/>",
        "<t:findTickets/>",
        "<t:create_ticket><t:title>Screen</t:title></t:create_ticket>",
        "<t:list_tickets/>",
    ] {
        let body = format!(
            "<e:Envelope xmlns:e=\"{SOAP11}\" xmlns:t=\"urn:tickets\"><e:Body>{inside}</e:Body></e:Envelope>"
        );
        let headers = [("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", "\"\"")];
        assert_eq!(client.send("POST", "/tickets/", &headers, body).status, 200);
    }
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/tickets/recorded.yaml");
    let run = |there: &Canned| {
        let mut runner = folder.runner(&["run", "--target", &format!("tickets={}", there.url())]);
        let output = runner.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    // The same server, which has more tickets each time, and one that has none yet.
    for there in [&there, &there, &tickets("")] {
        let (code, said) = run(there);
        assert_eq!(code, Some(0), "{said}\n{scenario}");
    }
    let (code, said) = run(&tickets("?"));
    assert_eq!(code, Some(1), "{said}\n{scenario}");
    assert!(said.contains("Printer?") && !said.contains("&lt;"), "{said}");
    assert!(scenario.contains("total: {$type: integer}"), "{scenario}");
}
