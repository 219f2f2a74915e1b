//! What goes wrong with the model of a database, and what never may.

/// What no database may do: with any of these, what clients see has to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Says that it kept what it did not keep.
    ForgetsCommits,
    /// Keeps what it says it did not.
    KeepsWhatItRefused,
    /// Gives a lock to who asks for it, and adds whatever record comes.
    LocksNothing,
    /// Does not tell of the last record.
    ReadsBehind,
}

/// How often what goes wrong, in a thousand times.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weather {
    pub(super) unreachable: u64,
    pub(super) conflict: u64,
    pub(super) lost_before: u64,
    pub(super) lost_after: u64,
}
