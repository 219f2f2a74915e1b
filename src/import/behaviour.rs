//! What operations do: as paths and schemas make it plain, else what the document shows.

use super::api::{Answer, Api, Echo, Operation, Wire, wire_of};
use super::errors::Errors;
use super::notes::Notes;
use super::sample::sample;
use super::tree::{tree, whole};
use crate::value::Value;
use crate::write::Piece;

/// The answer of an operation when all goes well.
pub(super) fn good(operation: &Operation) -> Option<&Answer> {
    let of = |low: u16, high: u16| {
        let fits = move |answer: &&Answer| answer.status.is_some_and(|s| (low..high).contains(&s));
        operation.answers.iter().find(fits)
    };
    of(200, 300)
        .or_else(|| of(300, 400))
        .or_else(|| operation.answers.iter().find(|answer| answer.status.is_none()))
}

/// The status of that answer.
pub(super) fn good_status(operation: &Operation) -> u16 {
    good(operation).and_then(|answer| answer.status).unwrap_or(200)
}

/// Whether an answer with that status has content.
pub(super) fn has_content(status: u16) -> bool {
    !matches!(status, 204 | 205 | 304)
}

/// The steps that refuse requests as they were seen to be. What a collection refuses itself is left
/// to it.
pub(super) fn refusals(
    api: &Api,
    operation: &Operation,
    collected: bool,
    errors: &mut Errors,
) -> Vec<Piece> {
    let own = |status: Option<u16>| collected && matches!(status, Some(404 | 409));
    let cases = operation.cases.iter().filter(|case| !own(case.answer.status));
    let step = |case: &super::api::Case| {
        let error = errors.answered(api, &case.answer)?;
        Some(Piece::map().with("reject", error).with("when", format!("${{ {} }}", case.condition)))
    };
    cases.filter_map(step).collect()
}

/// Puts what was sent in the place of what it was when the answer was seen.
fn echo(body: &mut Piece, Echo { path, expression }: &Echo) {
    let Some((last, outer)) = path.split_last() else { return };
    // What stands around an answer of SOAP may be left out.
    let is_there = |path: &[String]| {
        path.iter()
            .try_fold(&*body, |piece, name| piece.get(name))
            .is_some_and(|it| it.get(last).is_some())
    };
    let outer = if is_there(outer) { outer } else { outer.get(1..).unwrap_or_default() };
    if !is_there(outer) {
        return;
    }
    let around = outer.iter().try_fold(body, |piece, name| piece.get_mut(name));
    let Some(around) = around else { return };
    around.set(last, whole(expression));
}

/// The step that answers what the document shows, or a sample of what it describes; or refuses
/// where that is all that was seen.
pub(super) fn canned(
    api: &Api,
    operation: &Operation,
    errors: &mut Errors,
    notes: &mut Notes,
) -> Piece {
    if let Some(error) = operation.refuses.as_ref().and_then(|it| errors.answered(api, it)) {
        return Piece::map().with("reject", error);
    }
    let status = good_status(operation);
    let mut respond = Piece::map().with("status", status);
    let answer = good(operation);
    let mut documented = false;
    if let Some(headers) = answer.map(|answer| headers(answer, status)).filter(|h| !h.is_empty()) {
        respond.set("headers", headers);
    }
    let mut cookies = Piece::map();
    for (name, value) in answer.iter().flat_map(|answer| &answer.cookies) {
        cookies.set(name, Piece::map().with("value", value).with("path", "/"));
    }
    if !cookies.is_empty() {
        respond.set("cookies", cookies);
    }
    if operation.answers.iter().all(|answer| answer.status != Some(status)) {
        let text = "operations without a documented answer that is good: they answer 200";
        notes.assume(text, operation.place.as_ref());
    }
    if let Some(content) = answer.and_then(Answer::chosen).filter(|_| has_content(status)) {
        let shown = content.example.clone();
        documented = shown.is_some();
        let value = shown.or_else(|| {
            let schema = content.schema.as_ref()?;
            documented = api.resolved(schema).example.is_some();
            Some(sample(api, schema, ""))
        });
        let wire = wire_of(&content.media_type);
        match (wire, value) {
            (Wire::Other, value) => {
                let text = value.as_ref().and_then(Value::as_str).unwrap_or_default();
                respond.set("text", text.replace("${", "$${"));
                respond.set("mediaType", &content.media_type);
                if text.is_empty() {
                    let text = format!("answers in `{}`: they are empty", content.media_type);
                    notes.leave(text, operation.place.as_ref());
                }
            }
            (_, None) => {}
            (_, Some(value)) => {
                let mut body = tree(&value);
                operation.echoes.iter().for_each(|one| echo(&mut body, one));
                respond.set("body", body);
            }
        }
    }
    let step = Piece::map().with("respond", respond);
    if documented { step } else { step.with("evidence", "assumed") }
}

/// The headers of an answer of which something is known.
fn headers(answer: &Answer, status: u16) -> Piece {
    let mut headers = Piece::map();
    for (name, example) in &answer.headers {
        let own = [
            "content-type",
            "content-length",
            "transfer-encoding",
            "connection",
            "content-encoding",
            "date",
        ];
        let plain = |text: &String| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if let Some(example) = example.as_ref().filter(|text| plain(text))
            && !own.contains(&name.to_ascii_lowercase().as_str())
        {
            headers.set(name, example.replace("${", "$${"));
        }
    }
    if (300..400).contains(&status) && status != 304 && headers.get("Location").is_none() {
        headers.set("Location", "${request.base}/");
    }
    headers
}
