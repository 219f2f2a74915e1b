//! A piece of YAML that is to be written.

use crate::value::Value;

/// A piece of YAML: what it is, and how it is to look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Each member and item on a line of its own, even where there is room on one.
    pub block: bool,
    /// A comment behind it, on its first line.
    pub remark: Option<String>,
}

/// What a piece of YAML is.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Kind {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written in JSON.
    Number(String),
    /// Text.
    Text(String),
    /// Items in order.
    List(Vec<Piece>),
    /// Members in order; a key stands once.
    Map(Vec<Member>),
}

/// A member of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name.
    pub key: String,
    /// What it holds.
    pub value: Piece,
    /// An empty line stands before it.
    pub apart: bool,
}

impl Piece {
    /// A mapping without members.
    pub fn map() -> Self {
        Kind::Map(Vec::new()).into()
    }

    /// A list.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Kind::List(items.into_iter().collect()).into()
    }

    /// A mapping with one more member, in the place of the one of that name if there is one.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Self>) -> Self {
        self.set(key, value);
        self
    }

    /// A mapping with one more member, if there is something to be in it.
    #[must_use]
    pub fn with_some(self, key: impl Into<String>, value: Option<impl Into<Self>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Sets a member of a mapping; nothing else has members.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Self>) {
        let (key, value) = (key.into(), value.into());
        let Kind::Map(members) = &mut self.kind else { return };
        match members.iter_mut().find(|member| member.key == key) {
            Some(member) => member.value = value,
            None => members.push(Member { key, value, apart: false }),
        }
    }

    /// The same with each member and item on a line of its own.
    #[must_use]
    pub fn block(mut self) -> Self {
        self.block = true;
        self
    }

    /// The same with a comment behind it.
    #[must_use]
    pub fn remark(mut self, text: impl Into<String>) -> Self {
        self.remark = Some(text.into());
        self
    }

    /// The same with an empty line before the last member of a mapping.
    #[must_use]
    pub fn apart(mut self) -> Self {
        if let Kind::Map(members) = &mut self.kind
            && let Some(member) = members.last_mut()
        {
            member.apart = true;
        }
        self
    }

    /// The member of that name.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|member| member.key == key).map(|member| &member.value)
    }

    /// The member of that name, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Kind::Map(members) = &mut self.kind else { return None };
        members.iter_mut().find(|member| member.key == key).map(|member| &mut member.value)
    }

    /// The members of a mapping.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of a list.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// Whether there is nothing in a list or mapping.
    pub fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::List(items) => items.is_empty(),
            Kind::Map(members) => members.is_empty(),
            _ => false,
        }
    }
}

impl From<Kind> for Piece {
    fn from(kind: Kind) -> Self {
        Self { kind, block: false, remark: None }
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Kind::Text(text.to_owned()).into()
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Kind::Text(text).into()
    }
}

impl From<&String> for Piece {
    fn from(text: &String) -> Self {
        Kind::Text(text.clone()).into()
    }
}

impl From<bool> for Piece {
    fn from(value: bool) -> Self {
        Kind::Bool(value).into()
    }
}

impl From<i32> for Piece {
    fn from(value: i32) -> Self {
        Kind::Number(value.to_string()).into()
    }
}

impl From<i64> for Piece {
    fn from(value: i64) -> Self {
        Kind::Number(value.to_string()).into()
    }
}

impl From<u16> for Piece {
    fn from(value: u16) -> Self {
        Kind::Number(value.to_string()).into()
    }
}

impl From<Vec<Piece>> for Piece {
    fn from(items: Vec<Self>) -> Self {
        Kind::List(items).into()
    }
}

impl From<&Value> for Piece {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Kind::Null.into(),
            Value::Bool(value) => Kind::Bool(*value).into(),
            Value::Text(text) => Kind::Text(text.to_string()).into(),
            Value::List(items) => Self::list(items.iter().map(Self::from)),
            Value::Map(map) => {
                let mut piece = Self::map();
                for (key, value) in map.iter() {
                    piece.set(&**key, value);
                }
                piece
            }
            // Numbers are written as JSON writes them, and rows are not data of documents.
            Value::Integer(_) | Value::Number(_) | Value::Record(_) => {
                Kind::Number(value.to_string()).into()
            }
        }
    }
}
