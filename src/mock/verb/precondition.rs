//! `precondition`: the conditions of a request, and what comes of them in its answer.

use http::{Method, StatusCode};
use jiff::Timestamp;

use crate::clock::parse_timestamp;
use crate::exchange::Answer;
use crate::mock::refusal::Halt;
use crate::mock::run::{Condition, Run};
use crate::mock::validators::{self, EntityTag, Part, Validators, Verdict};
use crate::model::RuleId;
use crate::model::verb::Precondition;

use crate::plan::step::Rejection;
use crate::plan::value::{Compiled, EvaluationError, Tree};
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Does the step. A request that came by no HTTP, such as what is scheduled, has no conditions.
    pub(in crate::mock) fn precondition(
        &mut self,
        precondition: &'p Precondition<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let etag = self.validator(precondition.etag.as_ref())?;
        let etag = etag.map(|etag| EntityTag::given(&etag, precondition.weak));
        let modified = self.validator(precondition.last_modified.as_ref())?;
        let modified = modified.and_then(|time| parse_timestamp(&time));
        let last_modified = modified.and_then(|time| Timestamp::new(time.as_second(), 0).ok());
        let Some(request) = self.request.clone() else { return Ok(()) };
        let reads = matches!(request.method, Method::GET | Method::HEAD);
        // Who reads has what would be sent now, who writes has read in whatever coding.
        let codings = self.operation.map_or(&[][..], |operation| &operation.content_codings);
        let mut known = Vec::new();
        known.extend(etag.as_ref().map(|etag| match self.coding.filter(|_| reads) {
            Some(coding) => etag.in_coding(coding),
            None => etag.clone(),
        }));
        if !reads {
            let coded = |etag: &EntityTag| codings.iter().map(|one| etag.in_coding(*one)).collect();
            known.extend(etag.as_ref().map_or_else(Vec::new, coded));
        }
        let Precondition { takes_bare, gives_bare, matches_weakly, .. } = *precondition;
        let validators =
            Validators { etag, known, last_modified, matches_weakly, takes_bare, gives_bare };
        if let Some(required) = &precondition.required
            && !reads
            && !validators::has_conditions(&request.headers)
        {
            return Err(self.rejection(required, rule)?.into());
        }
        let verdict = validators.judge(&request.method, &request.headers);
        if let Verdict::Failed(header) = verdict {
            let mut refusal = self.rejection(&precondition.or_else, rule)?;
            if refusal.violation.field.is_empty() {
                refusal.violation.field = header.into();
                refusal.violation.path = header.into();
            }
            return Err(refusal.said(format!("the condition of {header} does not hold")).into());
        }
        if reads {
            let not_modified = verdict == Verdict::NotModified;
            // Section 14.2 has them for `GET` alone.
            let has_parts = request.method == Method::GET || precondition.head_ranges;
            let (ranges, kept) = (precondition.ranges.as_ref(), &*precondition.kept);
            let described = Vec::new();
            let condition =
                Condition { validators, not_modified, ranges, has_parts, described, kept, rule };
            self.condition = Some(condition);
        }
        Ok(())
    }

    fn validator(&mut self, tree: Option<&'p Tree>) -> Result<Option<String>, EvaluationError> {
        let Some(tree) = tree else { return Ok(None) };
        let value = tree.value(&mut self.scope)?.filter(|value| !value.is_empty());
        Ok(value.and_then(|value| value.scalar_text()).map(|text| text.to_string()))
    }

    /// Makes an answer to a request that reads what its conditions leave of it. Refuses a range in
    /// which there is nothing.
    pub(in crate::mock) fn conditioned(&mut self, mut answer: Answer) -> Result<Answer, Halt<'p>> {
        let Some(condition) = self.condition.take() else { return Ok(answer) };
        if !answer.status.is_success() {
            return Ok(answer);
        }
        let Condition { validators, not_modified, ranges, has_parts, described, kept, rule } =
            condition;
        validators.put(&mut answer.headers);
        if not_modified {
            validators::not_modified(&mut answer, &described, kept);
            self.trace.note("the client has it already, as its condition says");
            self.rule = Some(rule).filter(|rule| self.plan.is_backed(*rule)).or(self.rule);
            return Ok(answer);
        }
        if answer.status != StatusCode::OK {
            return Ok(answer);
        }
        if let (Some(nothing), Some(request)) = (ranges, self.request.clone()) {
            validators::accept_ranges(&mut answer);
            if self.coding.is_some() || !has_parts {
                // What is coded is sent as a whole.
                return Ok(answer);
            }
            match validators.part(&request.headers, answer.body.len()) {
                Part::Whole => {}
                Part::Bytes(first, last) => validators::partial(&mut answer, first, last),
                Part::Nothing => return Err(self.beyond(nothing, rule, answer.body.len())?),
            }
        }
        Ok(answer)
    }

    fn beyond(
        &mut self,
        nothing: &'p Rejection,
        rule: RuleId,
        length: usize,
    ) -> Result<Halt<'p>, Halt<'p>> {
        let mut refusal = self.rejection(nothing, rule)?;
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        refusal.violation.limit = Some(Value::Integer(length));
        Ok(refusal.said(format!("there is nothing in that range of {length} bytes")).into())
    }
}
