//! An invite: text that a person can paste.
//!
//! `metaverse-v1-` and then lower-case base32 (RFC 4648, no padding) of: two bytes of length, four bytes of BLAKE3 over
//! what follows, and the [`Invite`] in the control format. Base32 has no character that a chat program takes for
//! formatting, that a double click stops at, or that a change of case breaks. Reading skips white space, quote marks
//! and invisible characters, whatever stands before the prefix and whatever follows the last byte. Of several invites
//! in one text the first that can be used counts.

use std::net::SocketAddr;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    VERSION, codec,
    id::SpaceId,
    limits::{INVITE_ADDRESSES, INVITE_BYTES, INVITE_CONTACTS, INVITE_TEXT_BYTES},
    profile::Contact,
    rights::{Certificate, Permission},
    time::UnixSeconds,
};

const PREFIX: &str = "metaverse-v";
const LENGTH_BYTES: usize = 2;
const CHECKSUM_BYTES: usize = 4;
const HEADER_BYTES: usize = LENGTH_BYTES + CHECKSUM_BYTES;

/// What an invite holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invite {
    /// The space.
    pub space: SpaceId,
    /// The right to ask for admission.
    pub permission: Certificate<Permission>,
    /// Members who can be asked, the host first; at most [`INVITE_CONTACTS`].
    pub contacts: Vec<Contact>,
}

/// Why a text is not an invite that can be used. The sentences are for players.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InviteError {
    /// Nothing was pasted.
    #[error("There is no invite: paste the text that somebody in the space copied for you.")]
    Empty,
    /// There is no prefix in the text.
    #[error("This text is not an invite. An invite begins with \"metaverse-v\".")]
    NotAnInvite,
    /// It comes from another version of the program.
    #[error(
        "This invite is from another version ({0}) of the game's network. Both sides need the same version."
    )]
    Version(u32),
    /// The end is missing.
    #[error("The end of this invite is missing. Copy all of it and paste it again.")]
    Truncated,
    /// A letter was changed.
    #[error("This invite was damaged on its way. Copy it again, all of it.")]
    Damaged,
    /// It is whole, and still makes no sense.
    #[error("This invite is not valid: {0}.")]
    Invalid(String),
    /// Its time is over.
    #[error("This invite has expired. Ask somebody in the space for a new one.")]
    Expired,
}

impl Invite {
    /// The invite as text.
    pub fn to_text(&self) -> String {
        let content = codec::encode(&self.trimmed());
        let mut bytes = (content.len() as u16).to_le_bytes().to_vec();
        bytes.extend(checksum(&content));
        bytes.extend(&content);
        format!(
            "{PREFIX}{VERSION}-{}",
            BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
        )
    }

    /// Finds and reads the invite in `text`, which may hold more than it. Checks all but the addresses.
    ///
    /// # Errors
    /// With a sentence for the player: see [`InviteError`].
    pub fn from_text(text: &str, now: UnixSeconds) -> Result<Self, InviteError> {
        let text = skim(text);
        if text.is_empty() {
            return Err(InviteError::Empty);
        }
        let mut first_error = InviteError::NotAnInvite;
        for (at, _) in text.match_indices(PREFIX) {
            match Self::read(&text[at + PREFIX.len()..], now) {
                Ok(invite) => return Ok(invite),
                Err(error) if first_error == InviteError::NotAnInvite => first_error = error,
                Err(_) => {}
            }
        }
        Err(first_error)
    }

    /// Reads an invite from what stands behind its prefix.
    fn read(text: &str, now: UnixSeconds) -> Result<Self, InviteError> {
        let invite: Self = codec::decode::<_, INVITE_BYTES>(&content(letters(text)?)?)
            .map_err(|error| invalid(&error.to_string()))?;
        if invite.contacts.is_empty() {
            return Err(invalid("it names nobody who could open the door"));
        }
        if invite.contacts.len() > INVITE_CONTACTS
            || invite
                .contacts
                .iter()
                .any(|contact| contact.addresses.len() > INVITE_ADDRESSES)
        {
            return Err(invalid("it names too many people or addresses"));
        }
        let permission = invite
            .permission
            .open(invite.space)
            .map_err(|error| invalid(&error.to_string()))?;
        if permission.expires.is_some_and(|expires| now > expires) {
            return Err(InviteError::Expired);
        }
        Ok(invite)
    }

    fn trimmed(&self) -> Self {
        let contacts = self
            .contacts
            .iter()
            .take(INVITE_CONTACTS)
            .map(|contact| Contact {
                peer: contact.peer,
                addresses: loopback_last(&contact.addresses)
                    .into_iter()
                    .take(INVITE_ADDRESSES)
                    .collect(),
            });
        Self {
            contacts: contacts.collect(),
            ..self.clone()
        }
    }
}

/// Addresses that somebody elsewhere can use come before those of this machine alone.
fn loopback_last(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut addresses = addresses.to_vec();
    addresses.sort_by_key(|address| address.ip().is_loopback());
    addresses
}

fn invalid(reason: &str) -> InviteError {
    InviteError::Invalid(reason.to_owned())
}

fn checksum(content: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&blake3::hash(content).as_bytes()[..CHECKSUM_BYTES]);
    sum
}

/// The characters that an invite may be of, in lower case, without what chat and mail programs add between them.
fn skim(text: &str) -> String {
    let end = text.floor_char_boundary(INVITE_TEXT_BYTES);
    text[..end]
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// What stands behind the version, if it is ours.
fn letters(text: &str) -> Result<&str, InviteError> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (version, rest) = text.split_at(digits);
    if rest.is_empty() {
        return Err(InviteError::Truncated);
    }
    match (version.parse(), rest.strip_prefix('-')) {
        (Ok(VERSION), Some(letters)) => Ok(letters),
        (Ok(version), Some(_)) => Err(InviteError::Version(version)),
        _ => Err(InviteError::NotAnInvite),
    }
}

/// The content at the beginning of `letters`, held to its length and checksum.
fn content(letters: &str) -> Result<Vec<u8>, InviteError> {
    let run = letters
        .find(|c| !matches!(c, 'a'..='z' | '2'..='7'))
        .unwrap_or(letters.len());
    let (letters, rest) = letters.split_at(run);
    let missing = || {
        if rest.is_empty() {
            InviteError::Truncated
        } else {
            InviteError::Damaged
        }
    };

    // As many letters as stand for whole bytes, the length among them.
    let start = letters.get(..8).ok_or_else(missing)?;
    let start = decode_letters(start)?;
    let length = usize::from(u16::from_le_bytes([start[0], start[1]]));
    if length > INVITE_BYTES {
        return Err(InviteError::Damaged);
    }
    let whole = letters
        .get(..BASE32_NOPAD.encode_len(HEADER_BYTES + length))
        .ok_or_else(missing)?;
    let bytes = decode_letters(whole)?;
    let (header, content) = bytes.split_at(HEADER_BYTES);
    if header[LENGTH_BYTES..] != checksum(content) {
        return Err(InviteError::Damaged);
    }
    Ok(content.to_vec())
}

fn decode_letters(letters: &str) -> Result<Vec<u8>, InviteError> {
    BASE32_NOPAD
        .decode(letters.to_ascii_uppercase().as_bytes())
        .map_err(|_| InviteError::Damaged)
}
