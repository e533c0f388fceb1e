//! Who dials whom is not agreed beforehand, so two peers may dial each other at once. One connection is kept.
//!
//! The acceptor chooses: it opens its control lane on the connection that it keeps, and the dialer uses no connection
//! before it has seen that. Of two that cross, the one dialled by the smaller id is kept.

use iroh::endpoint::Connection;
use metaverse_protocol::id::PeerId;
use tokio::task::AbortHandle;

use crate::{link::Link, notice::Serial};

/// What there is between this peer and another one.
#[derive(Default)]
pub(crate) struct Meeting {
    pub(crate) dial: Option<Dial>,
    pub(crate) held: Option<Held>,
    pub(crate) link: Option<Link>,
}

impl Meeting {
    /// Whether there is nothing.
    pub(crate) fn is_over(&self) -> bool {
        self.dial.is_none() && self.held.is_none() && self.link.is_none()
    }
}

/// A dial of ours.
pub(crate) struct Dial {
    pub(crate) serial: Serial,
    pub(crate) task: AbortHandle,
}

impl Drop for Dial {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection that waits for the verdict.
pub(crate) struct Held {
    pub(crate) serial: Serial,
    pub(crate) connection: Connection,
    pub(crate) patience: AbortHandle,
}

impl Held {
    /// Ends the wait.
    pub(crate) fn release(self) -> Connection {
        self.patience.abort();
        self.connection
    }
}

/// What the acceptor does with a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// It is the link, and a dial of one's own is given up.
    Choose,
    /// It waits until one's own dial, or the present link, turns out to be good or dead.
    Hold,
}

/// Judges a connection that `remote` has dialled to `local`.
pub(crate) fn judge(local: PeerId, remote: PeerId, is_dialling: bool, is_linked: bool) -> Verdict {
    if is_linked || (is_dialling && local < remote) {
        Verdict::Hold
    } else {
        Verdict::Choose
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: PeerId = PeerId([1; 32]);
    const LARGE: PeerId = PeerId([2; 32]);

    #[test]
    fn of_two_dials_that_cross_both_sides_keep_that_of_the_smaller_id() {
        assert_eq!(judge(SMALL, LARGE, true, false), Verdict::Hold);
        assert_eq!(judge(LARGE, SMALL, true, false), Verdict::Choose);
    }

    #[test]
    fn whoever_is_not_dialling_takes_what_comes() {
        assert_eq!(judge(SMALL, LARGE, false, false), Verdict::Choose);
        assert_eq!(judge(LARGE, SMALL, false, false), Verdict::Choose);
    }

    #[test]
    fn a_link_is_not_replaced_before_it_is_known_to_be_dead() {
        assert_eq!(judge(LARGE, SMALL, false, true), Verdict::Hold);
    }
}
