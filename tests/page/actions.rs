//! What can be done with a request: again, changed, as curl, as a step, and back to before it.

use std::process::Command;

use crate::visit::Visit;

#[test]
fn a_request_is_sent_again_and_the_session_goes_back() {
    let Some(mut visit) = Visit::start("again", "") else { return };
    visit.ask("POST", "/shop/orders", r#"{"item": "tea"}"#);
    visit.click("document.querySelector('.row')");
    visit.push("Send again");
    visit.reads("2 requests");
    visit.wait("location.hash === '#/requests/2'");
    let orders = visit.control("state/shop/orders");
    assert_eq!(orders.as_array().map(Vec::len), Some(2), "{orders}");

    visit.wait("document.querySelector('.detail h2')?.textContent.includes('POST')");
    visit.push("Go back to before this");
    visit.push("Cancel");
    visit.wait("!document.querySelector('dialog')");
    assert_eq!(visit.control("state/shop/orders").as_array().map(Vec::len), Some(2));
    visit.push("Go back to before this");
    visit.click("named('dialog button', 'Go back')");
    visit.reads("1 request");
    visit.wait("!document.querySelector('.detail')");
    assert_eq!(visit.control("state/shop/orders").as_array().map(Vec::len), Some(1));
}

#[test]
fn a_request_is_changed_and_sent() {
    let Some(mut visit) = Visit::start("change", "") else { return };
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "quantity": 12}"#);
    visit.click("document.querySelector('.row')");
    visit.click("named('a', 'Edit and send')");
    visit.wait("field('Body')?.value.includes('12')");
    // What the journal hides is not sent by chance.
    visit.reads("The journal hides credentials");
    visit.fill("Headers", "Content-Type: application/json\nX-Key: k3y-of-the-shop");
    visit.fill("Body", r#"{"item": "tea", "quantity": 3}"#);
    visit.push("Send");
    visit.wait("document.querySelector('.answer .status')?.textContent === '201'");
    visit.click("named('.answer a', 'why: request 2')");
    visit.wait("location.hash === '#/requests/2'");
}

#[test]
fn a_request_is_copied_as_curl() {
    let Some(mut visit) = Visit::start("curl", "") else { return };
    visit.page.allow_clipboard();
    visit.ask("GET", "/shop/orders/7?currency=NOK", "");
    visit.click("document.querySelector('.row')");
    visit.push("Copy as curl");
    visit.click("named('dialog button', 'Copy')");
    visit.reads_anywhere("Copied");
    let command = visit.page.evaluate("navigator.clipboard.readText()");
    let command = command.as_str().unwrap();
    assert!(command.contains("x-key: ***") && !command.contains("k3y-of-the-shop"), "{command}");
    let answer = Command::new("bash").args(["-c", command]).output().unwrap();
    let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("not_found"), "{answer}");
    visit.click("named('dialog button', 'Close')");
    visit.wait("!document.querySelector('dialog')");
    visit.reads("2 requests");
}

#[test]
fn requests_become_steps_that_pass() {
    let Some(mut visit) = Visit::start("step", "") else { return };
    visit.page.allow_clipboard();
    let asked = [
        ("POST", "/shop/orders", r#"{"item": "${tea}: 'green'", "quantity": 2}"#),
        ("POST", "/shop/orders", r#"{"item": "true", "quantity": 12}"#),
        ("GET", "/shop/orders/9?currency=NOK", ""),
        ("POST", "/shop/orders", "no JSON"),
        ("GET", "/shop/nowhere?a=%20${b}", ""),
        ("GET", "/shop/kept/9?ticket=k3y-of-the-shop&a=%20${b}", ""),
        ("GET", "/shop/kept/9?ticket=of-nobody", ""),
    ];
    for (at, (method, path, body)) in asked.iter().enumerate() {
        visit.ask(method, path, body);
        visit.click(&format!("document.querySelector('#row-{}')", at + 1));
        visit.wait(&format!(
            "document.querySelector('.detail .facts')?.textContent.startsWith('#{}')",
            at + 1
        ));
        visit.push("Save as scenario step");
        visit.push("A whole file");
        let text = "document.querySelector('dialog textarea').value";
        visit.wait(&format!("{text}.startsWith('counterpart: 1')"));
        let file = visit.page.evaluate(text);
        let file = file.as_str().unwrap();
        if at == 0 {
            let scenarios = visit.folder.0.join("downloads");
            visit.page.download_into(&scenarios);
            visit.push("Save as create_order.yaml");
            let saved = scenarios.join("create_order.yaml");
            while !std::fs::read_to_string(&saved).is_ok_and(|saved| saved == file) {
                std::thread::yield_now();
            }
        }
        visit.click("named('dialog button', 'Close')");
        visit.wait("!document.querySelector('dialog')");
        visit.folder.write("scenarios/saved.yaml", file);
        let (code, out, err) = visit.folder.run(&["run"]);
        assert!(code == Some(0), "{file}\n{out}\n{err}");
        assert!(file.contains(if at < 3 || at == 6 { "call: " } else { "request:" }), "{file}");
        match at {
            0 => assert!(file.contains("includes") && file.contains("$${tea}"), "{file}"),
            1 => assert!(file.contains("rule: S1"), "{file}"),
            2 => assert!(file.contains("currency: NOK") && file.contains("rule: S2"), "{file}"),
            5 => assert!(file.contains("ticket:") && !file.contains("***"), "{file}"),
            6 => assert!(file.contains("ticket: wrong-key") && file.contains("401"), "{file}"),
            _ => {}
        }
    }
}
