//! The shared state on its lane: what has changed, and how two members find out in what they differ.
//!
//! Packed by hand, as a change is smaller than what a general format adds to it. A key travels as text once on a link and
//! then by the number that its sender gave it; authors likewise; times as the distance from the entry before.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use thiserror::Error;

use crate::{
    id::PeerId,
    limits::{STATE_ENTRIES, STATE_FRAME_BYTES, STATE_IDS, STATE_KEY_BYTES, STATE_VALUE_BYTES},
};

/// Parts into which the keys fall, by their hash, so that a difference is searched for in a part only.
pub const BUCKETS: usize = 256;

/// The latest time that a stamp can have, in milliseconds: some nine thousand years.
pub const LATEST_TIME: u64 = (1 << 48) - 1;

/// The name of a value: 1 to 128 bytes of text without the character NUL, which Godot's strings cannot hold.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

/// A text that cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// No text at all.
    #[error("a key cannot be empty")]
    Empty,
    /// Too much text.
    #[error("a key has at most {STATE_KEY_BYTES} bytes, and this has {0}")]
    TooLong(usize),
    /// Text with NUL in it.
    #[error("a key cannot hold the character NUL")]
    Nul,
}

impl Key {
    /// The key named `text`.
    ///
    /// # Errors
    /// When the text is empty, too long, or holds NUL.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        match text.len() {
            0 => Err(KeyError::Empty),
            length if length > STATE_KEY_BYTES => Err(KeyError::TooLong(length)),
            _ if text.contains('\0') => Err(KeyError::Nul),
            _ => Ok(Self(text.into())),
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part that the key falls into.
    pub fn bucket(&self) -> u8 {
        blake3::hash(self.0.as_bytes()).as_bytes()[0]
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// When a value was written, and by whom. The greater of two is the later, for everyone (Kulkarni and others, *Logical
/// Physical Clocks*, 2014; ties by id).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stamp {
    /// Milliseconds of the space's time.
    pub time: u64,
    /// Tells apart what was written within one millisecond.
    pub counter: u32,
    /// Who has written.
    pub author: PeerId,
}

/// Eight bytes that stand for one entry of the state: its key, its stamp, and the value, `None` for an erased one.
pub fn entry_digest(key: &Key, stamp: &Stamp, value: Option<&[u8]>) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[key.0.len() as u8, u8::from(value.is_some())]);
    hasher.update(key.0.as_bytes());
    hasher.update(&stamp.time.to_le_bytes());
    hasher.update(&stamp.counter.to_le_bytes());
    hasher.update(&stamp.author.0);
    hasher.update(value.unwrap_or_default());
    let mut digest = [0; 8];
    hasher.finalize_xof().fill(&mut digest);
    u64::from_le_bytes(digest)
}

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

/// One entry of the state, in terms that its link knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry<C> {
    /// The sender's number of the key.
    pub id: u32,
    /// The key, where the link does not know it under this number.
    pub key: Option<Key>,
    /// The time of its stamp.
    pub time: u64,
    /// The counter of its stamp.
    pub counter: u32,
    /// The author of its stamp.
    pub author: Author,
    /// The value, `None` for an erased one; or the entry's digest in a summary.
    pub content: C,
}

/// An author, in terms that its link knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Author {
    /// The sender.
    Sender,
    /// Somebody who was named on this link.
    Known(u8),
    /// Somebody who from now on goes by a number.
    New(u8, PeerId),
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

const CHANGES: u8 = 0;
const SNAPSHOT_END: u8 = 1;
const TAKEN: u8 = 2;
const ASK_SNAPSHOT: u8 = 3;
const DIGEST: u8 = 4;
const BUCKET_DIGESTS: u8 = 5;
const SUMMARY: u8 = 6;
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

/// What an entry carries besides its key and stamp.
pub trait Content: Sized {
    #[doc(hidden)]
    fn write(&self, out: &mut Vec<u8>);
    #[doc(hidden)]
    fn read(reader: &mut Reader<'_>) -> Result<Self, StateError>;
}

impl Content for Option<Bytes> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => {
                put(out, value.len() as u64 + 1);
                out.extend_from_slice(value);
            }
            None => out.push(0),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, StateError> {
        let Some(length) = reader.varint()?.checked_sub(1) else {
            return Ok(None);
        };
        if length > STATE_VALUE_BYTES as u64 {
            return Err(StateError::OutOfRange);
        }
        // A copy, so that a small value does not keep its whole frame.
        let value = Bytes::copy_from_slice(reader.take(length as usize)?);
        Ok(Some(value))
    }
}

impl Content for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.to_le_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, StateError> {
        Ok(Self::from_le_bytes(reader.array()?))
    }
}

/// Writes a frame of entries, one after another, so that its length is known all the time.
#[derive(Debug)]
pub struct EntryWriter<C> {
    out: Vec<u8>,
    empty: usize,
    entries: usize,
    time: u64,
    key: Option<Key>,
    content: std::marker::PhantomData<C>,
}

impl EntryWriter<Option<Bytes>> {
    /// Begins a [`StateFrame::Changes`].
    pub fn changes() -> Self {
        Self::new(vec![CHANGES])
    }
}

impl EntryWriter<u64> {
    /// Begins a [`StateFrame::Summary`] of `buckets`.
    pub fn summary(buckets: &[u8; BUCKETS / 8]) -> Self {
        let mut out = vec![SUMMARY];
        out.extend_from_slice(buckets);
        Self::new(out)
    }

    /// Adds a bucket to the summary, all of whose entries follow.
    pub fn add_bucket(&mut self, bucket: u8) {
        self.out[1 + usize::from(bucket / 8)] |= 1 << (bucket % 8);
    }
}

impl<C: Content> EntryWriter<C> {
    fn new(out: Vec<u8>) -> Self {
        Self {
            empty: out.len(),
            out,
            entries: 0,
            time: 0,
            key: None,
            content: std::marker::PhantomData,
        }
    }

    /// Appends an entry.
    pub fn push(&mut self, entry: &Entry<C>) {
        self.entries += 1;
        put(
            &mut self.out,
            u64::from(entry.id) << 1 | u64::from(entry.key.is_some()),
        );
        if let Some(key) = &entry.key {
            self.put_key(key);
        }
        let distance = zigzag(entry.time.cast_signed() - self.time.cast_signed());
        self.time = entry.time;
        let kind = match entry.author {
            Author::Sender => 0,
            Author::Known(_) => 1,
            Author::New(..) => 2,
        };
        let has_counter = entry.counter != 0;
        put(
            &mut self.out,
            distance << 3 | u64::from(has_counter) << 2 | kind,
        );
        if has_counter {
            put(&mut self.out, u64::from(entry.counter));
        }
        match entry.author {
            Author::Sender => {}
            Author::Known(number) => self.out.push(number),
            Author::New(number, peer) => {
                self.out.push(number);
                self.out.extend(peer.0);
            }
        }
        entry.content.write(&mut self.out);
    }

    /// A key as what it does not share with the one before.
    fn put_key(&mut self, key: &Key) {
        let before = self.key.as_ref().map_or("", Key::as_str).as_bytes();
        let text = key.as_str().as_bytes();
        let shared = before.iter().zip(text).take_while(|(a, b)| a == b).count();
        self.out.push(shared as u8);
        self.out.push((text.len() - shared) as u8);
        self.out.extend_from_slice(&text[shared..]);
        self.key = Some(key.clone());
    }

    /// Whether nothing was appended.
    pub fn is_empty(&self) -> bool {
        self.out.len() == self.empty
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Entries so far; a frame has at most [`STATE_ENTRIES`].
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// The frame.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}

fn read_entries<C: Content>(reader: &mut Reader<'_>) -> Result<Vec<Entry<C>>, StateError> {
    let mut entries = Vec::new();
    let mut time = 0;
    let mut last_key = None;
    while !reader.0.is_empty() {
        if entries.len() == STATE_ENTRIES {
            return Err(StateError::OutOfRange);
        }
        let entry = read_entry(reader, time, &mut last_key)?;
        time = entry.time;
        entries.push(entry);
    }
    Ok(entries)
}

fn read_entry<C: Content>(
    reader: &mut Reader<'_>,
    time: u64,
    last_key: &mut Option<Key>,
) -> Result<Entry<C>, StateError> {
    let head = reader.varint()?;
    let id = checked_id(head >> 1)?;
    let mut key = None;
    if head & 1 != 0 {
        let read = read_key(reader, last_key.as_ref())?;
        *last_key = Some(read.clone());
        key = Some(read);
    }
    let stamp = reader.varint()?;
    let time = time
        .checked_add_signed(unzigzag(stamp >> 3))
        .filter(|time| *time <= LATEST_TIME)
        .ok_or(StateError::OutOfRange)?;
    let counter = if stamp & 4 == 0 {
        0
    } else {
        u32::try_from(reader.varint()?).map_err(|_| StateError::OutOfRange)?
    };
    let author = match stamp & 3 {
        0 => Author::Sender,
        1 => Author::Known(reader.byte()?),
        2 => Author::New(reader.byte()?, PeerId(reader.array()?)),
        _ => return Err(StateError::OutOfRange),
    };
    Ok(Entry {
        id,
        key,
        time,
        counter,
        author,
        content: C::read(reader)?,
    })
}

fn read_key(reader: &mut Reader<'_>, before: Option<&Key>) -> Result<Key, StateError> {
    let before = before.map_or("", Key::as_str).as_bytes();
    let shared = usize::from(reader.byte()?);
    let length = usize::from(reader.byte()?);
    let mut text = before.get(..shared).ok_or(StateError::Key)?.to_vec();
    text.extend_from_slice(reader.take(length)?);
    let text = std::str::from_utf8(&text).map_err(|_| StateError::Key)?;
    Key::new(text).map_err(|_| StateError::Key)
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

fn checked_id(id: u64) -> Result<u32, StateError> {
    if id < STATE_IDS as u64 {
        Ok(id as u32)
    } else {
        Err(StateError::OutOfRange)
    }
}

/// Seven bits a byte, the lowest first; the top bit says that more follow (LEB128).
fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Signed as unsigned, so that small distances are small numbers.
fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// What is left of a frame.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, StateError> {
        Ok(self.array::<1>()?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], StateError> {
        let (head, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(StateError::WrongLength)?;
        self.0 = rest;
        Ok(*head)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], StateError> {
        let (head, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(StateError::WrongLength)?;
        self.0 = rest;
        Ok(head)
    }

    fn varint(&mut self) -> Result<u64, StateError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(StateError::OutOfRange);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(StateError::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn keys_have_limits() {
        assert_eq!(Key::new(""), Err(KeyError::Empty));
        assert_eq!(Key::new("a\0b"), Err(KeyError::Nul));
        let long = "k".repeat(STATE_KEY_BYTES + 1);
        assert_eq!(Key::new(&long), Err(KeyError::TooLong(long.len())));
        assert!(Key::new(&long[1..]).is_ok());
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

    #[test]
    fn the_digest_tells_entries_apart() {
        let key = Key::new("k").expect("a key");
        let stamp = Stamp {
            time: 1,
            counter: 2,
            author: PeerId([3; 32]),
        };
        let all = [
            entry_digest(&key, &stamp, Some(b"v")),
            entry_digest(&key, &stamp, Some(b"")),
            entry_digest(&key, &stamp, None),
            entry_digest(&key, &Stamp { time: 2, ..stamp }, None),
            entry_digest(
                &key,
                &Stamp {
                    counter: 1,
                    ..stamp
                },
                None,
            ),
            entry_digest(&Key::new("kv").expect("a key"), &stamp, Some(b"")),
        ];
        let distinct: std::collections::BTreeSet<u64> = all.into_iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
