//! Which way poses go to a member: straight, or over another member that hands them on.

use std::time::Duration;

use metaverse_protocol::{
    id::{MemberNumber, PeerId},
    time::Time,
};

use crate::config::{ANSWER_PATIENCE, STEADY};

/// The way of poses to a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Way {
    /// On the own link.
    #[default]
    Straight,
    /// Handed on by another member, to the one with this number.
    Over { carrier: PeerId, to: MemberNumber },
}

impl Way {
    pub(crate) fn carrier(self) -> Option<PeerId> {
        match self {
            Self::Straight => None,
            Self::Over { carrier, .. } => Some(carrier),
        }
    }
}

/// Whether what goes one way is answered. Only answers count: the way back may work where the way there does not.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    state: State,
    is_shaken: bool,
    /// When an overdue answer came after all.
    recovered: Option<Time>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    #[default]
    Answered,
    AskedAt(Time),
    Overdue,
}

impl Answers {
    /// Something was sent that the other side answers.
    pub(crate) fn asked(&mut self, now: Time) {
        if self.state == State::Answered {
            self.state = State::AskedAt(now);
        }
    }

    /// Something was answered.
    pub(crate) fn answered(&mut self, now: Time) {
        if self.state == State::Overdue {
            self.recovered = Some(now);
        }
        self.state = State::Answered;
    }

    /// When an answer will be overdue.
    pub(crate) fn due(&self, round_trip: Duration) -> Option<Time> {
        match self.state {
            State::AskedAt(asked) => Some(asked + round_trip + ANSWER_PATIENCE),
            State::Answered | State::Overdue => None,
        }
    }

    /// Notes whether an answer has become overdue: the way may be dead.
    pub(crate) fn tend(&mut self, now: Time, round_trip: Duration) {
        if self.due(round_trip).is_some_and(|due| now >= due) {
            self.state = State::Overdue;
            self.is_shaken = true;
        }
    }

    /// Whether an answer has become overdue since this was asked last.
    pub(crate) fn take_shaken(&mut self) -> bool {
        std::mem::take(&mut self.is_shaken)
    }

    /// Whether an answer is overdue.
    pub(crate) fn is_overdue(&self) -> bool {
        self.state == State::Overdue
    }

    /// Whether no answer is overdue, or was a moment ago.
    pub(crate) fn is_trusted(&self, now: Time) -> bool {
        let is_steady = |recovered| now.since(recovered) >= STEADY;
        !self.is_overdue() && self.recovered.is_none_or(is_steady)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_not_trusted_while_an_answer_is_overdue_and_a_moment_after() {
        let mut answers = Answers::default();
        let round_trip = Duration::from_millis(100);
        answers.asked(Time(0));
        answers.asked(Time(200_000));
        let due = Time(0) + round_trip + ANSWER_PATIENCE;
        assert_eq!(answers.due(round_trip), Some(due));
        assert!(answers.is_trusted(due));
        answers.tend(due, round_trip);
        assert!(answers.take_shaken(), "it has become overdue");
        answers.tend(due, round_trip);
        assert!(!answers.take_shaken(), "and is told once");
        assert_eq!(answers.due(round_trip), None);
        answers.answered(due);
        assert!(!answers.is_trusted(due));
        assert!(answers.is_trusted(due + STEADY));
    }
}
