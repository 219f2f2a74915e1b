//! What is constant is worked out when an expression is read, and has to fit.

use std::borrow::Cow;

use super::cost::{Budget, Fault};
use super::evaluate::Evaluation;
use super::filters::{Call, Filter, Prepared};
use super::operators::Held;
use super::tree::{Arguments, Kind, Node};
use super::{ExpressionError, NoVariables};
use crate::value::Value;

/// Works out what is constant in a tree. Fails with the first part that does not fit.
pub(super) fn fold(node: &mut Node) -> Result<(), ExpressionError> {
    node.each_part_mut(&mut fold)?;
    match &mut node.kind {
        Kind::Constant(_) | Kind::Variable(_) | Kind::Local(_) => return Ok(()),
        Kind::Filter { filter, arguments, prepared, .. }
        | Kind::Each { filter, arguments, prepared, .. } => {
            *prepared = prepare(filter, arguments).map_err(|fault| mistake(fault, &node.range))?;
        }
        _ => {}
    }
    let mut constant = true;
    node.each_part(&mut |part| constant &= part.constant().is_some());
    if !constant {
        as_default(node);
        return Ok(());
    }
    let value = match Evaluation::strict(&NoVariables).value(node) {
        Ok(value) => value.map(Cow::into_owned),
        Err(fault) => return Err(mistake(fault, &node.range)),
    };
    *node = Node::new(Kind::Constant(value), node.range.clone());
    Ok(())
}

/// What is asked most often is asked without a list of arguments.
fn as_default(node: &mut Node) {
    let Kind::Filter { filter, of, arguments, .. } = &mut node.kind else { return };
    if let ("default", [otherwise, None]) = (filter.name, &mut **arguments) {
        let nothing = || Node::new(Kind::Constant(None), node.range.clone());
        let of = std::mem::replace(&mut **of, nothing());
        node.kind = Kind::Default(Box::new(of), otherwise.take().map(Box::new));
    }
}

fn mistake(fault: Fault, whole: &std::ops::Range<usize>) -> ExpressionError {
    match fault {
        Fault::Misfit { message, range } => {
            let range = range.or(Some(whole.clone()));
            ExpressionError { is_read: true, message: message.into_owned(), range }
        }
        Fault::Cost => ExpressionError {
            is_read: true,
            ..ExpressionError::at(super::TOO_COSTLY, whole.clone())
        },
    }
}

/// Tries constant arguments on a value that fits, and works out what follows from them alone.
fn prepare(filter: &Filter, arguments: &Arguments) -> Result<Option<Prepared>, Fault> {
    let mut all: Vec<Option<Held<'_>>> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument.as_ref().map(Node::constant) {
            None => all.push(None),
            Some(Some(value)) => all.push(Some(value.as_ref().map(Cow::Borrowed))),
            Some(None) => return Ok(None),
        }
    }
    let Some(sample) = filter.sample else { return Ok(None) };
    let sample = sample.parse().map_or_else(|_| Value::from(sample), Value::Integer);
    let mut budget = Budget::default();
    let mut call = Call {
        value: Some(&sample),
        arguments: &all,
        worked_out: 0,
        prepared: None,
        budget: &mut budget,
    };
    let prepared = filter.prepare.map(|prepare| prepare(&mut call)).transpose()?;
    (filter.apply)(&mut call)?;
    Ok(prepared)
}
