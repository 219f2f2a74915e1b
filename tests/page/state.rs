//! State as tables that can be changed, and the outbox.

use serde_json::json;

use crate::visit::Visit;

#[test]
fn rows_are_added_changed_and_removed() {
    let Some(mut visit) = Visit::start("state", "#/state/shop/orders") else { return };
    visit.reads("orders has no rows.");
    visit.push("Add a row");
    visit.fill("quantity", "12");
    visit.push("Add");
    visit.wait("document.querySelector('.side .wrong li')?.textContent.includes('at most 10')");
    visit.fill("item", "tea");
    visit.fill("quantity", "2");
    visit.click("named('.side button', 'Add')");
    visit.reads("1 row");
    assert_eq!(
        visit.control("state/shop/orders"),
        json!([{"id": 1, "item": "tea", "quantity": 2}])
    );

    visit.wait("document.querySelectorAll('thead th').length === 3");
    visit.push("Empty columns");
    visit.wait("document.querySelectorAll('thead th').length === 4");

    // What a client does is seen at once.
    visit.ask("POST", "/shop/orders", r#"{"item": "coffee", "quantity": 3}"#);
    visit.reads("2 rows");
    visit.fill("Search orders", "coff");
    visit.reads("1 of 2 rows");
    visit.click("named('button.key', '2')");
    visit.fill("item", "12345678901234567890");
    visit.choose("confirmed", "true");
    visit.push("Save");
    visit.wait("!document.querySelector('.side')");
    let row = json!({"id": 2, "item": "12345678901234567890", "quantity": 3, "confirmed": true});
    assert_eq!(visit.control("state/shop/orders/2"), row);
    visit.fill("Search orders", "");

    visit.click("named('button.key', '1')");
    visit.push("Close");
    visit.click("named('button.key', '1')");
    visit.push("Remove");
    visit.click("named('dialog button', 'Remove')");
    visit.reads("1 row");
    visit.push("Remove all");
    visit.click("named('dialog button', 'Remove all')");
    visit.reads("orders has no rows.");

    visit.click("named('.tabs a', 'keys')");
    visit.reads("k3y-of-the-shop");
}

#[test]
fn numbers_keep_their_digits() {
    let Some(mut visit) = Visit::start("digits", "#/state/shop/orders") else { return };
    visit.ask(
        "PUT",
        "/_counterpart/state/shop/orders",
        r#"[{"id": 12345678901234567890, "item": "x"}]"#,
    );
    visit.click("named('button.key', '12345678901234567890')");
    visit.fill("item", "y");
    visit.push("Save");
    visit.wait("!document.querySelector('.side')");
    let rows = visit.ask("GET", "/_counterpart/state/shop/orders", "").text();
    assert_eq!(rows, r#"[{"id":12345678901234567890,"item":"y"}]"#);
}

#[test]
fn a_mail_is_drawn_and_its_link_followed() {
    let Some(mut visit) = Visit::start("outbox", "#/outbox/shop") else { return };
    visit.reads("shop has sent nothing");
    visit.ask(
        "POST",
        "/shop/orders",
        r#"{"item": "<script>alert(1)</script>tea", "mail": "ann@example.org"}"#,
    );
    visit.reads("1 message");
    visit.reads("ann@example.org");
    // The frame runs nothing, and is no part of the page.
    let frame = "document.querySelector('iframe')";
    visit.wait(frame);
    let sandbox = visit.page.evaluate(&format!("{frame}.getAttribute('sandbox')"));
    assert!(!sandbox.as_str().unwrap().contains("scripts"), "{sandbox}");
    assert_eq!(visit.page.evaluate(&format!("{frame}.contentDocument")), json!(null));
    visit.wait(&format!("{frame}.srcdoc.includes('<h1>Thank you</h1>')"));

    visit.click("named('.messages a', 'Your order')");
    visit.wait("location.hash === '#/outbox/shop/1'");
    visit.click("named('.links a', 'confirm')");
    // It opens elsewhere; the page tells what came of it.
    let confirmed = |visit: &mut Visit| visit.control("state/shop/orders")[0]["confirmed"] == true;
    while !confirmed(&mut visit) {
        std::thread::yield_now();
    }
    visit.push("Empty the outbox");
    visit.reads("shop has sent nothing");
}

#[test]
fn the_outbox_opens_at_the_vendor_that_has_sent_something() {
    let watch = &["--watch"];
    let Some(mut visit) = Visit::start_with("vendors", "#/outbox", watch, ".connection.live")
    else {
        return;
    };
    visit.folder.write("specs/bazaar.yaml", "counterpart: 1\nvendor: bazaar\noperations: []\n");
    visit.wait("field('Vendor')?.value === 'bazaar'");
    visit.reads("bazaar has sent nothing");
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "mail": "ann@example.org"}"#);
    visit.wait("field('Vendor').value === 'shop'");
    visit.wait("field('Vendor').selectedOptions[0].text === 'shop (1)'");
    visit.reads("ann@example.org");
}

#[test]
fn of_very_many_rows_some_are_drawn() {
    let Some(mut visit) = Visit::start("rows", "#/state/shop/orders") else { return };
    let rows: Vec<_> = (1..=300).map(|id| json!({"id": id, "item": "tea"})).collect();
    let rows = json!(rows).to_string();
    assert_eq!(visit.ask("PUT", "/_counterpart/state/shop/orders", &rows).status, 200);
    visit.reads("300 rows");
    visit.wait("document.querySelectorAll('tbody tr').length === 200");
    visit.push("More of 300 rows");
    visit.wait("document.querySelectorAll('tbody tr').length === 300");
    visit.fill("Search orders", "299");
    visit.reads("1 of 300 rows");
    visit.click("document.querySelector('tbody tr')");
    visit.wait("field('item')?.value === 'tea'");
}
