//! What the vendor's document says, and which rules implement it.

use super::page::{Inline, Line, Page, id};
use super::{Docs, prose};
use crate::model::{Rule, RuleId, Statement};

/// So many rules are named for a statement.
const MOST: usize = 12;

impl Docs<'_> {
    /// The statements that a rule implements, as links, and where what it says is from.
    pub(super) fn backing(&self, rule: RuleId) -> Line {
        let Some(rule) = self.service.rules.get(rule.0 as usize) else { return Line::new() };
        let links = rule.statements.iter().filter_map(|at| self.service.statements.get(*at));
        let links = links.map(|one| Line::new().to(id("statement", &one.id), &*one.id));
        Line::joined(links, &Inline::Text(", ".into()))
    }

    /// The same in parentheses behind something.
    pub(super) fn backed(&self, rule: RuleId) -> Line {
        let backing = self.backing(rule);
        match backing.is_empty() {
            true => backing,
            false => Line::from(" (").line(backing).text(")"),
        }
    }

    /// All statements.
    pub(super) fn statements(&self, page: &mut Page) {
        if self.service.statements.is_empty() {
            return;
        }
        page.heading(2, "statements", "Statements");
        page.paragraph(Line::from(
            "What the vendor's document says, where that is known from, and the rules of the spec \
             that do it.",
        ));
        let rows = self.service.statements.iter().enumerate().map(|(at, statement)| {
            let (name, says) = (Line::new().strong(&*statement.id), prose::line(&statement.says));
            let rules: Vec<&Rule> =
                self.service.rules.iter().filter(|rule| rule.statements.contains(&at)).collect();
            let best = rules.iter().map(|rule| rule.evidence).min_by_key(|one| *one as u8);
            let evidence = best.map_or(Line::from("no rule does it"), |one| one.name().into());
            let cells = vec![name, says, evidence, from(statement), self.implementing(&rules)];
            (Some(id("statement", &statement.id)), cells)
        });
        let head = ["Id", "Says", "Evidence", "Source", "Rules"];
        page.table("Statements", &head, rows.collect());
    }

    /// Rules by their names, with links to the operations that they are of.
    fn implementing(&self, rules: &[&Rule]) -> Line {
        let lines = rules.iter().take(MOST).map(|rule| {
            let of = rule.name.split(['.', ' ', '[']).next().unwrap_or_default();
            match self.service.operations.iter().any(|operation| *operation.id == *of) {
                true => Line::new().to(id("operation", of), &*rule.name),
                false => Line::new().code(&*rule.name),
            }
        });
        let more = rules.len().saturating_sub(MOST);
        let more = if more > 0 { format!("and {more} more") } else { String::new() };
        Line::stacked(lines.chain([Line::from(&*more)]))
    }
}

fn from(statement: &Statement) -> Line {
    let source = statement.source.as_ref().map(|source| prose::line(source));
    let decision = statement.decision.as_ref();
    let decision = decision.map(|text| Line::from("Decision: ").line(prose::line(text)));
    Line::stacked(source.into_iter().chain(decision))
}
