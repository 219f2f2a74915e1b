//! How the messages of services are written: which of them .NET's way of wrapping is, and in which
//! namespaces their elements stand.

use std::collections::HashMap;

use super::super::api::{Answer, Api, Content};
use super::super::schema::Schema;
use super::documents::Name;
use crate::value::{Map, Value};

/// What an operation answers.
pub(in crate::import) struct Answered {
    pub(in crate::import) operation: String,
    /// The service by which it was first found.
    pub(in crate::import) service: String,
    pub(in crate::import) form: Form,
}

/// What stands in the body of an answer.
pub(in crate::import) enum Form {
    /// There is no answer.
    None,
    /// Nothing.
    Empty,
    /// That element.
    Element(Name, Box<Schema>),
}

/// Gives operations their answers, and services what all their messages have in common.
pub(in crate::import) fn settle(api: &mut Api, answers: Vec<Answered>) {
    let within: HashMap<String, (String, bool)> = api
        .soap
        .iter()
        .map(|it| (it.name.clone(), (it.namespace.clone(), it.unqualified)))
        .collect();
    let uniform = uniform(api, &answers, &within);
    for service in &mut api.soap {
        service.mixed = service.several || uniform.is_none();
    }
    for (_, schema) in &mut api.schemas {
        settle_namespaces(schema, uniform.as_deref());
    }
    for operation in &mut api.operations {
        let first = operation.soap.first().and_then(|bound| within.get(&bound.service));
        let own = first.map(|(space, unqualified)| if *unqualified { "" } else { space });
        for parameter in &mut operation.parameters {
            let schema = &mut parameter.schema;
            let plain = parameter.name.starts_with(['@', '#']);
            if plain || schema.namespace.as_deref() == own {
                schema.namespace = None;
            }
            settle_namespaces(schema, uniform.as_deref());
        }
    }
    let is_wrapped = |answered: &Answered| {
        let space = within.get(&answered.service).map(|(space, _)| space);
        match &answered.form {
            Form::Element(name, schema) => {
                let result = format!("{}Result", answered.operation);
                Some(&name.0) == space
                    && name.1 == format!("{}Response", answered.operation)
                    && !schema.nullable
                    && matches!(schema.properties.as_slice(), [(one, _)] if *one == result)
            }
            Form::Empty => false,
            Form::None => true,
        }
    };
    // What is shared between services is written in one way.
    let bare = uniform.is_none() || !answers.iter().all(is_wrapped);
    for service in &mut api.soap {
        service.bare = bare;
        let actions: Vec<&String> = api
            .operations
            .iter()
            .flat_map(|operation| &operation.soap)
            .filter(|bound| bound.service == service.name)
            .map(|bound| &bound.action)
            .collect();
        let is_told = |action: &&String| {
            !action.is_empty() && actions.iter().filter(|other| **other == *action).count() == 1
        };
        service.by_element = !actions.iter().all(is_told);
    }
    for answered in answers {
        let found = api.operations.iter_mut().find(|it| it.id == answered.operation);
        let Some(operation) = found else { continue };
        let schema = match answered.form {
            Form::None => {
                let answer = Answer { status: Some(202), ..Answer::default() };
                operation.answers.push(answer);
                continue;
            }
            Form::Empty => {
                let content = Content {
                    media_type: "application/json".to_owned(),
                    schema: None,
                    example: Some(Value::map(Map::new())),
                };
                let content = vec![content];
                operation.answers.push(Answer { status: Some(200), content, ..Answer::default() });
                continue;
            }
            Form::Element(_, mut schema) if !bare => schema.properties.pop().map(|(_, it)| it),
            Form::Element((namespace, name), mut schema) => {
                let inner = match within.get(&answered.service) {
                    Some((_, true)) => String::new(),
                    _ => namespace.clone(),
                };
                if schema.refers.is_none() && schema.elements.as_ref() == Some(&inner) {
                    schema.elements = None;
                }
                schema.xml = Some((name, (!namespace.is_empty()).then_some(namespace)));
                Some(*schema)
            }
        };
        let schema = schema.map(|mut schema| {
            settle_namespaces(&mut schema, uniform.as_deref());
            // An element that may hold anything is there.
            if schema.types.is_empty() && schema.refers.is_none() && schema.example.is_none() {
                schema.example = Some(Value::text(""));
            }
            schema
        });
        let content = schema.map(|schema| Content {
            media_type: "application/json".to_owned(),
            schema: Some(schema),
            example: None,
        });
        let content = content.into_iter().collect();
        operation.answers.push(Answer { status: Some(200), content, ..Answer::default() });
    }
}

/// The namespace in which all elements stand, where there is one.
fn uniform(
    api: &Api,
    answers: &[Answered],
    within: &HashMap<String, (String, bool)>,
) -> Option<String> {
    let mut spaces = within.values().map(|(space, unqualified)| match unqualified {
        true => String::new(),
        false => space.clone(),
    });
    let space = spaces.next()?;
    let one = |schema: &Schema| is_within(schema, &space);
    let of_answers = answers.iter().filter_map(|answered| match &answered.form {
        Form::Element(name, schema) => {
            let service = within.get(&answered.service)?;
            Some(name.0 == service.0 && one(schema))
        }
        Form::None | Form::Empty => None,
    });
    let parameters = api.operations.iter().flat_map(|operation| &operation.parameters);
    let parameters = parameters.filter(|it| !it.name.starts_with(['@', '#']));
    let same = spaces.all(|other| other == space)
        && api.schemas.iter().all(|(_, schema)| one(schema))
        && parameters.map(|it| &it.schema).all(one)
        && of_answers.into_iter().all(|is| is);
    same.then_some(space)
}

/// Whether elements stand in no other namespace.
fn is_within(schema: &Schema, space: &str) -> bool {
    schema.namespace.as_deref().is_none_or(|own| own == space)
        && schema.elements.as_deref().is_none_or(|elements| elements == space)
        && schema.children().all(|child| is_within(child, space))
}

/// Says nothing of namespaces where there is one.
fn settle_namespaces(schema: &mut Schema, uniform: Option<&str>) {
    if uniform.is_some() {
        schema.namespace = None;
        schema.elements = None;
    }
    for child in schema.children_mut() {
        settle_namespaces(child, uniform);
    }
}
