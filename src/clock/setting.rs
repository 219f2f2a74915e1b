//! How a clock is set.

use jiff::{SignedDuration, Timestamp};

/// What a clock does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// How far the clock is ahead of real time.
    Running(SignedDuration),
    /// Where it stands still.
    Frozen(Timestamp),
}

/// How a clock is set: where it stands, or how far it is ahead of real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting(pub(super) State);

impl Setting {
    /// That of a clock which stands still.
    pub fn standing(at: Timestamp) -> Self {
        Self(State::Frozen(at))
    }

    /// That of a clock which goes, so far ahead of real time.
    pub fn going(ahead: SignedDuration) -> Self {
        Self(State::Running(ahead))
    }

    /// Where it stands, if it stands still.
    pub fn stands_at(self) -> Option<Timestamp> {
        match self.0 {
            State::Frozen(at) => Some(at),
            State::Running(_) => None,
        }
    }

    /// How far it is ahead of real time; nothing where it stands still.
    pub fn ahead(self) -> SignedDuration {
        match self.0 {
            State::Frozen(_) => SignedDuration::ZERO,
            State::Running(ahead) => ahead,
        }
    }
}

impl State {
    pub(super) fn at(now: Timestamp, frozen: bool) -> Self {
        if frozen { Self::Frozen(now) } else { Self::Running(now.duration_since(Timestamp::now())) }
    }

    pub(super) fn now(self) -> Timestamp {
        match self {
            Self::Frozen(now) => now,
            // It saturates; what can fail is adding calendar units, and there are none.
            Self::Running(ahead) => {
                Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
            }
        }
    }
}
