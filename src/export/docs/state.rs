//! What the API remembers, sends and does later.

use super::page::{Line, Page, id};
use super::{Docs, fields, shown, to_operation};
use crate::model::{Generator, Operation, Schema, Step, Tree, Verb};

impl Docs<'_> {
    /// All steps with the operations that they are of; shared ones once for each.
    fn steps(&self) -> impl Iterator<Item = (&Operation, &Step)> {
        let operations = self.service.operations.iter();
        operations.flat_map(|operation| {
            operation.steps.all().into_iter().map(move |step| (operation, step))
        })
    }

    /// What operations send: mails, and requests to whoever asked for them.
    pub(super) fn messages(&self, page: &mut Page) {
        let rows = self.steps().filter_map(|(operation, step)| {
            let Verb::Send(send) = &step.verb else { return None };
            let request = send.request.as_ref().map_or_else(Line::new, |request| {
                let headers = request.headers.iter().map(|(name, _)| &**name);
                let line = Line::new().code(&*request.method);
                let line = match request.headers.is_empty() {
                    true => line,
                    false => line.text(" with ").codes(headers),
                };
                match request.retry.is_empty() {
                    true => line,
                    false => {
                        let after = request.retry.iter().map(|one| &**one);
                        line.text(", again after ").codes(after)
                    }
                }
            });
            let links = send.links.iter().filter_map(|link| {
                let operation = self.service.operations.get(link.operation.0)?;
                Some(Line::new().code(&*link.name).text(": ").line(to_operation(operation)))
            });
            let name = shown::text(&send.channel).text(" ").line(shown::text(&send.name));
            let cells = vec![
                name,
                to_operation(operation).line(when(step)).line(self.backed(step.rule)),
                shown::text(&send.to),
                request,
                shown::tree(&send.data),
                Line::stacked(links),
            ];
            Some((None, cells))
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            page.heading(2, "messages", "Messages and webhooks");
        }
        let head = ["Message", "Sent by", "To", "Request", "Carries", "Links"];
        page.table("Messages and webhooks", &head, rows);
    }

    /// What operations have done later.
    pub(super) fn schedules(&self, page: &mut Page) {
        let rows = self.steps().filter_map(|(operation, step)| {
            let Verb::Schedule(schedule) = &step.verb else { return None };
            let later = self.service.operations.get(schedule.operation.0)?;
            let parameters = schedule.parameters.iter().map(|(name, tree): &(_, Tree)| {
                Line::new().code(&**name).text(" = ").line(shown::tree(tree))
            });
            let cells = vec![
                to_operation(operation).line(when(step)).line(self.backed(step.rule)),
                shown::text(&schedule.after),
                to_operation(later),
                Line::stacked(parameters),
            ];
            Some((None, cells))
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            page.heading(2, "schedules", "Schedules");
        }
        page.table("Schedules", &["Operation", "After", "Runs", "With"], rows);
    }

    /// Collections and settings.
    pub(super) fn state(&self, page: &mut Page) {
        if self.service.collections.is_empty() && self.service.settings.is_empty() {
            return;
        }
        page.heading(2, "state", "State");
        for collection in &self.service.collections {
            page.heading(3, id("collection", &collection.name), &*collection.name);
            let mut line = Line::from("Rows are known by ").code(&*collection.key).text(".");
            for unique in &collection.unique {
                line = line.text(" No two have the same ");
                line = line.codes(unique.fields.iter().map(|field| &**field));
                if let Some(error) = unique.error {
                    line = line.text(": ").line(self.error(error));
                }
                line = line.line(self.backed(unique.rule)).text(".");
            }
            page.paragraph(line.line(self.backed(collection.rule)));
            let rows = fields::fields("", false, &collection.schema).into_iter().map(|field| {
                let know = [self.answered_rules(field.schema), generated(field.schema)];
                let cells = vec![
                    Line::new().code(&*field.path),
                    Line::from(&*fields::kind(field.schema)),
                    Line::from(if field.required { "yes" } else { "" }),
                    Line::stacked(know),
                ];
                (None, cells)
            });
            let head = ["Field", "Type", "Always there", "What there is to know"];
            page.table(format!("Fields of {}", collection.name), &head, rows.collect());
        }
        let rows = self.service.settings.iter().map(|setting| {
            let default = setting.schema.default.as_ref().map(shown::value);
            let cells = vec![
                Line::new().code(&*setting.name),
                Line::from(&*fields::kind(&setting.schema)),
                default.map_or_else(Line::new, |value| Line::new().code(value)),
                self.answered_rules(&setting.schema),
            ];
            (None, cells)
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            page.heading(3, "settings", "Settings of an account");
        }
        let head = ["Setting", "Type", "Default", "What there is to know"];
        page.table("Settings of an account", &head, rows);
    }
}

fn when(step: &Step) -> Line {
    step.when
        .as_ref()
        .map_or_else(Line::new, |when| Line::from(" when ").line(shown::expression(when)))
}

fn generated(schema: &Schema) -> Line {
    let Some(generate) = &schema.generate else { return Line::new() };
    let what = match &generate.with {
        Generator::Sequence { .. } => "the next number",
        Generator::Random { .. } => "random",
        Generator::Uuid => "a UUID",
        Generator::RowVersion => "another with each write",
        Generator::Now { .. } => "the time",
        Generator::Tree(tree) => return Line::from("worked out: ").line(shown::tree(tree)),
    };
    Line::from("filled in: ").text(what)
}
