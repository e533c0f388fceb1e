//! What a member says to all. It is signed, so that forwarders can hand it on, and counted, so that what is missing is
//! noticed.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{self, DecodeError},
    id::{ContentHash, MemberNumber, SpaceId},
    limits::{ANNOUNCEMENT_FRAME_BYTES, MEMBERS},
    sign::{Identity, Signable, Signed},
};

/// A frame on the announcement lane.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AnnouncementFrame {
    /// Something is said.
    Said(Announcement),
    /// How many announcements of each member the sender has had, without a gap; none of those that are not named.
    Heard(Vec<(MemberNumber, u64)>),
    /// The sender has none of the member's announcements before this one any more.
    Begins(MemberNumber, u64),
}

/// What one member says to all others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Announcement {
    head: Signed<Head>,
    body: Vec<u8>,
}

/// What a member signs of an announcement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Head {
    /// The space in which it is said.
    pub space: SpaceId,
    /// The number of the member that says it.
    pub origin: MemberNumber,
    /// How many it has said before.
    pub sequence: u64,
    /// What the body is.
    pub kind: AnnouncementKind,
    /// The hash of the body.
    pub hash: ContentHash,
}

impl Signable for Head {
    const CONTEXT: &'static [u8] = b"metaverse announcement";
}

/// What is announced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AnnouncementKind {
    /// A [`crate::control::Control`].
    Control,
    /// A [`crate::control::GameMessage`].
    Message,
}

impl Announcement {
    /// Signs what a member says.
    pub fn new(
        identity: &Identity,
        space: SpaceId,
        origin: MemberNumber,
        sequence: u64,
        kind: AnnouncementKind,
        body: Vec<u8>,
    ) -> Self {
        let head = Head {
            space,
            origin,
            sequence,
            kind,
            hash: ContentHash::of(&body),
        };
        Self {
            head: Signed::new(identity, &head),
            body,
        }
    }

    /// What the announcement says of itself. Nothing of it is proven before [`Self::open`].
    pub fn claimed(&self) -> Option<Head> {
        self.head.peek().ok()
    }

    /// The head and the body, if `signer` has signed them.
    pub fn open(&self, signer: crate::id::PeerId) -> Option<(Head, &[u8])> {
        let head = self.head.open().ok()?;
        let is_sound = self.head.signer() == signer && head.hash == ContentHash::of(&self.body);
        is_sound.then_some((head, &self.body))
    }
}

impl AnnouncementFrame {
    /// Encodes the frame for the announcement lane.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Decodes a frame of the announcement lane.
    ///
    /// # Errors
    /// When the bytes are too many or malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let frame = codec::decode::<Self, ANNOUNCEMENT_FRAME_BYTES>(bytes)?;
        match &frame {
            Self::Heard(heard) if heard.len() > MEMBERS => Err(DecodeError::TooLong {
                length: heard.len(),
                limit: MEMBERS,
            }),
            _ => Ok(frame),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_is_opened() {
        let identity = Identity::from_secret(&[7; 32]);
        let said = Announcement::new(
            &identity,
            SpaceId([1; 32]),
            MemberNumber(3),
            9,
            AnnouncementKind::Message,
            b"hello".to_vec(),
        );
        let (head, body) = said.open(identity.peer_id()).expect("signed");
        assert_eq!(
            (head.origin, head.sequence, body),
            (MemberNumber(3), 9, &b"hello"[..])
        );

        let other = Identity::from_secret(&[8; 32]).peer_id();
        assert_eq!(said.open(other), None);
        let mut changed = said.clone();
        changed.body.push(0);
        assert_eq!(changed.open(identity.peer_id()), None);
    }
}
