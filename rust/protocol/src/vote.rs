//! The votes by which a host is followed: signed, so that nobody can claim more than it was given.

use serde::{Deserialize, Serialize};

use crate::{
    id::{Epoch, PeerId, SpaceId},
    rights::OfSpace,
    sign::Signable,
};

/// The word of a witness that it does not hear the host of `epoch`, and wants `candidate` to follow it; or the word of
/// that host itself that it gives its office to `candidate`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vote {
    /// The space it is about.
    pub space: SpaceId,
    /// The epoch of the host that is to be followed.
    pub epoch: Epoch,
    /// Counts the voter's attempts: in each it names one candidate.
    pub round: u32,
    /// Who shall follow.
    pub candidate: PeerId,
}

impl Signable for Vote {
    const CONTEXT: &'static [u8] = b"metaverse vote 2";
}

impl OfSpace for Vote {
    fn space(&self) -> SpaceId {
        self.space
    }
}
