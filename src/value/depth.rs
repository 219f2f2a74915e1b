//! How deep a tree is.

use super::Value;

impl Value {
    /// Whether lists and maps are nested in each other more often than so.
    pub fn is_deeper_than(&self, levels: usize) -> bool {
        let deeper = |inner: &Self| match levels.checked_sub(1) {
            Some(levels) => inner.is_deeper_than(levels),
            None => true,
        };
        match self {
            Self::List(items) => levels == 0 || items.iter().any(deeper),
            _ => match self.members() {
                Some(mut members) => levels == 0 || members.any(|(_, member)| deeper(member)),
                None => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_have_no_depth_and_each_list_or_map_adds_one() {
        let mut value = Value::Null;
        for depth in 0..5 {
            assert!(!value.is_deeper_than(depth), "{value}");
            assert!(depth == 0 || value.is_deeper_than(depth - 1), "{value}");
            value = match depth % 2 {
                0 => Value::list(vec![1.into(), value]),
                _ => Value::map([("a".into(), value)].into_iter().collect()),
            };
        }
    }
}
