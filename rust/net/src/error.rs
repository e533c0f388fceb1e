//! What can fail at once; what fails later is told by [`crate::PeerEvent`].

use thiserror::Error;

/// Why a peer cannot start. The sentences are for players.
#[derive(Debug, Error)]
pub enum StartError {
    /// Relay only, and there is no relay.
    #[error(
        "Relay-only reach needs a relay, and none is set up. Choose another reach, or a server that has a relay."
    )]
    NoRelay,
    /// The operating system gives no threads.
    #[error("The network could not be started: {0}.")]
    Runtime(#[from] std::io::Error),
    /// The operating system gives no random numbers, without which there is no identity.
    #[error("The operating system gives no random numbers: {0}.")]
    Random(#[from] getrandom::Error),
}

/// Why a message is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SendError {
    /// The peer is in no space.
    #[error("there is no space to send it in")]
    NotInSpace,
    /// Too much is waiting already; try again later.
    #[error("too many messages are waiting")]
    Busy,
    /// The topic or the data are over their limits.
    #[error("the message is too large")]
    TooLarge,
}
