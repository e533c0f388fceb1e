//! Which poses to take as they come: in order, once, and with stamps that a clock can have made.

use std::time::Duration;

use metaverse_protocol::time::Time;

/// The clocks of two peers agree about how much time has passed to within this.
const DISAGREEMENT_MOST: Duration = Duration::from_secs(1);
/// So many poses in a row whose stamps disagree are not lost or damaged ones: the sender's clock has jumped.
const DISAGREEING_MOST: u8 = 4;

/// What to do with a pose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// It is the first one.
    First,
    /// It was captured so much later than the newest.
    Next(Duration),
    /// It is the newest one again.
    Duplicate,
    /// A newer one has come.
    Late,
    /// Not so much time can have passed.
    Ahead,
    /// The sender's clock has jumped: nothing from before it counts.
    Restart,
}

/// What the stamps so far have told.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// When the newest pose came and was captured.
    newest: Option<(Time, Time)>,
    disagreeing: u8,
}

impl Arrivals {
    /// What to do with a pose captured at `captured` that has come at `received`.
    pub(crate) fn judge(&mut self, received: Time, captured: Time) -> Verdict {
        let Some((came, newest)) = self.newest else {
            return self.take(received, captured, Verdict::First);
        };
        let passed = received.since(came);
        if captured > newest + passed + DISAGREEMENT_MOST {
            return self.disagree(received, captured, Verdict::Ahead);
        }
        if captured + DISAGREEMENT_MOST < newest {
            return self.disagree(received, captured, Verdict::Late);
        }
        match captured.cmp(&newest) {
            std::cmp::Ordering::Less => Verdict::Late,
            std::cmp::Ordering::Equal => Verdict::Duplicate,
            std::cmp::Ordering::Greater => {
                self.take(received, captured, Verdict::Next(captured.since(newest)))
            }
        }
    }

    fn take(&mut self, received: Time, captured: Time, verdict: Verdict) -> Verdict {
        self.newest = Some((received, captured));
        self.disagreeing = 0;
        verdict
    }

    fn disagree(&mut self, received: Time, captured: Time, verdict: Verdict) -> Verdict {
        self.disagreeing += 1;
        if self.disagreeing < DISAGREEING_MOST {
            return verdict;
        }
        self.take(received, captured, Verdict::Restart)
    }
}
