//! `responses`.

use super::Reader;
use super::documents::At;
use crate::import::api::{Answer, Content};
use crate::syntax::Node;
use crate::value::Value;

impl<'d> Reader<'d> {
    /// The documented answers, by status; `default` last.
    pub(super) fn answers(&mut self, list: At<'d>, operation: At<'d>, root: At<'d>) -> Vec<Answer> {
        let mut answers: Vec<Answer> = Vec::new();
        for (key, span, at) in list.members() {
            let status = match key {
                "default" => None,
                "1XX" | "2XX" | "3XX" | "4XX" | "5XX" | "1xx" | "2xx" | "3xx" | "4xx" | "5xx" => {
                    let digit = key.bytes().next().map_or(0, |byte| u16::from(byte - b'0'));
                    self.notes.leave("classes of statuses: only the first of each", Some(span));
                    Some(digit * 100)
                }
                _ => match key.parse::<u16>() {
                    Ok(status) if (100..600).contains(&status) => Some(status),
                    _ => {
                        self.notes.leave(format!("`{key}`, which is not a status"), Some(span));
                        continue;
                    }
                },
            };
            if status.is_some_and(|status| status < 200) {
                self.notes.leave("answers before the answer (1xx)", Some(span));
                continue;
            }
            let Some((at, name)) = self.resolve_named(at) else { continue };
            let mut answer = self.answer(at, operation, root);
            answer.status = status;
            answer.name = name;
            answers.push(answer);
        }
        answers.sort_by_key(|answer| answer.status.unwrap_or(u16::MAX));
        answers.dedup_by_key(|answer| answer.status);
        answers
    }

    fn answer(&mut self, at: At<'d>, operation: At<'d>, root: At<'d>) -> Answer {
        let description = at.text("description").map(str::trim).filter(|text| !text.is_empty());
        let mut answer =
            Answer { description: description.map(str::to_owned), ..Answer::default() };
        if self.old {
            self.old_content(at, operation, root, &mut answer);
        } else {
            for (key, _, entry) in at.get("content").into_iter().flat_map(At::members) {
                let Some(media_type) = self.media_type(key, entry) else { continue };
                let schema = entry.get("schema").map(|schema| self.schema(schema));
                let example = entry.get("example").map(|at| at.node.to_value());
                let example = example.or_else(|| self.first_example(entry));
                if answer.content.iter().all(|content| content.media_type != media_type) {
                    answer.content.push(Content { media_type, schema, example });
                }
            }
        }
        for (name, _, header) in at.get("headers").into_iter().flat_map(At::members) {
            let Some(header) = self.resolve(header) else { continue };
            let example =
                header.node.get("example").or_else(|| header.node.get("schema")?.get("example"));
            let example = example.map(|node| match node.to_value() {
                Value::Text(text) => text.to_string(),
                other => other.to_string(),
            });
            answer.headers.push((name.to_owned(), example));
        }
        if at.get("links").is_some() {
            self.notes.leave("`links` of responses", Some(&at.node.span));
        }
        answer
    }

    /// `schema` and `examples` of Swagger 2.0.
    fn old_content(&mut self, at: At<'d>, operation: At<'d>, root: At<'d>, answer: &mut Answer) {
        let Some(schema) = at.get("schema") else { return };
        if schema.text("type") == Some("file") {
            let media_type = "application/octet-stream".to_owned();
            answer.content.push(Content { media_type, schema: None, example: None });
            return;
        }
        let schema = self.schema(schema);
        let examples = at.node.get("examples");
        for media_type in self.old_media_types("produces", operation, root) {
            let example = examples.and_then(|node| node.get(&media_type)).map(Node::to_value);
            answer.content.push(Content { media_type, schema: Some(schema.clone()), example });
        }
    }
}
