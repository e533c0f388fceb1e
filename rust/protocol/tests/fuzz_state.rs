//! The decoder of the shared state's frames, against any bytes and against frames that were damaged.

use std::time::Duration;

use bolero::{TypeGenerator, check};
use bytes::Bytes;
use metaverse_protocol::{
    id::PeerId,
    limits::{STATE_ENTRIES, STATE_FRAME_BYTES, STATE_IDS, STATE_KEY_BYTES, STATE_VALUE_BYTES},
    state::{Author, BUCKETS, Entry, Key, LATEST_TIME, StateFrame},
};

const TEST_TIME: Duration = Duration::from_millis(400);
const KINDS: u8 = 9;

#[derive(Debug, TypeGenerator)]
struct Frame {
    kind: u8,
    large: u64,
    origin: i64,
    digests: Vec<u32>,
    entries: Vec<Part>,
}

#[derive(Debug, TypeGenerator)]
struct Part {
    id: u32,
    key: Option<String>,
    time: u64,
    counter: u32,
    author: u8,
    peer: [u8; 32],
    value: Option<Vec<u8>>,
}

impl Frame {
    fn frame(&self) -> StateFrame {
        match self.kind % KINDS {
            0 => StateFrame::Changes(self.entries(|value| value.clone().map(Bytes::from))),
            1 => StateFrame::SnapshotEnd,
            2 => StateFrame::Taken { bytes: self.large },
            3 => StateFrame::AskTaken,
            4 => StateFrame::AskSnapshot,
            5 => StateFrame::Digest {
                origin: self.origin,
                step: self.large,
                root: !self.large,
            },
            6 => StateFrame::Buckets {
                step: self.large,
                digests: Box::new(std::array::from_fn(|place| {
                    self.digests.get(place).copied().unwrap_or_default()
                })),
            },
            7 => StateFrame::Summary {
                buckets: [self.kind; BUCKETS / 8],
                entries: self.entries(|value| value.as_ref().map_or(0, |value| value.len() as u64)),
            },
            _ => StateFrame::Want(
                self.digests
                    .iter()
                    .map(|id| id % STATE_IDS as u32)
                    .collect(),
            ),
        }
    }

    fn entries<C>(&self, content: impl Fn(&Option<Vec<u8>>) -> C) -> Vec<Entry<C>> {
        let entry = |part: &Part| Entry {
            id: part.id % STATE_IDS as u32,
            key: part.key.as_ref().and_then(|key| Key::new(key).ok()),
            time: part.time & LATEST_TIME,
            counter: part.counter,
            author: match part.author % 3 {
                0 => Author::Sender,
                1 => Author::Known(part.author),
                _ => Author::New(part.author, PeerId(part.peer)),
            },
            content: content(&part.value),
        };
        self.entries.iter().map(entry).collect()
    }
}

/// What decodes keeps the limits, and means the same when it is written again, in as many bytes or fewer.
fn is_faithful(bytes: &[u8]) {
    let Ok(frame) = StateFrame::decode(bytes) else {
        return;
    };
    assert!(bytes.len() <= STATE_FRAME_BYTES);
    if let StateFrame::Changes(entries) = &frame {
        assert!(entries.len() <= STATE_ENTRIES);
        for entry in entries {
            let key = entry.key.as_ref().map_or("k", Key::as_str);
            assert!((1..=STATE_KEY_BYTES).contains(&key.len()));
            assert!((entry.id as usize) < STATE_IDS && entry.time <= LATEST_TIME);
            assert!(entry.content.as_ref().map_or(0, Bytes::len) <= STATE_VALUE_BYTES);
        }
    }
    let again = frame.encode();
    assert!(again.len() <= bytes.len(), "{frame:?}");
    assert_eq!(StateFrame::decode(&again), Ok(frame));
}

#[test]
fn the_decoder_takes_any_bytes() {
    check!().with_test_time(TEST_TIME).for_each(is_faithful);
}

#[test]
fn the_decoder_takes_damaged_frames() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<(Frame, Vec<(u16, u8)>, u16)>()
        .for_each(|(frame, changes, cut)| {
            let mut bytes = frame.frame().encode();
            for (at, value) in changes.iter().take(4) {
                let at = usize::from(*at) % bytes.len();
                bytes[at] = *value;
            }
            is_faithful(&bytes);
            bytes.truncate(usize::from(*cut) % bytes.len());
            is_faithful(&bytes);
        });
}

#[test]
fn frames_arrive_as_they_were_sent() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<Frame>()
        .for_each(|frame| {
            let frame = frame.frame();
            assert_eq!(StateFrame::decode(&frame.encode()), Ok(frame));
        });
}
