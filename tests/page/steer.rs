//! Clock, settings, faults and sessions.

use crate::visit::Visit;

#[test]
fn the_clock_stands_still_and_moves() {
    let Some(mut visit) = Visit::start("clock", "#/clock") else { return };
    visit.push("Freeze");
    visit.reads("frozen");
    assert_eq!(visit.control("clock")["frozen"], true);
    visit.fill("Set to", "2026-01-01T00:00:00Z");
    visit.push("Set");
    visit.wait("document.querySelector('.now').textContent.startsWith('2026-01-01T00:00:00Z')");
    visit.push("+ 1 day");
    visit.wait("document.querySelector('.now').textContent.startsWith('2026-01-02T00:00:00Z')");
    visit.fill("Move by", "PT36H");
    visit.push("Move");
    visit.wait("document.querySelector('.now').textContent.startsWith('2026-01-03T12:00:00Z')");
    visit.fill("Move by", "a while");
    visit.push("Move");
    visit.wait("document.querySelector('.told .failed')?.textContent.includes('a while')");
    visit.push("Dismiss");
    visit.push("Resume");
    visit.reads("running");
    assert_eq!(visit.control("clock")["frozen"], false);
}

#[test]
fn settings_are_kept_and_the_session_begins_anew() {
    let Some(mut visit) = Visit::start("settings", "#/clock") else { return };
    visit.choose("currency", "NOK");
    visit.push("Save");
    visit.reads_anywhere("Settings of shop saved");
    assert_eq!(visit.control("state/shop/settings")["currency"], "NOK");
    visit.push("Reset the session");
    visit.click("named('dialog button', 'Reset')");
    visit.reads_anywhere("The session starts over");
    assert_eq!(visit.control("state/shop/settings")["currency"], "EUR");
    visit.wait("field('currency').value === 'EUR'");
}

#[test]
fn faults_come_and_go() {
    let Some(mut visit) = Visit::start("faults", "#/faults") else { return };
    visit.reads("from the spec");
    visit.page.evaluate(
        "globalThis.cell = (row, column) => all('td', all('tbody tr')[row - 1])[column];
         globalThis.fault = (row) => all('tbody tr')[row - 1]?.textContent ?? '';",
    );
    visit.push("Remove all faults");
    visit.reads("No faults are set.");
    visit.choose("For requests of", "shop");
    visit.wait("field('Operation').options.length > 1");
    visit.choose("Operation", "read_order");
    visit.choose("What goes wrong", "error");
    visit.wait("field('Error')?.options.length > 1");
    visit.choose("Error", "NoKey");
    visit.push("Add the fault");
    visit.reads("shop/read_order");
    visit.wait("fault(1).includes('the next request') && says(cell(1, 3)) === '0'");
    assert_eq!(visit.ask("GET", "/shop/orders/1", "").status, 401);
    // It stays in the list, with how many requests it has affected.
    visit.wait("fault(1).includes('used up') && says(cell(1, 3)) === '1'");
    // The third one fails.
    visit.choose("What goes wrong", "status");
    visit.fill("Skip this many", "2");
    visit.push("Add the fault");
    visit.reads("after 2 requests: the next request");
    for status in [404, 404, 503, 404] {
        assert_eq!(visit.ask("GET", "/shop/orders/1", "").status, status);
    }
    visit.wait("fault(2).includes('used up') && says(cell(2, 3)) === '1'");
    visit.push("Remove all faults");
    visit.reads("No faults are set.");
    visit.fill("Skip this many", "");
    for kind in ["reset", "status"] {
        visit.choose("What goes wrong", kind);
        visit.push("Add the fault");
    }
    visit.wait("document.querySelectorAll('tbody tr').length === 2");
    visit.choose("What goes wrong", "none");
    visit.fill("Delay", "PT0.1S");
    visit.fill("… up to", "PT0.2S");
    visit.push("Add the fault");
    visit.reads("a delay of PT0.1S to PT0.2S");
    visit.click("all('button').filter((one) => says(one).startsWith('Remove fault')).at(-1)");
    visit.wait("document.querySelectorAll('tbody tr').length === 2");
    visit.choose("What goes wrong", "status");
    visit.fill("Delay", "soon");
    visit.push("Add the fault");
    visit.wait("document.querySelector('.wrong')?.textContent.includes('soon')");
    visit.click("named('button', 'Remove fault')");
    visit.wait("document.querySelectorAll('tbody tr').length === 1");
    visit.push("Remove all faults");
    visit.reads("No faults are set.");
}

#[test]
fn sessions_are_listed_opened_and_dropped() {
    let Some(mut visit) = Visit::start("sessions", "#/sessions") else { return };
    visit.reads("There are none.");
    visit.ask("GET", "/@ci-7/shop/orders/1", "");
    visit.reads("@ci-7");
    visit.click("named('td a', '@ci-7')");
    visit.wait("location.pathname === '/@ci-7/_counterpart/' && document.querySelector('.row')");
    visit.find_again();
    visit.reads("1 request");
    // Its page shows what is its own alone.
    visit.ask("GET", "/shop/orders/1", "");
    visit.ask("GET", "/@ci-7/shop/orders/2", "");
    visit.reads("2 requests");
    visit.click("named('nav a', 'Sessions')");
    visit.push("Drop @ci-7");
    visit.click("named('dialog button', 'Drop')");
    visit.reads_anywhere("Dropped @ci-7");
    visit.fill("Name", "other");
    visit.push("Open its page");
    visit.wait("location.pathname === '/@other/_counterpart/'");
}
