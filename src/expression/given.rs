//! The arguments of a call that is worked out.

use std::ops::Deref;

use super::operators::Held;

/// So many are kept without an allocation; hardly any call has more.
const FEW: usize = 2;

/// Arguments by parameter; the outer `None` is one that is not given.
#[derive(Default)]
pub(super) struct Given<'v> {
    few: [Option<Held<'v>>; FEW],
    count: usize,
    /// All of them, once they are more.
    many: Vec<Option<Held<'v>>>,
}

impl<'v> Given<'v> {
    /// Adds that of the next parameter.
    pub(super) fn add(&mut self, argument: Option<Held<'v>>) {
        match self.few.get_mut(self.count) {
            Some(place) => *place = argument,
            None => {
                if self.many.is_empty() {
                    self.many.extend(self.few.iter_mut().map(Option::take));
                }
                self.many.push(argument);
            }
        }
        self.count += 1;
    }
}

impl<'v> Deref for Given<'v> {
    type Target = [Option<Held<'v>>];

    fn deref(&self) -> &Self::Target {
        self.few.get(..self.count).unwrap_or(&self.many)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::value::Value;

    #[test]
    fn all_that_were_added_are_there_however_many() {
        let mut given = Given::default();
        let mut expected = Vec::new();
        for count in 0..6 {
            assert_eq!(&*given, &*expected);
            let argument = (count % 2 == 0).then_some(Some(Cow::Owned(Value::Integer(count))));
            given.add(argument.clone());
            expected.push(argument);
        }
        assert_eq!(&*given, &*expected);
    }
}
