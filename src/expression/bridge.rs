//! Our values as minijinja's and back, sharing their contents.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Jinja, ValueKind};
use minijinja::{Error, ErrorKind};

use crate::value::{Map, Record, Value};

/// The variables of one evaluation.
#[derive(Debug)]
struct Context {
    names: Arc<[Arc<str>]>,
    values: Vec<Option<Value>>,
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Jinja> {
        let at = self.names.iter().position(|name| &**name == key)?;
        self.values.get(at)?.as_ref().map(to_jinja)
    }
}

/// A list, map or row as an object of minijinja, so that nothing is copied.
#[derive(Debug)]
enum Shared {
    List(Arc<Vec<Value>>),
    Map(Arc<Map>),
    Record(Arc<Record>),
}

impl Object for Shared {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match **self {
            Self::List(_) => ObjectRepr::Seq,
            Self::Map(_) | Self::Record(_) => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        match &**self {
            Self::List(items) => items.get(key.as_usize()?).map(to_jinja),
            Self::Map(_) | Self::Record(_) => self.get_value_by_str(key.as_str()?),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Jinja> {
        match &**self {
            Self::List(_) => None,
            Self::Map(map) => map.get(key).map(to_jinja),
            Self::Record(record) => record.get(key).map(to_jinja),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &**self {
            Self::List(items) => Enumerator::Seq(items.len()),
            Self::Map(map) => {
                Enumerator::Values(map.keys().map(|k| Jinja::from(k.clone())).collect())
            }
            Self::Record(record) => {
                Enumerator::Values(record.iter().map(|(k, _)| Jinja::from(k.clone())).collect())
            }
        }
    }
}

/// The variables as what minijinja evaluates against.
pub(super) fn context(names: Arc<[Arc<str>]>, values: Vec<Option<Value>>) -> Jinja {
    Jinja::from_object(Context { names, values })
}

/// Our value as minijinja's.
pub(super) fn to_jinja(value: &Value) -> Jinja {
    match value {
        Value::Null => Jinja::from(()),
        Value::Bool(value) => Jinja::from(*value),
        Value::Integer(value) => Jinja::from(*value),
        Value::Number(value) => Jinja::from(value.to_f64_lossy()),
        Value::Text(text) => Jinja::from(text.clone()),
        Value::List(items) => Jinja::from_object(Shared::List(items.clone())),
        Value::Map(map) => Jinja::from_object(Shared::Map(map.clone())),
        Value::Record(record) => Jinja::from_object(Shared::Record(record.clone())),
    }
}

/// minijinja's value as ours; `None` when it is undefined.
///
/// Fails for what has no place in a tree of data, such as a function.
pub(super) fn from_jinja(value: &Jinja) -> Result<Option<Value>, Error> {
    if let Some(shared) = value.downcast_object_ref::<Shared>() {
        return Ok(Some(match shared {
            Shared::List(items) => Value::List(items.clone()),
            Shared::Map(map) => Value::Map(map.clone()),
            Shared::Record(record) => Value::Record(record.clone()),
        }));
    }
    Ok(Some(match value.kind() {
        ValueKind::Undefined => return Ok(None),
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => match value.as_i64() {
            Some(integer) if value.is_integer() => Value::Integer(integer),
            _ => Value::from(f64::try_from(value.clone())?),
        },
        ValueKind::String => Value::Text(value.to_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in value.try_iter()? {
                items.push(from_jinja(&item)?.unwrap_or_default());
            }
            Value::list(items)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter()? {
                if let Some(member) = from_jinja(&value.get_item(&key)?)? {
                    map.insert(key.to_string(), member);
                }
            }
            Value::map(map)
        }
        kind => {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("a value of kind {kind} is no data"),
            ));
        }
    }))
}
