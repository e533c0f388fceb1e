//! Who may enter a space and who may say so. Every right leads back to the space's key by a chain of delegations,
//! so that any member can check it alone and a space goes on when its creator is gone.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    id::{Epoch, MemberNumber, PeerId, SpaceId},
    limits::CHAIN_LINKS,
    sign::{Identity, Signable, SignatureError, Signed},
    time::UnixSeconds,
};

/// The right to admit to `space` and to delegate that right, given to `delegate`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delegation {
    /// The space it is about.
    pub space: SpaceId,
    /// Who receives the right.
    pub delegate: PeerId,
}

impl Signable for Delegation {
    const CONTEXT: &'static [u8] = b"metaverse delegation 1";
}

/// The right of whoever holds it to ask for admission: the core of an invite.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Permission {
    /// The space it is about.
    pub space: SpaceId,
    /// Tells this permission from others, so that its uses can be counted.
    pub serial: u64,
    /// How many people may enter with it; `None` is without limit.
    pub uses: Option<u32>,
    /// The last second at which it opens the door; `None` is for ever.
    pub expires: Option<UnixSeconds>,
}

impl Signable for Permission {
    const CONTEXT: &'static [u8] = b"metaverse permission 1";
}

/// The host's word that `peer` is a member.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Admission {
    /// The space it is about.
    pub space: SpaceId,
    /// Who was admitted.
    pub peer: PeerId,
    /// The number given to it.
    pub number: MemberNumber,
    /// Its place in the order of admissions.
    pub standing: Standing,
}

impl Signable for Admission {
    const CONTEXT: &'static [u8] = b"metaverse admission 1";
}

/// A place in the order of admissions; who stands longest has the least.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Standing {
    /// The epoch of the host that admitted.
    pub epoch: Epoch,
    /// Counts the admissions of that host.
    pub sequence: u32,
}

/// Why a right is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RightsError {
    /// A signature in it does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// It is about another space.
    #[error("it is for another space")]
    OtherSpace,
    /// A link of the chain is signed by somebody who was not given the right.
    #[error("whoever signed it had no right to")]
    BrokenChain,
    /// The chain is longer than any that is made.
    #[error("its chain of delegations is too long")]
    LongChain,
}

/// Delegations from a space's key to somebody who may admit. Empty: the space's key itself.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Chain(Vec<Signed<Delegation>>);

impl Chain {
    /// The chain with one more link, in which `issuer`, the holder of this chain, delegates to `delegate`.
    ///
    /// # Errors
    /// When the chain is at its longest.
    pub fn delegate(
        &self,
        issuer: &Identity,
        space: SpaceId,
        delegate: PeerId,
    ) -> Result<Self, RightsError> {
        if self.0.len() >= CHAIN_LINKS {
            return Err(RightsError::LongChain);
        }
        let mut links = self.0.clone();
        links.push(Signed::new(issuer, &Delegation { space, delegate }));
        Ok(Self(links))
    }

    /// Checks every link and returns who holds the right at the end of the chain.
    ///
    /// # Errors
    /// When a link is forged, about another space, or out of order.
    pub fn holder(&self, space: SpaceId) -> Result<PeerId, RightsError> {
        if self.0.len() > CHAIN_LINKS {
            return Err(RightsError::LongChain);
        }
        let mut holder = PeerId(space.0);
        for link in &self.0 {
            if link.signer() != holder {
                return Err(RightsError::BrokenChain);
            }
            let delegation = link.open()?;
            if delegation.space != space {
                return Err(RightsError::OtherSpace);
            }
            holder = delegation.delegate;
        }
        Ok(holder)
    }
}

/// A body about a space, signed by the holder of a chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Certificate<T> {
    chain: Chain,
    body: Signed<T>,
}

/// A body that belongs to one space.
pub trait OfSpace: Signable {
    /// The space it is about.
    fn space(&self) -> SpaceId;
}

impl OfSpace for Permission {
    fn space(&self) -> SpaceId {
        self.space
    }
}

impl OfSpace for Admission {
    fn space(&self) -> SpaceId {
        self.space
    }
}

impl<T: OfSpace> Certificate<T> {
    /// Signs `body` as the holder of `chain`.
    pub fn new(chain: Chain, issuer: &Identity, body: &T) -> Self {
        Self {
            chain,
            body: Signed::new(issuer, body),
        }
    }

    /// Checks the whole chain and the signature, and reads the body.
    ///
    /// # Errors
    /// When anything between the space's key and the body does not hold.
    pub fn open(&self, space: SpaceId) -> Result<T, RightsError> {
        if self.chain.holder(space)? != self.body.signer() {
            return Err(RightsError::BrokenChain);
        }
        let body = self.body.open()?;
        if body.space() != space {
            return Err(RightsError::OtherSpace);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(seed: u8) -> Identity {
        Identity::from_secret(&[seed; 32])
    }

    fn permission(space: &Identity) -> Permission {
        Permission {
            space: space.space_id(),
            serial: 1,
            uses: None,
            expires: None,
        }
    }

    #[test]
    fn a_delegate_of_a_delegate_may_sign() {
        let (space, first, second) = (identity(1), identity(2), identity(3));
        let id = space.space_id();
        let chain = Chain::default()
            .delegate(&space, id, first.peer_id())
            .expect("short");
        let chain = chain.delegate(&first, id, second.peer_id()).expect("short");
        let certificate = Certificate::new(chain, &second, &permission(&space));
        assert_eq!(certificate.open(id), Ok(permission(&space)));
    }

    #[test]
    fn a_stranger_may_not_sign() {
        let (space, stranger) = (identity(1), identity(2));
        let alone = Certificate::new(Chain::default(), &stranger, &permission(&space));
        assert_eq!(alone.open(space.space_id()), Err(RightsError::BrokenChain));

        let chain = Chain::default()
            .delegate(&stranger, space.space_id(), stranger.peer_id())
            .expect("short");
        let self_made = Certificate::new(chain, &stranger, &permission(&space));
        assert_eq!(
            self_made.open(space.space_id()),
            Err(RightsError::BrokenChain)
        );
    }

    #[test]
    fn a_right_does_not_open_another_space() {
        let (space, other) = (identity(1), identity(2));
        let certificate = Certificate::new(Chain::default(), &space, &permission(&other));
        assert_eq!(
            certificate.open(space.space_id()),
            Err(RightsError::OtherSpace)
        );
        assert_eq!(
            certificate.open(other.space_id()),
            Err(RightsError::BrokenChain)
        );
    }

    #[test]
    fn chains_end() {
        let space = identity(1);
        let mut chain = Chain::default();
        for _ in 0..CHAIN_LINKS {
            chain = chain
                .delegate(&space, space.space_id(), space.peer_id())
                .expect("not yet full");
        }
        assert_eq!(
            chain.delegate(&space, space.space_id(), space.peer_id()),
            Err(RightsError::LongChain)
        );
    }
}
