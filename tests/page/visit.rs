//! A browser with the page of a mock.

use serde_json::Value as Json;

use crate::SPEC;
use crate::browser::{Browser, Steered};
use crate::support::client::{Client, Reply};
use crate::support::folder::Folder;
use crate::support::serving::Serving;

/// The functions by which tests find what people see.
const FINDERS: &str = r"
globalThis.all = (selector, within = document) => [...within.querySelectorAll(selector)];
globalThis.says = (element) => (element.getAttribute('aria-label') ?? element.textContent).trim();
globalThis.seen = (element) => element.checkVisibility() && element.getClientRects().length > 0;
globalThis.named = (selector, text) =>
    all(selector).filter(seen).find((element) => says(element) === text) ??
    all(selector).filter(seen).find((element) => says(element).startsWith(text));
globalThis.button = (text) => named('button', text);
globalThis.field = (text) => all('input, select, textarea').filter(seen).find((element) =>
    (element.getAttribute('aria-label') ?? element.labels?.[0]?.querySelector('.label')?.textContent ??
        element.labels?.[0]?.textContent ?? '').trim().startsWith(text));
globalThis.page = () => document.querySelector('main')?.innerText ?? '';
";

/// A mock of the shop, and a browser that shows its page.
pub(crate) struct Visit {
    // In the order in which they end.
    pub(crate) page: Steered,
    pub(crate) client: Client,
    pub(crate) serving: Serving,
    pub(crate) folder: Folder,
}

impl Visit {
    /// None where there is no browser, which is said.
    pub(crate) fn start(name: &str, hash: &str) -> Option<Self> {
        Self::start_with(name, hash, &["--seed", "7"], ".connection.live")
    }

    /// The same with options of `serve`, and with what shows that the page is there.
    pub(crate) fn start_with(
        name: &str,
        hash: &str,
        arguments: &[&str],
        sign: &str,
    ) -> Option<Self> {
        let folder = Folder::new(&format!("page-{name}"), &[("specs/shop.yaml", SPEC)]);
        let Some(browser) = Browser::find(&folder.0) else {
            println!("SKIPPED chromium: the page is not looked at");
            return None;
        };
        let serving = Serving::start(&folder, arguments);
        let client = Client::new(serving.address());
        let address = format!("http://{}/_counterpart/{hash}", serving.address());
        let mut page = browser.steer(&address);
        page.look(1280, 800, "light");
        page.wait_for(&format!("document.querySelector('{sign}') !== null"));
        page.evaluate(FINDERS);
        Some(Self { page, client, serving, folder })
    }

    /// The page is another one.
    pub(crate) fn find_again(&mut self) {
        self.page.evaluate(FINDERS);
    }

    /// Asks the shop as a client does.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let headers = [("Content-Type", "application/json"), ("X-Key", "k3y-of-the-shop")];
        self.client.send(method, path, &headers, body)
    }

    /// What the control plane answers.
    pub(crate) fn control(&mut self, call: &str) -> Json {
        let reply = self.ask("GET", &format!("/_counterpart/{call}"), "");
        assert_eq!(reply.status, 200, "{call}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// Waits until an expression is something.
    pub(crate) fn wait(&mut self, expression: &str) {
        self.page.wait_for(&format!("Boolean({expression})"));
    }

    /// Waits until the page says that.
    pub(crate) fn reads(&mut self, text: &str) {
        self.wait(&format!("page().includes({text:?})"));
    }

    /// Waits until something says that, in front of the page too.
    pub(crate) fn reads_anywhere(&mut self, text: &str) {
        self.wait(&format!("document.body.innerText.includes({text:?})"));
    }

    /// Clicks on what an expression finds, once it is there.
    pub(crate) fn click(&mut self, element: &str) {
        self.wait(element);
        self.page.click(element);
    }

    /// Clicks on the button that says that.
    pub(crate) fn push(&mut self, button: &str) {
        self.click(&format!("button({button:?})"));
    }

    /// Puts a text in the place of what is in the field of that name.
    pub(crate) fn fill(&mut self, field: &str, text: &str) {
        let element = format!("field({field:?})");
        self.wait(&element);
        self.page.evaluate(&format!("(() => {{ {element}.focus(); {element}.select(); }})()"));
        match text {
            "" => self.page.press("Delete", 46),
            text => self.page.write(text),
        }
    }

    /// Chooses an option of the field of that name.
    pub(crate) fn choose(&mut self, field: &str, value: &str) {
        let element = format!("field({field:?})");
        self.wait(&element);
        // What opens is drawn by the system, where no click leads.
        self.page.evaluate(&format!(
            "(() => {{ const it = {element}; it.value = {value:?}; \
             it.dispatchEvent(new Event('input', {{bubbles: true}})); \
             it.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
        ));
    }
}
