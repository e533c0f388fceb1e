//! Identities and signed values. ed25519 (RFC 8032), the same keys as iroh's.

use std::{fmt, marker::PhantomData};

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::{
    codec::{self, DecodeError},
    id::{PeerId, SpaceId},
};

/// The bytes that any signed body may take; the largest is a profile with all its addresses.
const BODY_BYTES: usize = 1024;

/// A key pair: a peer's, or a space's.
#[derive(Clone)]
pub struct Identity(SigningKey);

impl Identity {
    /// The key pair that grows from a 32-byte secret.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The secret, to hand to the transport or to keep.
    pub fn secret(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half as a peer's id.
    pub fn peer_id(&self) -> PeerId {
        PeerId(self.0.verifying_key().to_bytes())
    }

    /// The public half as a space's id.
    pub fn space_id(&self) -> SpaceId {
        SpaceId(self.0.verifying_key().to_bytes())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?})", self.peer_id())
    }
}

/// A body that can be signed.
pub trait Signable: Serialize + DeserializeOwned {
    /// Separates the signatures of this kind of body from those of all others.
    const CONTEXT: &'static [u8];
}

/// Why a signed value is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// The signer's id is not a usable public key.
    #[error("the signer is not a valid key")]
    BadKey,
    /// The signature does not fit the body and the signer.
    #[error("the signature is wrong")]
    BadSignature,
    /// The signed bytes are not such a body.
    #[error("the signed body is not readable: {0}")]
    BadBody(#[from] DecodeError),
}

/// A `T` in exactly the bytes that its signer signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Signed<T> {
    signer: PeerId,
    body: Vec<u8>,
    signature: ([u8; 32], [u8; 32]),
    #[serde(skip)]
    kind: PhantomData<T>,
}

impl<T: Signable> Signed<T> {
    /// Signs `body`.
    pub fn new(identity: &Identity, body: &T) -> Self {
        let body = codec::encode(body);
        let bytes = identity.0.sign(&message::<T>(&body)).to_bytes();
        let (mut r, mut s) = ([0; 32], [0; 32]);
        r.copy_from_slice(&bytes[..32]);
        s.copy_from_slice(&bytes[32..]);
        Self {
            signer: identity.peer_id(),
            body,
            signature: (r, s),
            kind: PhantomData,
        }
    }

    /// Who says to have signed; true only after [`Self::open`].
    pub fn signer(&self) -> PeerId {
        self.signer
    }

    /// Reads the body without knowing whether it is what the signer signed.
    ///
    /// # Errors
    /// When the body is not readable.
    pub fn peek(&self) -> Result<T, DecodeError> {
        codec::decode::<T, BODY_BYTES>(&self.body)
    }

    /// Checks the signature and reads the body.
    ///
    /// # Errors
    /// When the key, the signature or the body is not what it should be.
    pub fn open(&self) -> Result<T, SignatureError> {
        let key = VerifyingKey::from_bytes(&self.signer.0).map_err(|_| SignatureError::BadKey)?;
        let signature = Signature::from_components(self.signature.0, self.signature.1);
        key.verify_strict(&message::<T>(&self.body), &signature)
            .map_err(|_| SignatureError::BadSignature)?;
        Ok(codec::decode::<T, BODY_BYTES>(&self.body)?)
    }
}

fn message<T: Signable>(body: &[u8]) -> Vec<u8> {
    [T::CONTEXT, &[0], body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Note(u32);
    impl Signable for Note {
        const CONTEXT: &'static [u8] = b"test note";
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Other(u32);
    impl Signable for Other {
        const CONTEXT: &'static [u8] = b"test other";
    }

    #[test]
    fn opens_only_what_was_signed() {
        let identity = Identity::from_secret(&[7; 32]);
        let signed = Signed::new(&identity, &Note(9));
        assert_eq!(signed.open(), Ok(Note(9)));

        let mut forged = signed.clone();
        forged.signer = Identity::from_secret(&[8; 32]).peer_id();
        assert_eq!(forged.open(), Err(SignatureError::BadSignature));

        let mut changed = signed.clone();
        changed.body[0] ^= 1;
        assert_eq!(changed.open(), Err(SignatureError::BadSignature));
    }

    #[test]
    fn a_signature_does_not_serve_for_another_kind() {
        let signed = Signed::new(&Identity::from_secret(&[7; 32]), &Note(9));
        let bytes = codec::encode(&signed);
        let other: Signed<Other> = codec::decode::<_, 1024>(&bytes).expect("same shape");
        assert_eq!(other.open(), Err(SignatureError::BadSignature));
    }
}
