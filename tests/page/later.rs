//! What the shop does by itself: later, and to others; and what others answer in its place.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::support::canned::{Canned, whole};
use crate::visit::Visit;

#[test]
fn what_is_scheduled_runs_now() {
    let Some(mut visit) = Visit::start("scheduled", "#/scheduled") else { return };
    visit.reads("shop has nothing to do later");
    visit.ask("POST", "/shop/orders", r#"{"item": "tea"}"#);
    visit.ask("PUT", "/_counterpart/clock", r#"{"now": "2026-01-01T12:00:00Z", "frozen": true}"#);
    visit.ask("PUT", "/shop/orders/1/shipment", "");
    visit.reads("1 operation to run");
    visit.reads("2026-01-03 12:00:00");
    visit.reads("in 2 days");
    visit.push("Run now: arrive_order");
    visit.reads_anywhere("arrive_order ran");
    visit.reads("shop has nothing to do later");
    assert_eq!(visit.control("state/shop/orders")[0]["confirmed"], true);
    assert_eq!(visit.control("clock"), json!({"now": "2026-01-03T12:00:00Z", "frozen": true}));
    // It is a request like others, with what it changed.
    visit.page.evaluate("location.hash = '#/requests'");
    visit.click("named('.row', '')");
    visit.reads("arrive_order");
}

#[test]
fn a_webhook_shows_its_deliveries_and_is_delivered_again() {
    // It takes only what comes a second time.
    let count = Arc::new(AtomicUsize::new(0));
    let taker = Canned::behaving(move |stream, _| {
        let status = match count.fetch_add(1, Ordering::Relaxed) {
            0 => "503 Service Unavailable",
            _ => "204 No Content",
        };
        stream.write_all(&whole(status, &[], b"")).ok();
    });
    let Some(mut visit) = Visit::start("webhook", "#/outbox") else { return };
    visit.ask("POST", "/shop/orders", r#"{"item": "tea"}"#);
    visit.ask("PUT", &format!("/shop/orders/1/shipment?to={}/hook", taker.url()), "");
    visit.reads("1 message");
    visit.reads("failed");
    visit.reads("answered with 503");
    visit.push("Deliver again");
    visit.reads_anywhere("Sent again: delivered");
    visit.wait("all('section[aria-label=Delivery] tbody tr').length === 2");
    visit.reads("delivered");
    visit.click("named('summary', 'What was sent')");
    visit.reads(r#"{"shipped": 1}"#);
    let asked = taker.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1], "the very same request");
    let outbox = visit.control("outbox/shop");
    assert_eq!(outbox[0]["delivery"]["state"], "delivered", "{outbox}");
    // What is no request, or not there, is told in words.
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "mail": "a@example.org"}"#);
    for (id, status, told) in [("2", 409, "was not sent"), ("7", 404, "no message `7`")] {
        let reply = visit.ask("POST", &format!("/_counterpart/outbox/shop/{id}/again"), "");
        assert_eq!(reply.status, status, "{}", reply.text());
        assert!(reply.text().contains(told), "{}", reply.text());
    }
}

#[test]
fn what_the_real_vendor_answered_is_marked() {
    let real = Canned::answering(whole("200 OK", &[("Content-Type", "text/plain")], b"from afar"));
    let fallback = format!("shop={}", real.url());
    let arguments = ["--seed", "7", "--fallback", &fallback];
    let Some(mut visit) =
        Visit::start_with("forwarded", "#/requests", &arguments, ".connection.live")
    else {
        return;
    };
    visit.ask("GET", "/shop/orders/1", "");
    assert_eq!(visit.ask("GET", "/shop/elsewhere", "").text(), "from afar");
    visit.reads("2 requests");
    visit.wait("all('.row').filter((row) => row.innerText.includes('real vendor')).length === 1");
    visit.choose("Outcome", "forwarded");
    visit.reads("1 of 2 requests");
    visit.click("named('.row', '')");
    visit.reads(&format!("answered by {}", real.url()));
    visit.reads("the spec has nothing there");
    visit.fill("Search requests", &real.url());
    visit.reads("1 of 2 requests");
}
