//! What the mock remembers: collections of rows with keys, unique constraints and indexes, and
//! sequences, changed in transactions.
//!
//! Everything above goes through [`Store`] and [`Transaction`], so that an embedded database or a
//! shared one can stand in for [`MemoryStore`]. A store holds one vendor's state in one session;
//! that is what its transactions are isolated over.
//!
//! Collections, indexes, slots and sequences are named by their position in the [`Layout`]. A
//! position that the layout does not have is a mistake of the caller, never of a request: such a
//! collection is always empty and refuses rows, such a sequence stays at zero.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::value::{Record, Value};

mod changes;
mod collection;
mod comparison;
mod index;
mod layout;
mod memory;

pub use changes::{Changes, RowChange, SequenceChange};
pub use layout::{CollectionLayout, IndexLayout, Layout};
pub use memory::MemoryStore;

/// A place for the state of one vendor in one session. It is read as it was committed last.
///
/// Whoever holds it shared reads, beside others who do; whoever holds it alone may change it. So
/// a store needs no lock of its own.
pub trait Store: View + Send + Sync + fmt::Debug {
    /// What the store was made to hold.
    fn layout(&self) -> &Arc<Layout>;

    /// Starts a transaction. It sees all that was committed before, and its own changes.
    ///
    /// Dropped without `Transaction::commit`, it leaves nothing behind: rows, their order,
    /// indexes and sequences are as they were.
    fn begin(&mut self) -> Box<dyn Transaction + '_>;

    /// Takes back the changes of the last commit that was not taken back yet.
    fn revert(&mut self, changes: Changes);

    /// All rows and sequences, as if one commit had made them.
    fn image(&self) -> Changes;

    /// Makes rows and sequences what they are after those changes. No row may be in conflict with
    /// another one then.
    fn redo(&mut self, changes: Changes);
}

/// Rows to be read.
///
/// Values compare as in [`Value`], except that an integer and a number of more than 53 bits are
/// the same only when they are exactly the same number, and that texts in a slot that the layout
/// folds compare without regard to case. A text is never taken for a number.
pub trait View {
    /// The row with that key.
    fn get(&self, collection: usize, key: &Value) -> Option<Arc<Record>>;

    /// The place of the row with that key in the order of insertion, which it keeps, and which no
    /// other row is given later.
    fn place(&self, collection: usize, key: &Value) -> Option<u64>;

    /// The rows that hold those values in the slots of an index, in order of insertion. A null or
    /// empty value matches nothing, nor do values that are fewer or more than the slots.
    fn lookup(&self, collection: usize, index: usize, values: &[Value]) -> Vec<Arc<Record>> {
        self.lookup_some(collection, index, values, usize::MAX)
    }

    /// The first so many rows that [`View::lookup`] would give; no others are looked at.
    fn lookup_some(
        &self,
        collection: usize,
        index: usize,
        values: &[Value],
        most: usize,
    ) -> Vec<Arc<Record>>;

    /// The first row that [`View::lookup`] would give.
    fn first(&self, collection: usize, index: usize, values: &[Value]) -> Option<Arc<Record>>;

    /// Shows the rows in order of insertion until `visit` breaks.
    fn for_each(&self, collection: usize, visit: &mut dyn FnMut(&Arc<Record>) -> ControlFlow<()>);

    /// How many rows there are.
    fn len(&self, collection: usize) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self, collection: usize) -> bool {
        self.len(collection) == 0
    }
}

/// Reads and changes that happen together or not at all.
pub trait Transaction: View {
    /// Adds a row, of the collection's shape, after the others.
    fn insert(&mut self, collection: usize, record: Record) -> Result<Arc<Record>, Conflict>;

    /// Puts a row in the place of the one with that key; the key may change, the place in the
    /// order does not.
    fn replace(
        &mut self,
        collection: usize,
        key: &Value,
        record: Record,
    ) -> Result<Arc<Record>, Conflict>;

    /// Takes out the row with that key.
    fn remove(&mut self, collection: usize, key: &Value) -> Option<Arc<Record>>;

    /// Takes out all rows; sequences go on where they are.
    fn clear(&mut self, collection: usize);

    /// Gives the sequence's next value and steps by one; stays at the greatest integer there is.
    fn next(&mut self, sequence: usize) -> i64;

    /// Makes sure that the sequence's next value is above one that was used without it.
    fn raise(&mut self, sequence: usize, used: i64);

    /// Takes back all that was done so far, as if the transaction began now.
    fn undo(&mut self);

    /// Keeps all that was done, and tells what that was.
    fn commit(self: Box<Self>) -> Changes;
}

/// Why a row was not taken. Nothing has changed then.
#[derive(Debug, Clone)]
pub enum Conflict {
    /// Another row has that key.
    Key {
        /// The other row.
        existing: Arc<Record>,
    },
    /// Another row holds the same values in the slots of a unique index.
    Unique {
        /// The position of the index in its collection's layout.
        index: usize,
        /// The first such row.
        existing: Arc<Record>,
    },
    /// There is no row to replace, or no such collection.
    Missing,
    /// The key is absent or null.
    NoKey,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { .. } => f.write_str("a row with that key already exists"),
            Self::Unique { index, .. } => {
                write!(f, "a row with the same values in unique index {index} is there already")
            }
            Self::Missing => f.write_str("there is no such row"),
            Self::NoKey => f.write_str("the row has no key"),
        }
    }
}

impl std::error::Error for Conflict {}
