//! The pattern of `$regex`.

use crate::model::{Text, TextPart};
use crate::run::evaluate::EvaluationError;
use crate::run::scope::Scope;
use crate::value::Value;

/// A pattern: an expression that stands alone gives it; beside other text a value stands for
/// itself, whatever characters it has.
pub(super) fn pattern_of(text: &Text, scope: &Scope<'_>) -> Result<String, EvaluationError> {
    if let [_] = &*text.parts {
        return scope.whole_text(text).map(|pattern| pattern.to_string());
    }
    let mut pattern = String::new();
    for part in &text.parts {
        match part {
            TextPart::Literal(literal) => pattern.push_str(literal),
            TextPart::Expression(expression) => match scope.value(expression)? {
                None => return Err(EvaluationError::absent(expression)),
                Some(Value::Null) => {}
                Some(value) => pattern.push_str(&regex_lite::escape(&value.to_string())),
            },
        }
    }
    Ok(pattern)
}
