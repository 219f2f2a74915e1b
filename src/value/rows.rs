//! Rows of collections as maps, for whoever reads bodies.

use super::{Map, Value};

impl Value {
    /// The same tree with a map in the place of each row, however deep it stands.
    #[must_use]
    pub fn with_rows_as_maps(self) -> Self {
        if !self.has_rows() {
            return self;
        }
        match self {
            Self::List(items) => {
                let items = items.iter().cloned().map(Self::with_rows_as_maps);
                Self::list(items.collect())
            }
            other => {
                let members = other.members().into_iter().flatten();
                let maps = members.map(|(k, v)| (k.clone(), v.clone().with_rows_as_maps()));
                Self::map(maps.collect::<Map>())
            }
        }
    }

    fn has_rows(&self) -> bool {
        match self {
            Self::Record(_) => true,
            Self::List(items) => items.iter().any(Self::has_rows),
            Self::Map(map) => map.iter().any(|(_, value)| value.has_rows()),
            _ => false,
        }
    }
}
