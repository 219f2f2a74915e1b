//! What earlier steps captured, and putting it into later ones.

use std::collections::HashMap;

use counterpart::unstable::value::{Map, Value};

use crate::support::client::Reply;

/// Captured values by name.
#[derive(Default)]
pub struct Captured {
    values: HashMap<String, Value>,
}

impl Captured {
    /// Keeps what stands at `path` of an answer: `header:NAME`, or members and positions with
    /// dots between them.
    pub fn keep(
        &mut self,
        name: &str,
        path: &str,
        reply: &Reply,
        tree: Option<&Value>,
    ) -> Result<(), String> {
        let found = match path.strip_prefix("header:") {
            Some(header) => reply.header(&header.to_ascii_lowercase()).map(Value::from),
            None => tree.and_then(|tree| at(tree, path)).cloned(),
        };
        let found = found.ok_or_else(|| format!("`{name}`: there is nothing at `{path}`"))?;
        self.values.insert(name.to_owned(), found);
        Ok(())
    }

    /// The tree with all names filled in.
    pub fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::Text(text) => self.fill_text(text)?,
            Value::List(items) => {
                Value::list(items.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?)
            }
            Value::Map(map) => {
                let members = map.iter().map(|(key, value)| Ok((key.clone(), self.fill(value)?)));
                Value::map(members.collect::<Result<Map, String>>()?)
            }
            other => other.clone(),
        })
    }

    /// A text that is one name alone becomes the value, with its type.
    fn fill_text(&self, text: &str) -> Result<Value, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("`${` without `}`")?;
            let value = self.value(name)?;
            if before.is_empty() && after.is_empty() && filled.is_empty() {
                return Ok(value);
            }
            filled.push_str(before);
            filled.push_str(&value.to_string());
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled.into())
    }

    fn value(&self, name: &str) -> Result<Value, String> {
        if let Some((text, times)) = name.split_once('*')
            && let Ok(times) = times.parse()
        {
            return Ok(text.repeat(times).into());
        }
        self.values.get(name).cloned().ok_or_else(|| format!("nothing captured `{name}`"))
    }
}

fn at<'v>(tree: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').filter(|part| !part.is_empty()).try_fold(tree, |tree, part| match tree {
        Value::List(items) => items.get(part.parse::<usize>().ok()?),
        // XML has no lists of one.
        other if part == "0" && other.members().is_none() => Some(other),
        other => other.get(part).or_else(|| (part == "0").then_some(other)),
    })
}
