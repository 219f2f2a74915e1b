//! What comes out of one answer and goes into later requests: ids and tokens, which become
//! captures.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::Recorded;
use super::asked::reads;
use super::atoms::{Atom, answered, sent};
use super::identity::{From, is_id};
use super::renewed::{Renewed, Spelling, is_of_request, tells_request};
use super::secrets::{all, is_secret, refused};
use crate::import::names::{singular, snake, unique, words};
use crate::run::answer::BodyForm;
use crate::run::jar::Jar;
use crate::run::mask::Mask;
use crate::run::url;
use crate::value::Value;

/// Names that scenarios have already.
const TAKEN: [&str; 6] = ["env", "now", "it", "response", "uuid", "unique"];

/// A value that is another one each time, and so a variable.
#[derive(Debug)]
pub(super) struct Capture {
    /// The position of the step in whose answer it stands, and where; none of what the client chose.
    pub(super) came: Option<(usize, From)>,
    /// Its variable.
    pub(super) name: String,
    /// As it was recorded.
    pub(super) value: Value,
    /// Nobody is to read it.
    pub(super) secret: bool,
}

/// What is known of the values in recorded requests.
#[derive(Debug, Default)]
pub(super) struct Flow {
    captures: Vec<Capture>,
    /// Their positions, by the text.
    by_text: HashMap<Arc<str>, usize>,
    /// Their positions, by the step.
    by_step: HashMap<usize, Vec<usize>>,
    /// Values of secrets that the client sent.
    secrets: HashSet<Arc<str>>,
    /// Those of them with which it was only ever refused.
    refused: HashSet<Arc<str>>,
    /// All that is called a secret anywhere.
    mask: Mask,
    /// By text: the first step that sends it.
    sent: HashMap<Arc<str>, usize>,
    /// By text: under which names it is sent as what tells one of many, each with the first step;
    /// segments of paths have none. Numbers under other names are equal by chance.
    sent_ids: HashMap<Arc<str>, Vec<(String, usize)>>,
    /// Names of texts that come and go back as they came, without being ids.
    returned: HashSet<String>,
    /// By text: in how many answers it stands.
    answers: HashMap<Arc<str>, usize>,
    /// Elements that come several times: each with the element that they stand in.
    lists: HashSet<(String, String)>,
    /// Some request changed something.
    pub(super) changes: bool,
    /// Names of those cookies that were set for a secret, as by a login.
    sessions: HashSet<String>,
    /// Names of cookies that answers set, each with the first step.
    cookies: HashMap<String, usize>,
    /// Steps that send none of the cookies that the client had for them.
    bare: HashSet<usize>,
    /// What the client chose that is another value each time.
    renewed: Vec<Renewed>,
    /// What URLs of the vendor begin with, the longest first.
    own: Vec<String>,
    /// Some request sends cookies.
    sends_cookies: bool,
}

impl Flow {
    /// Of requests in their order. `renews` says that mail addresses are others each time with which
    /// something was created, since many vendors take one only once.
    pub(super) fn new(requests: &[Recorded], renews: bool) -> Self {
        let mut flow = Self { mask: all(requests), refused: refused(requests), ..Self::default() };
        if let Some(host) = requests.first().map(|recorded| recorded.host.trim_end_matches('/'))
            && let Ok(url) = url::parse(host)
        {
            let origin = host.strip_suffix(&url.target).unwrap_or(host);
            flow.own = [host, origin].map(str::to_owned).to_vec();
        }
        // Where a value first came from.
        let mut first: HashMap<Arc<str>, (usize, Atom)> = HashMap::new();
        // Which values something later needs.
        let mut wanted: Vec<Arc<str>> = Vec::new();
        let mut known: HashSet<Arc<str>> = HashSet::new();
        let mut chosen: Vec<(Arc<str>, String, bool)> = Vec::new();
        let mut jar = Jar::default();
        for (step, recorded) in requests.iter().enumerate() {
            flow.look_at_cookies(step, recorded, &mut jar);
            flow.secrets.extend(recorded.keys.iter().map(|key| Arc::from(&*key.value)));
            let creates = recorded.method == "POST" && recorded.status == Some(201);
            let of_request =
                recorded.headers.iter().filter(|(name, _)| renews && tells_request(name));
            for (name, value) in of_request.filter(|(name, _)| !is_of_request(name)) {
                let text: Arc<str> = value.as_str().into();
                let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
                let is_known = flow.sent.contains_key(&text) || flow.answers.contains_key(&text);
                if !is_number && !is_known {
                    chosen.push((text, name.clone(), true));
                }
            }
            for atom in sent(recorded) {
                let is_new = || {
                    !flow.sent.contains_key(&atom.text) && !flow.answers.contains_key(&atom.text)
                };
                if renews && creates && atom.is_address() && is_new() {
                    chosen.push((atom.text.clone(), atom.name.clone(), false));
                }
                if renews && is_of_request(&atom.name) && is_new() {
                    chosen.push((atom.text.clone(), atom.name.clone(), true));
                }
                if is_secret(&atom.name) {
                    flow.secrets.insert(atom.text.clone());
                }
                let tells = atom.tells_one();
                let found = first.get(&atom.text).filter(|_| tells).is_some_and(|(_, came)| {
                    let again = came.name.eq_ignore_ascii_case(&atom.name);
                    if again && !came.is_identifier() {
                        flow.returned.insert(came.name.clone());
                    }
                    again || came.is_identifier()
                });
                if found && known.insert(atom.text.clone()) {
                    wanted.push(atom.text.clone());
                }
                if tells {
                    let names = flow.sent_ids.entry(atom.text.clone()).or_default();
                    if !names.iter().any(|(name, _)| *name == atom.name) {
                        names.push((atom.name.clone(), step));
                    }
                }
                flow.sent.entry(atom.text).or_insert(step);
            }
            let done = recorded.status.is_some_and(|status| (200..300).contains(&status));
            flow.changes |= done && !reads(recorded);
            if let Some(said) = recorded.answer.as_ref().filter(|said| said.form == BodyForm::Xml)
                && let Some(tree) = &said.tree
            {
                flow.add_lists("", tree);
            }
            let mut here: HashSet<Arc<str>> = HashSet::new();
            for atom in answered(recorded) {
                if here.insert(atom.text.clone()) {
                    *flow.answers.entry(atom.text.clone()).or_default() += 1;
                }
                if !atom.is_identifier() && !atom.is_opaque() {
                    continue;
                }
                let sent = match atom.is_number() {
                    true => flow.was_named(step, &atom.name, &atom.text),
                    false => flow.sent.contains_key(&atom.text),
                };
                match first.get(&atom.text) {
                    // What a request made is the same wherever it is seen again.
                    Some((maker, came)) if *maker < step && came.is_identifier() => {
                        let made = requests.get(*maker).is_some_and(|r| r.method == "POST");
                        // A header of its own is the state of a thing, which nobody may ask for again.
                        let again = !matches!(atom.from, Some(From::Header(_)));
                        if made && again && known.insert(atom.text.clone()) {
                            wanted.push(atom.text);
                        }
                    }
                    None if !sent => _ = first.insert(atom.text.clone(), (step, atom)),
                    Some(_) | None => {}
                }
            }
            for (_, cookie) in
                recorded.answer_headers.iter().filter(|(name, _)| is_set_cookie(name))
            {
                let name = cookie.split('=').next().unwrap_or_default().trim().to_owned();
                let shows = |atom: Atom| is_secret(&atom.name) && !is_cookie(&atom.name);
                if done && sent(recorded).into_iter().any(shows) {
                    flow.sessions.insert(name.clone());
                }
                flow.cookies.entry(name).or_insert(step);
            }
        }
        let mut taken: HashSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
        for (text, name, is_key) in chosen {
            let name = if name.is_empty() { "email".to_owned() } else { snake(&name) };
            let mut names = taken.clone();
            let name = unique(name.trim_start_matches("x_"), &mut names);
            let renewed = match is_key {
                true => Some(Renewed::key(&text, name.clone())),
                false => Renewed::address(&text, name.clone(), &flow.renewed),
            };
            let Some(renewed) = renewed else { continue };
            taken = names;
            flow.renewed.push(renewed);
            // A number is the same as others by chance.
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            flow.by_text.insert(Arc::clone(&text), flow.captures.len());
            flow.captures.push(Capture {
                came: None,
                name,
                value: Value::Text(text),
                secret: false,
            });
        }
        for text in wanted {
            let Some((step, atom)) = first.remove(&text) else { continue };
            let Some(from) = atom.from.clone() else { continue };
            let path =
                requests.get(step).map(|recorded| recorded.path.as_str()).unwrap_or_default();
            let at = flow.captures.len();
            flow.by_text.insert(text, at);
            flow.by_step.entry(step).or_default().push(at);
            flow.captures.push(Capture {
                came: Some((step, from)),
                name: unique(&name_of(&atom.name, path), &mut taken),
                value: atom.value,
                secret: is_secret(&atom.name),
            });
        }
        flow
    }

    /// Whether a request goes without the cookies that were set for it, and what its answer sets.
    fn look_at_cookies(&mut self, step: usize, recorded: &Recorded, jar: &mut Jar) {
        let base = recorded.host.trim_end_matches('/');
        let Ok(url) = url::parse(&format!("{base}{}", recorded.path)) else { return };
        let sends = recorded.header("Cookie").is_some();
        self.sends_cookies |= sends;
        if !sends && jar.header(&url.origin, &url.target).is_some() {
            self.bare.insert(step);
        }
        let set = recorded.answer_headers.iter().filter(|(name, _)| is_set_cookie(name));
        jar.keep(&url.origin, &url.target, set.map(|(_, cookie)| cookie.as_str()));
    }

    /// Adds the elements of an answer that come several times.
    fn add_lists(&mut self, around: &str, value: &Value) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.add_lists(around, item)),
            Value::Map(map) => {
                for (name, value) in map.iter() {
                    let name = local(name);
                    if value.as_list().is_some() {
                        self.lists.insert((around.to_owned(), name.to_owned()));
                    }
                    self.add_lists(name, value);
                }
            }
            _ => {}
        }
    }

    /// Whether some answer has several of those elements in one of the other name.
    pub(super) fn has_several(&self, around: &str, name: &str) -> bool {
        self.lists.contains(&(around.to_owned(), name.to_owned()))
    }

    /// Whether some answer has a list in an element of that name.
    pub(super) fn holds_list(&self, around: &str) -> bool {
        self.lists.iter().any(|(known, _)| known == around)
    }

    /// What is kept of the answer to a step.
    pub(super) fn captures(&self, step: usize) -> impl Iterator<Item = &Capture> {
        let at = self.by_step.get(&step).into_iter().flatten();
        at.filter_map(|at| self.captures.get(*at))
    }

    /// What the client chose that is another value each time.
    pub(super) fn renewed(&self) -> &[Renewed] {
        &self.renewed
    }

    /// What URLs of the vendor begin with.
    pub(super) fn own_urls(&self) -> impl Iterator<Item = &str> {
        self.own.iter().map(String::as_str).filter(|url| !url.is_empty())
    }

    /// The variable for a key that a request has under a name.
    pub(super) fn key_of_request(&self, name: &str, text: &str) -> Option<&str> {
        let mut keys = self.renewed.iter().filter(|one| one.is_key() && tells_request(name));
        keys.find(|key| *key.text == *text).map(|key| key.name.as_str())
    }

    /// Where a text has what is renewed, whatever its spelling.
    pub(super) fn spellings(&self, text: &str) -> Vec<Spelling> {
        let mut found: Vec<Spelling> = Vec::new();
        for spelling in self.renewed.iter().flat_map(|one| one.spellings(text)) {
            let own = &spelling.range;
            let is_apart =
                |other: &Spelling| other.range.end <= own.start || own.end <= other.range.start;
            if found.iter().all(is_apart) {
                found.push(spelling);
            }
        }
        found.sort_by_key(|spelling| spelling.range.start);
        found
    }

    /// The variable with that text, where an earlier step keeps one.
    pub(super) fn variable(&self, step: usize, text: &str) -> Option<&Capture> {
        let found = self.captures.get(*self.by_text.get(text)?)?;
        let made = found.came.as_ref().map(|(made, _)| *made);
        made.is_none_or(|made| made < step).then_some(found)
    }

    /// Whether a scenario has a variable for a text.
    pub(super) fn is_variable(&self, text: &str) -> bool {
        self.by_text.contains_key(text)
    }

    /// The variable with that very value, for what has that name: a number that is called
    /// otherwise than an id is equal to one by chance.
    pub(super) fn variable_of(&self, step: usize, name: &str, value: &Value) -> Option<&Capture> {
        let text = value.scalar_text()?;
        if text.bytes().all(|byte| byte.is_ascii_digit()) && !is_id(name) {
            return None;
        }
        let found = self.variable(step, &text)?;
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let made = found.came.as_ref().map(|(made, _)| *made);
        if is_number && made.is_some_and(|made| self.was_named(made, name, &text)) {
            return None;
        }
        (found.value == *value).then_some(found)
    }

    /// Whether the client shows it as a secret.
    pub(super) fn is_shown(&self, text: &str) -> bool {
        self.secrets.contains(text)
    }

    /// Whether it is a secret with which the client was only ever refused.
    pub(super) fn is_refused(&self, text: &str) -> bool {
        self.refused.contains(text)
    }

    /// What finds secrets within a text.
    pub(super) fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Whether the client has sent it by then: that step's own request is before its answer.
    pub(super) fn was_sent(&self, step: usize, text: &str) -> bool {
        self.sent.get(text).is_some_and(|first| *first <= step)
    }

    /// The same of what tells one of many, in a path or as what has that name.
    pub(super) fn was_named(&self, step: usize, name: &str, text: &str) -> bool {
        self.sent_ids.get(text).is_some_and(|names| {
            let mut names = names.iter().filter(|(_, first)| *first <= step);
            names.any(|(sent, _)| sent.is_empty() || is_same_name(sent, name))
        })
    }

    /// Whether what has that name is another one each time, since clients send it back.
    pub(super) fn is_returned(&self, name: &str) -> bool {
        self.returned.contains(name)
    }

    /// Whether it came with several answers, so that it is the same each time.
    pub(super) fn is_steady(&self, text: &str) -> bool {
        self.answers.get(text).is_some_and(|times| *times > 1) && !self.by_text.contains_key(text)
    }

    /// Whether a cookie is one that the answer to a login sets.
    pub(super) fn is_session(&self, name: &str) -> bool {
        self.sessions.contains(name)
    }

    /// Whether the client left out the cookies that it had for a request, although it sends some.
    pub(super) fn leaves_cookies_out(&self, step: usize) -> bool {
        self.sends_cookies && self.bare.contains(&step)
    }

    /// Whether an answer sets cookies.
    pub(super) fn sets_cookies(&self) -> bool {
        !self.cookies.is_empty()
    }

    /// Whether earlier answers have set all cookies of a header.
    pub(super) fn has_set(&self, step: usize, header: &str) -> bool {
        let set = |pair: &str| {
            let name = pair.split('=').next().unwrap_or_default().trim();
            self.cookies.get(name).is_some_and(|first| *first < step)
        };
        header.split(';').all(set)
    }
}

/// Whether both names are of the same thing: `StoreId` and `home_store_id`, but not `StoreId` and
/// `Id`.
fn is_same_name(one: &str, other: &str) -> bool {
    let [one, other] = [words(one), words(other)];
    let [short, long] = if one.len() <= other.len() { [one, other] } else { [other, one] };
    long == short || short.len() > 1 && long.ends_with(&short)
}

fn is_cookie(name: &str) -> bool {
    name.eq_ignore_ascii_case("cookie")
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit([':', '@']).next().unwrap_or_default()
}

pub(super) fn is_set_cookie(name: &str) -> bool {
    name.eq_ignore_ascii_case("set-cookie")
}

/// `id` of what stands at `/notes` is `note_id`; any other name stays.
fn name_of(name: &str, path: &str) -> String {
    let plain = snake(name);
    let path = path.split('?').next().unwrap_or_default();
    let thing = path
        .split('/')
        .rfind(|segment| !segment.is_empty() && !segment.bytes().any(|byte| byte.is_ascii_digit()));
    let thing =
        thing.map(|segment| singular(&snake(&percent_decode_str(segment).decode_utf8_lossy())));
    let name = match (plain.as_str(), thing) {
        ("id" | "uuid" | "key" | "", Some(thing)) if !thing.is_empty() => {
            format!("{thing}_{}", if plain.is_empty() { "id" } else { &plain })
        }
        ("", _) => "value".to_owned(),
        _ => plain,
    };
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => name,
        false => format!("value_{name}"),
    }
}
