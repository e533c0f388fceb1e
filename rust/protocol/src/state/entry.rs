//! Entries of the state as they follow one another in a frame.

use bytes::Bytes;

use super::{
    BUCKETS, Key, LATEST_TIME,
    frame::{CHANGES, SUMMARY, StateError},
    packing::{Reader, checked_id, put, unzigzag, zigzag},
};
use crate::{
    id::PeerId,
    limits::{STATE_ENTRIES, STATE_VALUE_BYTES},
};

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

pub(super) fn read_entries<C: Content>(
    reader: &mut Reader<'_>,
) -> Result<Vec<Entry<C>>, StateError> {
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
