//! The spec as documentation, its coverage, and requests made from it.

use crate::visit::Visit;

#[test]
fn the_spec_says_what_was_seen_of_it() {
    let Some(mut visit) = Visit::start("spec", "#/spec") else { return };
    visit.reads("0 of 3 statements seen in 0 requests.");
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "quantity": 12}"#);
    visit.reads("1 of 3 statements seen in 1 request.");
    visit.wait("document.querySelector('.statements li').textContent.includes('refused 1×')");
    visit.choose("Statements", "unseen");
    visit.wait("document.querySelectorAll('.statements li').length === 2");
    visit.fill("Search operations", "get /orders");
    visit.wait("document.querySelectorAll('.operations a').length === 2");
    visit.click("named('.operations a', 'read_order')");
    visit.reads("GET /orders/{id}");
    visit.reads("No request of this session came to one.");
    visit.ask("GET", "/shop/orders/1", "");
    visit.wait("all('tbody th').some((rule) => says(rule) === 'shop/S2 read_order.steps[0].find')");
    visit.click("named('.doc a', 'Send a request')");
    visit.wait("location.hash === '#/send/shop/read_order'");
}

#[test]
fn a_request_is_made_from_the_spec() {
    let Some(mut visit) = Visit::start("send", "#/send/shop/create_order") else { return };
    visit.wait("field('Body')?.value.includes('\"item\": \"text\"')");
    // The session knows the keys, and the form shows one.
    visit.wait("field('Headers').value.includes('X-Key: k3y-of-the-shop')");
    visit.push("Send");
    visit.wait("document.querySelector('.answer .status')?.textContent === '201'");
    visit.click("field('with a key') ?? document.querySelector('.check input')");
    visit.wait("!field('Headers').value.includes('X-Key')");
    visit.push("Send");
    visit.wait("document.querySelector('.answer .status')?.textContent === '401'");

    visit.choose("Operation", "read_order");
    visit.fill("id", "1");
    visit.choose("currency", "NOK");
    visit.wait("field('Path').value === '/shop/orders/1?currency=NOK'");
    visit.push("Send");
    visit.wait("document.querySelector('.answer .status')?.textContent === '200'");
    visit.click("named('.answer a', 'why: request 3')");
    visit.reads("an order is found by its number");
}

#[test]
fn changed_specs_are_seen_and_vendors_chosen() {
    let watch = &["--watch"];
    let Some(mut visit) = Visit::start_with("watch", "#/state", watch, ".connection.live") else {
        return;
    };
    let zoo = "counterpart: 1\nvendor: zoo\ncollections: {animals: {key: name, schema: {type: object, \
               properties: {name: {type: string}}}, fixtures: [{name: elk}]}}\n";
    visit.folder.write("specs/zoo.yaml", zoo);
    for view in ["state", "outbox", "send", "spec"] {
        visit.page.evaluate(&format!("location.hash = '#/{view}'"));
        visit.choose("Vendor", "zoo");
        visit.wait(&format!("location.hash === '#/{view}/zoo'"));
        visit.wait("field('Vendor')?.value === 'zoo'");
    }
    visit.page.evaluate("location.hash = '#/state/zoo'");
    visit.reads("elk");
    // A spec with mistakes is told of, and the old one goes on.
    visit.folder.write("specs/zoo.yaml", &zoo.replace("vendor: zoo", "vendor: zoo\nvendro: zoo"));
    visit.reads("not served, since they have mistakes");
    visit.reads("vendro");
    visit.reads("elk");
    visit.folder.write("specs/zoo.yaml", &zoo.replace("elk", "moose"));
    visit.reads("moose");
    visit.wait("!page().includes('mistakes')");
}
