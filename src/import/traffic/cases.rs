//! What tells the requests apart that an operation refused from those that it took, and what comes
//! back in its answers as it was sent.

use std::sync::Arc;

use super::identity::is_id;
use super::secrets::is_secret;
use crate::import::api::{Answer, Case, Echo};
use crate::import::names::words;
use crate::value::Value;

/// So many requests that are refused are drafted of one operation.
const MOST_CASES: usize = 20;
/// So many values tell a request apart.
const MOST_PARTS: usize = 4;
/// Longer texts say nothing.
const LONGEST: usize = 100;

/// A value of a request.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) name: String,
    /// What gives it.
    pub(super) expression: String,
    pub(super) value: Value,
    /// What a scenario sends in its place; none where that is another one each time.
    pub(super) sent: Option<Value>,
    pub(super) in_path: bool,
    /// Whether each request has it.
    pub(super) required: bool,
}

/// A request to an operation, with what it was refused with.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) inputs: Vec<Input>,
    pub(super) refused: Option<Answer>,
}

/// What an operation refuses: with a condition each, or whatever it is asked.
pub(super) fn refusals(asked: &[Asked]) -> (Option<Answer>, Vec<Case>) {
    let mut taken: Vec<&Asked> = asked.iter().filter(|one| one.refused.is_none()).collect();
    let mut usual = None;
    if taken.is_empty() {
        usual = asked.first().and_then(|one| one.refused.clone());
        let is_usual = |one: &&Asked| one.refused.as_ref().zip(usual.as_ref()).is_some_and(same);
        taken = asked.iter().filter(is_usual).collect();
    }
    let mut cases: Vec<Case> = Vec::new();
    for one in asked {
        let Some(answer) = &one.refused else { continue };
        if usual.as_ref().is_some_and(|usual| same((usual, answer))) || cases.len() >= MOST_CASES {
            continue;
        }
        if let Some(condition) = condition(&one.inputs, &taken)
            && cases.iter().all(|known| known.condition != condition)
        {
            cases.push(Case { condition, answer: answer.clone() });
        }
    }
    (usual, cases)
}

/// Whether two answers say the same.
fn same((one, other): (&Answer, &Answer)) -> bool {
    let said = |answer: &Answer| {
        let fault = answer.fault.as_ref().map(|fault| (fault.sender, fault.reason.clone()));
        (answer.status, fault, answer.chosen().and_then(|content| content.example.clone()))
    };
    said(one) == said(other)
}

/// What is true of a request, and of none that was taken.
fn condition(inputs: &[Input], taken: &[&Asked]) -> Option<String> {
    let mut parts = Vec::new();
    for input in inputs {
        let is_same =
            |other: &Input| other.expression == input.expression && other.value == input.value;
        if taken.iter().any(|one| one.inputs.iter().any(is_same)) {
            continue;
        }
        if let Some(literal) = input.sent.as_ref().and_then(literal) {
            parts.push(format!("{} == {literal}", input.expression));
        }
    }
    let first = taken.first()?;
    for other in first.inputs.iter().filter(|other| !other.required && !other.in_path) {
        let has = |inputs: &[Input]| inputs.iter().any(|it| it.expression == other.expression);
        if !has(inputs) && taken.iter().all(|one| has(&one.inputs)) {
            parts.push(format!("{} is undefined", other.expression));
        }
    }
    (1..=MOST_PARTS).contains(&parts.len()).then(|| parts.join(" and "))
}

/// A value as an expression.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Integer(_) | Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Text(text) => {
            let plain = |c: char| !c.is_control() && !matches!(c, '\\' | '\'' | '}');
            (text.len() <= LONGEST && text.chars().all(plain)).then(|| format!("'{text}'"))
        }
        _ => None,
    }
}

/// The members of an answer that a request had sent under the same name.
pub(super) fn echoes(inputs: &[Input], answer: &Value) -> Vec<Echo> {
    let mut echoes = Vec::new();
    find(inputs, answer, &mut Vec::new(), &mut echoes);
    echoes
}

fn find(inputs: &[Input], value: &Value, path: &mut Vec<String>, echoes: &mut Vec<Echo>) {
    let Value::Map(map) = value else { return };
    for (name, value) in map.iter().filter(|(name, _)| !is_secret(name) && !name.starts_with('@')) {
        path.push(name.to_string());
        match inputs.iter().find_map(|input| echoed(input, name, value)) {
            Some(expression) => echoes.push(Echo { path: path.clone(), expression }),
            None => find(inputs, value, path, echoes),
        }
        path.pop();
    }
}

/// What gives a member of an answer, where an input does.
fn echoed(input: &Input, name: &Arc<str>, value: &Value) -> Option<String> {
    let named = words(&input.name) == words(name) || input.in_path && is_id(name);
    let text = value.scalar_text();
    let spelt = text.as_ref().filter(|text| !text.is_empty());
    let is_it =
        *value == input.value || spelt.is_some() && spelt == input.value.scalar_text().as_ref();
    let is_nothing = matches!(value, Value::Null) || text.is_some() && spelt.is_none();
    if !named || !is_it || is_nothing {
        return None;
    }
    let expression = match (value, &input.value) {
        (Value::Text(_), Value::Integer(_) | Value::Number(_)) => {
            format!("{} | string", input.expression)
        }
        (Value::Integer(_), Value::Text(_)) => format!("{} | int", input.expression),
        _ => input.expression.clone(),
    };
    match input.required || input.in_path {
        true => Some(expression),
        false => literal(value).map(|usual| format!("{expression} | default({usual})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, value: Value) -> Input {
        Input {
            name: name.to_owned(),
            expression: format!("body.{name}"),
            sent: Some(value.clone()),
            value,
            in_path: false,
            required: false,
        }
    }

    fn refused(status: u16, inputs: Vec<Input>) -> Asked {
        let refused = Some(Answer { status: Some(status), ..Answer::default() });
        Asked { inputs, refused }
    }

    fn conditions(asked: &[Asked]) -> Vec<String> {
        refusals(asked).1.into_iter().map(|case| case.condition).collect()
    }

    #[test]
    fn what_was_refused_is_told_by_what_differs() {
        let text = |text: &str| Value::text(text);
        let user = || input("user", text("ann"));
        let taken = Asked { inputs: vec![user(), input("age", Value::Integer(3))], refused: None };
        let other = refused(400, vec![user(), input("age", Value::Integer(-1))]);
        let without = refused(422, vec![user()]);
        // It was taken before: nothing in it tells why it is not any more.
        let again = refused(409, vec![user(), input("age", Value::Integer(3))]);
        let found = conditions(&[taken, other, without, again]);
        assert_eq!(found, ["body.age == -1", "body.age is undefined"]);
    }

    #[test]
    fn what_was_only_refused_is_so_whatever_is_sent() {
        let one = refused(404, vec![input("name", Value::text("a"))]);
        let two = refused(400, vec![input("name", Value::text(""))]);
        let (usual, cases) = refusals(&[one, two]);
        assert_eq!(usual.and_then(|answer| answer.status), Some(404));
        assert_eq!(cases.first().map(|case| &*case.condition), Some("body.name == ''"));
    }

    #[test]
    fn what_was_sent_comes_back() {
        let inputs = [input("title", Value::text("Pan")), input("count", Value::text("2"))];
        let inner = Value::map(
            [("Title", "Pan"), ("count", "2"), ("name", "Pan")]
                .into_iter()
                .map(|(name, text)| (Arc::from(name), Value::text(text)))
                .collect(),
        );
        let answer = Value::map([(Arc::from("book"), inner)].into_iter().collect());
        let found = echoes(&inputs, &answer);
        let found: Vec<_> = found.iter().map(|it| (it.path.join("."), &*it.expression)).collect();
        assert_eq!(
            found,
            [
                ("book.Title".to_owned(), "body.title | default('Pan')"),
                ("book.count".to_owned(), "body.count | default('2')"),
            ]
        );
    }
}
