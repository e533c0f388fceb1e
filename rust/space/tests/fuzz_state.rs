//! Fuzz target of the shared state in the machine: whatever a member says of it, in frames that are understood, nothing
//! panics, the limits hold, and the others go on and have the same.

mod common;

use std::time::Duration;

use bolero::TypeGenerator;
use bytes::Bytes;
use common::World;
use metaverse_protocol::{
    id::PeerId,
    lane::Lane,
    limits::{STATE_BYTES, STATE_IDS},
    state::{Author, BUCKETS, Entry, Key, LATEST_TIME, StateFrame},
};

/// What a member says.
#[derive(Clone, Debug, TypeGenerator)]
enum Said {
    Changes(Vec<Write>),
    SnapshotEnd,
    Taken(u64),
    AskTaken,
    AskSnapshot,
    Digest(i64, u8, u64),
    FarDigest(u64, u64),
    Buckets(u8, u32),
    Summary(u8, Vec<Write>),
    Want(Vec<u16>),
    Pass(u8),
}

#[derive(Clone, Debug, TypeGenerator)]
struct Write {
    id: u8,
    key: Option<u8>,
    time: u32,
    is_far: bool,
    author: u8,
    value: Option<u8>,
}

impl Write {
    fn entry<C>(&self, content: C) -> Entry<C> {
        Entry {
            id: u32::from(self.id),
            key: self
                .key
                .map(|key| Key::new(&format!("key/{}", key % 20)).expect("a key")),
            time: if self.is_far {
                LATEST_TIME - u64::from(self.time)
            } else {
                u64::from(self.time % 60_000)
            },
            counter: u32::from(self.author),
            author: match self.author % 4 {
                0 => Author::Sender,
                1 => Author::Known(self.author % 16),
                _ => Author::New(self.author % 16, PeerId([self.author; 32])),
            },
            content,
        }
    }
}

fn frame(said: &Said) -> Option<StateFrame> {
    let frame = match said {
        Said::Changes(writes) => {
            let value = |write: &Write| {
                let size = usize::from(write.value?) * 257;
                Some(Bytes::from(vec![write.id; size]))
            };
            let entries = writes.iter().take(3);
            StateFrame::Changes(entries.map(|write| write.entry(value(write))).collect())
        }
        Said::SnapshotEnd => StateFrame::SnapshotEnd,
        Said::Taken(bytes) => StateFrame::Taken { bytes: *bytes },
        Said::AskTaken => StateFrame::AskTaken,
        Said::AskSnapshot => StateFrame::AskSnapshot,
        Said::Digest(origin, step, root) => StateFrame::Digest {
            origin: *origin,
            step: u64::from(*step),
            root: *root,
        },
        Said::FarDigest(step, root) => StateFrame::Digest {
            origin: i64::MAX,
            step: *step,
            root: *root,
        },
        Said::Buckets(step, digest) => StateFrame::Buckets {
            step: u64::from(*step),
            digests: Box::new([*digest; BUCKETS]),
        },
        Said::Summary(buckets, writes) => StateFrame::Summary {
            buckets: [*buckets; BUCKETS / 8],
            entries: writes.iter().map(|write| write.entry(7)).collect(),
        },
        Said::Want(ids) => {
            let ids = ids.iter().map(|id| u32::from(*id) % STATE_IDS as u32);
            StateFrame::Want(ids.collect())
        }
        Said::Pass(_) => return None,
    };
    Some(frame)
}

#[test]
fn a_member_may_say_anything_of_the_state() {
    bolero::check!()
        .with_iterations(400)
        .with_type::<Vec<Said>>()
        .for_each(|all| {
            let mut world = World::meeting(1, 3);
            world.write(1, "key/1", "honest");
            world.write(0, "mine", "honest");
            for said in all {
                match (frame(said), said) {
                    (Some(frame), _) => world.forge(0, 2, Lane::State, frame.encode()),
                    (None, Said::Pass(tenths)) => {
                        world.run(Duration::from_millis(100) * u32::from(*tenths));
                    }
                    (None, _) => {}
                }
            }
            world.kill(2);
            world.run(Duration::from_mins(2));
            assert!(world.agrees() && world.shares());
            let bytes: usize = world.values(0).values().map(|value| value.len()).sum();
            assert!(bytes <= STATE_BYTES);
            world.write(1, "at last", "unharmed");
            world.run(Duration::from_secs(1));
            assert_eq!(world.value(0, "at last"), Some("unharmed"));
        });
}
