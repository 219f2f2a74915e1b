//! Hashes of values that agree with their equality.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use super::Value;

/// What members are hashed with before their order is taken away.
static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::default);

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            Self::Null => hasher.write_u8(0),
            Self::Integer(value) => value.hash(hasher),
            // What equals an integer is hashed as one.
            Self::Number(number) => match number.to_i64() {
                Some(value) => value.hash(hasher),
                None => number.hash(hasher),
            },
            Self::Bool(value) => value.hash(hasher),
            Self::Text(text) => text.hash(hasher),
            Self::List(items) => items.iter().for_each(|item| item.hash(hasher)),
            // Members in any order are the same.
            Self::Map(_) | Self::Record(_) => {
                let members = self.members().into_iter().flatten();
                let each = members.map(|member| SEED.hash_one(member));
                hasher.write_u64(each.fold(0, u64::wrapping_add));
            }
        }
    }
}
