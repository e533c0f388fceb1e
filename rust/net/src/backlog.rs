//! The game's messages that were accepted and are not delivered to everybody yet: bounded in number and bytes.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::config::{BACKLOG_BYTES, BACKLOG_MESSAGES};

/// Counts accepted messages until their last copy is gone, whoever drops it.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    waiting: Mutex<Waiting>,
    emptied: Notify,
}

/// How much waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

impl Backlog {
    /// Takes a message in; `None` when too much waits already.
    pub(crate) fn admit(self: &Arc<Self>, frame: Vec<u8>) -> Option<Bytes> {
        let mut waiting = self.waiting.lock();
        if waiting.messages >= BACKLOG_MESSAGES || waiting.bytes + frame.len() > BACKLOG_BYTES {
            return None;
        }
        waiting.messages += 1;
        waiting.bytes += frame.len();
        drop(waiting);
        Some(Bytes::from_owner(Admitted {
            frame,
            backlog: Arc::clone(self),
        }))
    }

    /// Whether more than half of the room is taken.
    pub(crate) fn is_crowded(&self) -> bool {
        let waiting = self.waiting();
        waiting.messages > BACKLOG_MESSAGES / 2 || waiting.bytes > BACKLOG_BYTES / 2
    }

    /// How much waits.
    pub(crate) fn waiting(&self) -> Waiting {
        *self.waiting.lock()
    }

    /// Waits until nothing waits. Cancel-safe.
    pub(crate) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.waiting() == Waiting::default() {
                return;
            }
            emptied.await;
        }
    }
}

struct Admitted {
    frame: Vec<u8>,
    backlog: Arc<Backlog>,
}

impl AsRef<[u8]> for Admitted {
    fn as_ref(&self) -> &[u8] {
        &self.frame
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut waiting = self.backlog.waiting.lock();
        waiting.messages -= 1;
        waiting.bytes -= self.frame.len();
        if waiting.messages == 0 {
            self.backlog.emptied.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_counts_until_its_last_copy_is_gone() {
        let backlog = Arc::new(Backlog::default());
        let frame = backlog.admit(vec![7; 100]).expect("room");
        let part = frame.slice(10..20);
        drop(frame);
        assert_eq!(
            backlog.waiting(),
            Waiting {
                messages: 1,
                bytes: 100
            }
        );
        drop(part);
        assert_eq!(backlog.waiting(), Waiting::default());
    }

    #[tokio::test]
    async fn the_end_of_the_last_message_is_told() {
        let backlog = Arc::new(Backlog::default());
        backlog.emptied().await;
        let frame = backlog.admit(vec![7]).expect("room");
        let (waiting, dropping) = (
            Arc::clone(&backlog),
            tokio::spawn(async move { drop(frame) }),
        );
        waiting.emptied().await;
        dropping.await.expect("no panic");
        assert_eq!(backlog.waiting(), Waiting::default());
    }

    #[test]
    fn the_number_is_bounded() {
        let backlog = Arc::new(Backlog::default());
        let held: Vec<_> = (0..BACKLOG_MESSAGES)
            .map(|_| backlog.admit(vec![0]).expect("room"))
            .collect();
        assert!(backlog.admit(vec![0]).is_none());
        drop(held);
        assert!(backlog.admit(vec![0]).is_some());
    }

    #[test]
    fn the_bytes_are_bounded() {
        let backlog = Arc::new(Backlog::default());
        let _held = backlog.admit(vec![0; BACKLOG_BYTES - 10]).expect("room");
        assert!(backlog.admit(vec![0; 11]).is_none());
        assert!(backlog.admit(vec![0; 10]).is_some());
        assert!(backlog.is_crowded());
    }
}
