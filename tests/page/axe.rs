//! Each view by the rules of WCAG 2.2 AA, as far as axe can tell, wide and narrow, light and dark.

use std::fs;
use std::path::Path;

use crate::visit::Visit;

const TAGS: &str = r#"["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]"#;

#[test]
fn no_view_breaks_a_rule_of_accessibility() {
    let place = "target/tools/page/node_modules/axe-core/axe.min.js";
    let Ok(axe) = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(place)) else {
        println!("SKIPPED axe: the accessibility of the page is not looked at");
        return;
    };
    let Some(mut visit) = Visit::start("axe", "") else { return };
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "quantity": 2, "mail": "a@example.org"}"#);
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "quantity": 12}"#);
    visit.ask("POST", "/_counterpart/faults", r#"{"fault": "reset", "operation": "read_order"}"#);
    visit.ask("GET", "/@ci-7/shop/orders/1", "");
    visit.ask("PUT", "/shop/orders/1/shipment?to=http://127.0.0.1:1/", "");
    visit.page.evaluate(&axe);
    // Where to go, what is there then, and what is clicked on to see more.
    let views = [
        ("#/requests", ".row", ""),
        ("#/requests/1", ".changes .fields", "button('1 more rule') ?? button('As it was sent')"),
        ("#/requests/2", ".verdict", "button('2 more rules')"),
        ("#/requests/2", ".verdict", "button('Save as scenario step')"),
        ("#/requests/2", ".verdict", "button('Go back')"),
        ("#/state/shop/orders", "button.key", "document.querySelector('button.key')"),
        ("#/outbox/shop/1", "iframe", ""),
        ("#/outbox/shop/2", "section[aria-label=Delivery] tbody", "named('summary', 'What')"),
        ("#/scheduled/shop", "tbody", ""),
        ("#/send/shop/create_order", ".check", "button('Send')"),
        ("#/spec/shop", ".statements li", ""),
        ("#/spec/shop/read_order", ".doc table", ""),
        ("#/clock", ".settings", ""),
        ("#/faults", "tbody", ""),
        ("#/sessions", "tbody", ""),
    ];
    let mut wrong = Vec::new();
    for (width, height) in [(1280, 800), (390, 844)] {
        for scheme in ["light", "dark"] {
            visit.page.look(width, height, scheme);
            for (hash, sign, more) in views {
                visit.page.evaluate("document.querySelector('dialog button')?.click()");
                visit.page.evaluate(&format!("location.hash = {hash:?}"));
                visit.wait(&format!("document.querySelector({sign:?})"));
                if !more.is_empty() {
                    visit.page.evaluate(&format!("({more})?.click()"));
                }
                let found = visit.page.evaluate(&format!(
                    "axe.run(document, {{runOnly: {TAGS}}}).then((found) => found.violations
                        .flatMap((one) => one.nodes.map((node) =>
                            `${{one.id}}: ${{node.target}}: ${{node.failureSummary}}`)).join('\\n'))"
                ));
                if found != "" {
                    wrong.push(format!("{hash} {width} {scheme}: {}", found.as_str().unwrap()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
