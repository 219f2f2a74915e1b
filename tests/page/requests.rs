//! The requests: the list, the search, and one of them in full.

use crate::visit::Visit;

#[test]
fn requests_appear_as_they_come_and_each_says_why() {
    let Some(mut visit) = Visit::start("requests", "") else { return };
    visit.reads("No requests yet");
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "quantity": 2}"#);
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "quantity": 12}"#);
    visit.ask("GET", "/shop/orders/1", "");
    visit.reads("3 requests");
    visit.reads("shop/S1");

    // The newest comes first, and a click shows it.
    assert_eq!(visit.page.evaluate("all('.row .method').map(says).join()"), "GET,POST,POST");
    visit.click("all('.row')[1]");
    visit.reads("quantity is 12");
    visit.reads("an order is of 1 to 10 of an item");
    assert!(visit.page.evaluate("location.hash") == "#/requests/2");
    visit.reads("Why it was refused");
    visit.push("Show 2 more rules");
    visit.wait("all('.rules li.held').length === 2");
    visit.push("Show only what decided");
    visit.wait("all('.rules li.held').length === 0");

    // The list still says which rule refused which request, and why, and the operation of others.
    visit.wait("says(all('.row .why')[1]).startsWith('shop/S1 quantity must be at most 10')");
    visit.wait("seen(all('.row .why')[1]) && says(all('.row .why')[2]) === 'create_order'");

    // The keys of a list go on from there.
    visit.click("all('.row')[1]");
    visit.page.evaluate("document.querySelector('.rows').focus()");
    visit.page.press("ArrowDown", 40);
    visit.wait("location.hash === '#/requests/1'");
    visit.wait("document.querySelector('.changes .tag')?.textContent === 'added'");
    visit.wait("document.querySelector('.changes').innerText.includes('quantity')");
    visit.reads("***");
    visit.push("As it was sent");
    visit.wait("all('.message pre')[0].textContent.startsWith('{\"item\": \"tea\"')");
    visit.page.evaluate("document.querySelector('.rows').focus()");
    visit.page.press("Enter", 13);
    visit.wait("document.activeElement.tagName === 'H2'");
    visit.page.press("Escape", 27);
    visit.wait("!document.querySelector('.detail')");
}

#[test]
fn requests_are_found_by_words_and_outcome() {
    let Some(mut visit) = Visit::start("search", "") else { return };
    for at in 1..=3 {
        visit.ask("GET", &format!("/shop/orders/{at}"), "");
        visit.ask("POST", "/shop/orders", r#"{"item": "tea"}"#);
    }
    visit.reads("6 requests");
    visit.page.evaluate("document.body.focus()");
    visit.page.press("/", 191);
    visit.wait("document.activeElement === field('Search requests')");
    visit.fill("Search requests", "create_order 201");
    visit.reads("3 of 6 requests");
    visit.fill("Search requests", "orders/2");
    visit.reads("1 of 6 requests");
    visit.fill("Search requests", "");
    visit.choose("Outcome", "refused");
    visit.reads("3 of 6 requests");
    visit.choose("Outcome", "failed");
    visit.reads("No request fits that search.");
    visit.choose("Outcome", "all");
    visit.ask("GET", "/shop/kept/9?ticket=k3y-of-the-shop", "");
    visit.choose("Outcome", "refused");
    visit.reads("4 of 7 requests");
    visit.reads("no row of `orders` has the `id` 9");
    visit.choose("Outcome", "all");

    visit.push("Pause");
    visit.ask("GET", "/shop/orders/1", "");
    visit.push("Resume");
    visit.reads("8 requests");
}

#[test]
fn ten_thousand_requests_are_a_few_rows() {
    let Some(mut visit) = Visit::start("many", "") else { return };
    // The hint is gone as soon as all are there.
    visit.page.evaluate(
        "new MutationObserver(() => {
            globalThis.hint ??= document.querySelector('.coming')?.textContent;
        }).observe(document.body, {childList: true, subtree: true})",
    );
    for _ in 0..10_010 {
        visit.ask("GET", "/shop/orders/1", "");
    }
    visit.wait("/^[\\d,]+ more are coming$/.test(globalThis.hint)");
    visit.wait("document.querySelector('.row')?.id === 'row-10010'");
    // Those that came too fast are read later.
    visit.wait("document.querySelector('.row').getAttribute('aria-setsize') === '10000'");
    visit.wait("!document.querySelector('.coming')");
    let scroll = "(async () => {
        const list = document.querySelector('.rows');
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        let most = 0;
        for (let top = 0; top < list.scrollHeight; top += list.scrollHeight / 50) {
            list.scrollTop = top;
            await frame(); await frame();
            most = Math.max(most, all('.row').length);
        }
        return most;
    })()";
    let most = visit.page.evaluate(scroll).as_u64().unwrap();
    assert!((10..200).contains(&most), "{most} rows are drawn");
    // What comes does not move what somebody reads.
    let first =
        "all('.row').find((row) => row.offsetTop >= document.querySelector('.rows').scrollTop)?.id";
    visit.page.evaluate("document.querySelector('.rows').scrollTop = 26 * 5000");
    // Before, the last rows were drawn, which are further down.
    let drawn = "document.querySelector('.row').offsetTop";
    visit.wait(&format!("{drawn} > 26 * 4900 && {drawn} <= 26 * 5000"));
    let before = visit.page.evaluate(first);
    visit.ask("POST", "/shop/orders", r#"{"item": "tea"}"#);
    visit.wait("document.querySelector('.rows').scrollTop === 26 * 5001");
    visit.wait(&format!("{first} === {before}"));
}

#[test]
fn what_cannot_be_seen_is_written_out() {
    let Some(mut visit) = Visit::start("unseen", "") else { return };
    let order = r#"{"item": "\u202eaet\u200b, \u26f5\ufe0f \ud83d\udc69\u200d\ud83d\udcbb "}"#;
    visit.ask("POST", "/shop/orders", order);
    visit.click("document.querySelector('.row')");
    // What belongs to an emoji is seen with it; a space at the end would not be.
    let written = "⟨U+202E⟩aet⟨U+200B⟩, ⛵\u{fe0f} 👩\u{200d}💻";
    visit.wait(&format!("all('td.after').some((cell) => says(cell) === '{written}⟨U+0020⟩')"));
    visit.wait("all('pre').every((body) => !/[\\u202e\\u200b]/.test(body.textContent))");
    // A field has it as it is, and says below what that is.
    visit.page.evaluate("location.hash = '#/state/shop/orders'");
    visit.click("button('1')");
    visit.wait("field('item').value.includes('\\u202e')");
    visit.wait(&format!("says(document.querySelector('.field .seen')).startsWith('{written}')"));
    visit.wait("!/[\\u202e\\u200b]/.test(document.body.textContent)");
}

#[test]
fn requests_of_other_sessions_are_told_of() {
    let Some(mut visit) = Visit::start("elsewhere", "") else { return };
    visit.ask("GET", "/@ci-7/shop/orders/1", "");
    visit.reads("1 request came in other sessions.");
    visit.click("named('main a', 'other sessions')");
    visit.reads("@ci-7");
}

#[test]
fn the_token_is_asked_for_once() {
    let Some(mut visit) = Visit::start_with("token", "", &["--token", "t0ken"], "form") else {
        return;
    };
    visit.fill("The token", "wrong");
    visit.push("Go on");
    visit.wait("document.querySelector('.wrong')");
    visit.find_again();
    visit.fill("The token", "t0ken");
    visit.push("Go on");
    visit.wait("document.querySelector('.connection.live')");
    visit.find_again();
    visit.ask("GET", "/shop/orders/1", "");
    visit.wait("document.querySelector('.row')");
}

#[test]
fn the_page_fits_a_phone_and_finds_its_way_back() {
    let Some(mut visit) = Visit::start("phone", "") else { return };
    visit.page.look(390, 844, "dark");
    visit.ask("POST", "/shop/orders", r#"{"item": "tea", "mail": "ann@example.org"}"#);
    visit.ask("GET", "/shop/orders/1", "");
    visit.reads("2 requests");
    let fits = "document.documentElement.scrollWidth <= innerWidth
        && all('main *').every((element) => element.closest('.scroll, .rows, pre, .hidden')
            || element.getBoundingClientRect().right <= innerWidth + 1)";
    let views = [
        "requests",
        "requests/1",
        "state/shop/orders",
        "outbox/shop/1",
        "send/shop/read_order",
        "spec/shop",
        "spec/shop/read_order",
        "clock",
        "faults",
        "sessions",
    ];
    for view in views {
        visit.page.evaluate(&format!("location.hash = '#/{view}'"));
        visit.wait(&format!("location.hash === '#/{view}' && ({fits})"));
    }
    // What is chosen can be read whole.
    visit.page.evaluate("location.hash = '#/requests'");
    let is_whole = "all('select').filter(seen).every((one) => {
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = getComputedStyle(one).font;
        const texts = [...one.options].map((option) => pen.measureText(option.text).width);
        return Math.max(...texts) + 24 <= one.clientWidth;
    })";
    visit.wait(&format!("field('Outcome') && {is_whole}"));
    for (width, height) in [(1280, 800), (390, 844)] {
        visit.page.look(width, height, "light");
        for view in ["requests", "requests/1", "faults"] {
            visit.page.evaluate(&format!("location.hash = '#/{view}'"));
            visit.wait(&format!("location.hash === '#/{view}' && {is_whole}"));
        }
    }
    // On a narrow page a part covers the list that it is of.
    visit.page.evaluate("location.hash = '#/requests'");
    visit.click("document.querySelector('.row')");
    visit.wait("!seen(document.querySelector('.list'))");
    visit.push("Close");
    visit.wait("seen(document.querySelector('.rows'))");
    visit.page.evaluate("location.hash = '#/outbox/shop'");
    visit.click("named('.messages a', 'Your order')");
    visit.click("named('a', 'All messages')");
    visit.wait("seen(document.querySelector('.messages'))");
    visit.page.evaluate("location.hash = '#/spec/shop/read_order'");
    visit.click("document.querySelector('.back')");
    visit.wait("location.hash === '#/spec/shop'");
    visit.click("document.querySelector('.head .name')");
    visit.wait("location.hash === '#/requests'");
    for part in ["State", "Outbox", "Send", "Spec", "Clock", "Faults", "Sessions", "Requests"] {
        visit.page.evaluate(&format!("named('nav a', {part:?}).scrollIntoView()"));
        visit.click(&format!("named('nav a', {part:?})"));
        visit.wait(&format!("document.title.startsWith({part:?})"));
    }
}

#[test]
fn the_page_says_when_the_mock_is_gone() {
    let Some(mut visit) = Visit::start("gone", "") else { return };
    visit.ask("GET", "/shop/orders/1", "");
    visit.reads("1 request");
    visit.serving.process.kill().unwrap();
    visit.wait("document.querySelector('.connection.lost')");
    // What is known stays to be read.
    visit.reads("1 request");
}

#[test]
fn who_goes_to_and_fro_leaves_no_connection_behind() {
    let Some(mut visit) = Visit::start("fro", "") else { return };
    visit.ask("GET", "/shop/orders/1", "");
    // A browser has six connections to a host, and keeps pages that somebody may come back to.
    for time in 1..=12 {
        let address = format!("/_counterpart/?{time}#/requests");
        visit.page.evaluate(&format!("setTimeout(() => {{ location.href = '{address}'; }})"));
        let there = format!("location.search === '?{time}' && document.querySelector('.row')");
        visit.wait(&there);
    }
    for time in (1..12).rev() {
        visit.page.evaluate("setTimeout(() => history.back())");
        let there = format!("location.search === '?{time}' && document.querySelector('.row')");
        visit.wait(&there);
        visit.wait("document.querySelector('.connection.live')");
    }
}
