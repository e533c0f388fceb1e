//! The frames of the state lane.

use bytes::Bytes;
use thiserror::Error;

use super::{
    BUCKETS,
    entry::{Content, Entry, EntryWriter, read_entries},
    packing::{Reader, checked_id, put, unzigzag, zigzag},
};
use crate::limits::{STATE_ENTRIES, STATE_FRAME_BYTES};

/// A frame of the state lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StateFrame {
    /// Entries that the receiver does not have yet, as far as the sender knows.
    Changes(Vec<Entry<Option<Bytes>>>),
    /// All of the snapshot that was asked for has gone before this.
    SnapshotEnd,
    /// How many bytes of [`StateFrame::Changes`] the sender has taken since the link is open.
    Taken {
        /// All of them.
        bytes: u64,
    },
    /// Asks how many bytes the receiver has taken, now, as the sender is about to leave.
    AskTaken,
    /// Asks for everything.
    AskSnapshot,
    /// What the sender's state was at a moment, so that the receiver sees whether it is the same.
    Digest {
        /// The sender's steady clock at the beginning of the space's time, in microseconds.
        origin: i64,
        /// The moment, counted in steps that all members share.
        step: u64,
        /// Stands for all buckets.
        root: u64,
    },
    /// The answer to a digest that differs.
    Buckets {
        /// The moment.
        step: u64,
        /// What stands for each bucket.
        digests: Box<[u32; BUCKETS]>,
    },
    /// The answer to buckets: what the sender has in those that differ, without the values.
    Summary {
        /// One bit for each bucket.
        buckets: [u8; BUCKETS / 8],
        /// All entries in these buckets, each with its digest.
        entries: Vec<Entry<u64>>,
    },
    /// Asks for entries that were in a summary of the receiver's, by the receiver's numbers.
    Want(Vec<u32>),
}

/// Why a frame was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StateError {
    /// It has more bytes than any frame.
    #[error("a frame of {0} bytes")]
    TooLong(usize),
    /// It ends early or late.
    #[error("a frame that ends early or late")]
    WrongLength,
    /// It is of a kind that this version does not know.
    #[error("an unknown kind of frame: {0}")]
    UnknownKind(u8),
    /// A number is beyond its range.
    #[error("a number out of range")]
    OutOfRange,
    /// A key is none.
    #[error("a key that is none")]
    Key,
}

pub(super) const CHANGES: u8 = 0;
const SNAPSHOT_END: u8 = 1;
const TAKEN: u8 = 2;
const ASK_SNAPSHOT: u8 = 3;
const DIGEST: u8 = 4;
const BUCKET_DIGESTS: u8 = 5;
pub(super) const SUMMARY: u8 = 6;
const WANT: u8 = 7;
const ASK_TAKEN: u8 = 8;

impl StateFrame {
    /// The frame as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Changes(entries) => return write_all(EntryWriter::changes(), entries),
            Self::SnapshotEnd => out.push(SNAPSHOT_END),
            Self::Taken { bytes } => {
                out.push(TAKEN);
                put(&mut out, *bytes);
            }
            Self::AskTaken => out.push(ASK_TAKEN),
            Self::AskSnapshot => out.push(ASK_SNAPSHOT),
            Self::Digest { origin, step, root } => {
                out.push(DIGEST);
                put(&mut out, zigzag(*origin));
                put(&mut out, *step);
                out.extend(root.to_le_bytes());
            }
            Self::Buckets { step, digests } => {
                out.push(BUCKET_DIGESTS);
                put(&mut out, *step);
                out.extend(digests.iter().flat_map(|digest| digest.to_le_bytes()));
            }
            Self::Summary { buckets, entries } => {
                return write_all(EntryWriter::summary(buckets), entries);
            }
            Self::Want(ids) => {
                out.push(WANT);
                for id in ids {
                    put(&mut out, u64::from(*id));
                }
            }
        }
        out
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// When it is too long or malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        if bytes.len() > STATE_FRAME_BYTES {
            return Err(StateError::TooLong(bytes.len()));
        }
        let mut reader = Reader(bytes);
        let frame = match reader.byte()? {
            CHANGES => Self::Changes(read_entries(&mut reader)?),
            SNAPSHOT_END => Self::SnapshotEnd,
            TAKEN => Self::Taken {
                bytes: reader.varint()?,
            },
            ASK_TAKEN => Self::AskTaken,
            ASK_SNAPSHOT => Self::AskSnapshot,
            DIGEST => Self::Digest {
                origin: unzigzag(reader.varint()?),
                step: reader.varint()?,
                root: u64::from_le_bytes(reader.array()?),
            },
            BUCKET_DIGESTS => Self::Buckets {
                step: reader.varint()?,
                digests: read_digests(&mut reader)?,
            },
            SUMMARY => Self::Summary {
                buckets: reader.array()?,
                entries: read_entries(&mut reader)?,
            },
            WANT => Self::Want(read_ids(&mut reader)?),
            unknown => return Err(StateError::UnknownKind(unknown)),
        };
        if reader.0.is_empty() {
            Ok(frame)
        } else {
            Err(StateError::WrongLength)
        }
    }
}

fn write_all<C: Content>(mut writer: EntryWriter<C>, entries: &[Entry<C>]) -> Vec<u8> {
    for entry in entries {
        writer.push(entry);
    }
    writer.finish()
}

fn read_digests(reader: &mut Reader<'_>) -> Result<Box<[u32; BUCKETS]>, StateError> {
    let mut digests = Box::new([0; BUCKETS]);
    for digest in digests.iter_mut() {
        *digest = u32::from_le_bytes(reader.array()?);
    }
    Ok(digests)
}

fn read_ids(reader: &mut Reader<'_>) -> Result<Vec<u32>, StateError> {
    let mut ids = Vec::new();
    while !reader.0.is_empty() {
        if ids.len() == STATE_ENTRIES {
            return Err(StateError::OutOfRange);
        }
        ids.push(checked_id(reader.varint()?)?);
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::PeerId,
        limits::{STATE_IDS, STATE_VALUE_BYTES},
        state::{Author, Key, LATEST_TIME},
    };

    fn entry(id: u32, key: Option<&str>, time: u64) -> Entry<Option<Bytes>> {
        Entry {
            id,
            key: key.map(|key| Key::new(key).expect("a key")),
            time,
            counter: 0,
            author: Author::Sender,
            content: Some(Bytes::from_static(b"abc")),
        }
    }

    #[test]
    fn what_is_encoded_decodes() {
        let mut second = entry(7, Some("note/12"), 90);
        second.author = Author::New(3, PeerId([9; 32]));
        second.counter = 1_000;
        let mut third = entry(7, None, LATEST_TIME);
        third.content = None;
        third.author = Author::Known(3);
        let summary = Entry {
            id: 1,
            key: None,
            time: 5,
            counter: 0,
            author: Author::Sender,
            content: u64::MAX,
        };
        for frame in [
            StateFrame::Changes(vec![entry(0, Some("note/1"), 100), second, third]),
            StateFrame::SnapshotEnd,
            StateFrame::Taken { bytes: u64::MAX },
            StateFrame::AskTaken,
            StateFrame::AskSnapshot,
            StateFrame::Digest {
                origin: i64::MIN,
                step: 77,
                root: u64::MAX,
            },
            StateFrame::Buckets {
                step: 77,
                digests: Box::new([3; BUCKETS]),
            },
            StateFrame::Summary {
                buckets: [0xa5; 32],
                entries: vec![summary],
            },
            StateFrame::Want(vec![0, 1, STATE_IDS as u32 - 1]),
        ] {
            assert_eq!(StateFrame::decode(&frame.encode()), Ok(frame));
        }
    }

    #[test]
    fn a_change_of_a_known_key_adds_few_bytes_to_its_value() {
        let first = StateFrame::Changes(vec![entry(8_000, None, 3_600_000)]);
        let both = StateFrame::Changes(vec![
            entry(8_000, None, 3_600_000),
            entry(9, None, 3_600_008),
        ]);
        assert_eq!(first.encode().len(), 1 + 2 + 4 + 1 + 3);
        assert_eq!(both.encode().len() - first.encode().len(), 1 + 2 + 1 + 3);
    }

    #[test]
    fn a_frame_cut_short_anywhere_is_an_error() {
        let whole = StateFrame::Changes(vec![entry(0, Some("note/1"), 100)]).encode();
        for length in 2..whole.len() {
            assert!(StateFrame::decode(&whole[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_errors() {
        assert_eq!(StateFrame::decode(&[]), Err(StateError::WrongLength));
        assert_eq!(StateFrame::decode(&[99]), Err(StateError::UnknownKind(99)));
        let mut far = vec![CHANGES, 0];
        put(&mut far, zigzag(LATEST_TIME.cast_signed() + 1) << 3);
        far.push(0);
        assert_eq!(StateFrame::decode(&far), Err(StateError::OutOfRange));
        let mut id = vec![WANT];
        put(&mut id, STATE_IDS as u64);
        assert_eq!(StateFrame::decode(&id), Err(StateError::OutOfRange));
        let eleven = [TAKEN, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2];
        assert_eq!(StateFrame::decode(&eleven), Err(StateError::OutOfRange));
        let mut large = vec![CHANGES, 0, 0];
        put(&mut large, STATE_VALUE_BYTES as u64 + 2);
        large.extend(vec![0; STATE_VALUE_BYTES + 1]);
        assert_eq!(StateFrame::decode(&large), Err(StateError::OutOfRange));
    }

    #[test]
    fn a_key_shares_what_it_can_with_the_one_before_and_no_more() {
        let mut bytes = StateFrame::Changes(vec![entry(0, Some("ab"), 1)]).encode();
        let frame = StateFrame::Changes(vec![entry(0, Some("ab"), 1), entry(1, Some("abc"), 1)]);
        assert_eq!(frame.encode().len() - bytes.len(), 1 + 3 + 1 + 4);
        // A third entry that claims to share three bytes with a key of two.
        bytes.extend([3, 3, 1, b'x', 0, 0]);
        assert_eq!(StateFrame::decode(&bytes), Err(StateError::Key));
    }
}
