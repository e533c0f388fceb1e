//! The votes by which a host that has fallen silent is followed: signed, so that nobody can claim more than it was given.

use serde::{Deserialize, Serialize};

use crate::{
    id::{Epoch, PeerId, SpaceId},
    rights::OfSpace,
    sign::Signable,
};

/// The word of a witness that it does not hear the host of `epoch`, and wants `candidate` to follow it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vote {
    /// The space it is about.
    pub space: SpaceId,
    /// The epoch of the silent host.
    pub epoch: Epoch,
    /// Who shall follow.
    pub candidate: PeerId,
}

impl Signable for Vote {
    const CONTEXT: &'static [u8] = b"metaverse vote 1";
}

impl OfSpace for Vote {
    fn space(&self) -> SpaceId {
        self.space
    }
}
