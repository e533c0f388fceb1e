//! Fuzz target of avatars in the machine: a member that lies in bundles, receipts, watches and skeletons that are well-formed
//! or nearly so. Whatever is dropped is counted, what is shown is a pose, and the others go on.

mod common;

use std::time::Duration;

use bolero::TypeGenerator;
use bytes::Bytes;
use common::{Who, World, standing};
use glam::{Quat, Vec3};
use metaverse_avatar::{Encoder, Level, Pose, Rig};
use metaverse_protocol::{
    control::{Control, Watch},
    datagram::{Bundle, BundleSequence, Datagram, PoseEntry, Receipt},
    id::AvatarId,
    lane::Lane,
    limits::AVATARS,
    time::Tick,
};
use metaverse_space::{Counters, activity::ActivityProfile, io::Command, io::Input};

const VICTIM: Who = 0;
const WITNESS: Who = 1;
const LIAR: Who = 2;
const BEAT: Duration = Duration::from_millis(50);

/// What the liar says, and what happens meanwhile.
#[derive(Clone, Debug, TypeGenerator)]
enum Said {
    Poses(Poses),
    Receipt(u8, u16),
    Watch(Vec<(u8, u8, u8)>),
    Skeleton {
        avatar: u8,
        bones: u8,
        change: Option<Change>,
    },
    NoSkeleton(u8),
    /// Time passes, in which the honest ones move.
    Pass(u8),
}

/// A bundle: poses of the liar's one figure under many names.
#[derive(Clone, Debug, TypeGenerator)]
struct Poses {
    sequence: u8,
    /// Milliseconds by which its time of capture is wrong, if it is.
    is_misdated: Option<u16>,
    entries: Vec<Entry>,
    /// Changes what is sent as a whole.
    change: Option<Change>,
    /// Whether it is sent at all: later ones may be predicted from it anyway.
    is_sent: bool,
}

#[derive(Clone, Debug, TypeGenerator)]
struct Entry {
    avatar: u8,
    /// As it was encoded, and as which it is sent.
    level: u8,
    claimed: Option<u8>,
    /// Which poses it is predicted from: so many bundles ago.
    references: Vec<u8>,
    change: Option<Change>,
}

/// Spoils bytes at a place, and perhaps cuts them there.
#[derive(Clone, Debug, TypeGenerator)]
struct Change {
    place: u16,
    flips: u8,
    is_cut: bool,
}

impl Change {
    fn spoil(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let place = usize::from(self.place) % bytes.len();
        bytes[place] ^= self.flips;
        if self.is_cut {
            bytes.truncate(place);
        }
    }
}

/// The liar's memory of what it has encoded.
struct Liar {
    encoder: Encoder,
    captured: Vec<Tick>,
}

impl Liar {
    fn new() -> Self {
        Self {
            encoder: Encoder::new(Rig::humanoid()),
            captured: Vec::new(),
        }
    }

    /// The bundle's bytes; `None` if nothing is in it.
    fn bundle(&mut self, now: Tick, said: &Poses) -> Option<Vec<u8>> {
        let captured = Tick(now.0.wrapping_add(said.is_misdated.unwrap_or(0)));
        let pose = bent(f32::from(captured.0) * 0.01);
        self.encoder.push(captured, &pose).expect("a pose");
        self.captured.insert(0, captured);
        let mut bundle = Bundle::new(BundleSequence::new(said.sequence), captured);
        for entry in &said.entries {
            let level = Level::ALL[usize::from(entry.level) % Level::ALL.len()];
            let mut payload = Vec::new();
            self.encoder
                .encode(level, &self.references(entry), &mut payload);
            if let Some(change) = &entry.change {
                change.spoil(&mut payload);
            }
            bundle.push(PoseEntry {
                avatar: AvatarId(u16::from(entry.avatar) % AVATARS as u16),
                level: entry.claimed.map_or(level.number(), |claimed| claimed % 4),
                payload: &payload,
            });
        }
        let mut bytes = bundle.finish()?;
        if let Some(change) = &said.change {
            change.spoil(&mut bytes);
        }
        Some(bytes)
    }

    fn references(&self, entry: &Entry) -> Vec<Tick> {
        let mut ages: Vec<usize> = entry
            .references
            .iter()
            .map(|age| usize::from(*age))
            .collect();
        ages.sort_unstable();
        ages.dedup();
        ages.into_iter()
            .filter_map(|age| self.captured.get(age + 1).copied())
            .collect()
    }
}

/// A figure all of whose bones are bent.
fn bent(phase: f32) -> Pose {
    let mut pose = standing(phase.sin());
    for (bone, rotation) in pose.rotations.iter_mut().enumerate() {
        *rotation = Quat::from_rotation_x(0.4 * (phase + bone as f32).sin());
    }
    pose
}

fn counters(world: &World) -> Counters {
    let space = world.people[VICTIM].space.as_ref();
    space.expect("inside").counters()
}

/// How many poses of the liar the victim was shown, has dropped one by one, and how many datagrams it has dropped whole.
fn fates(world: &World) -> (usize, u64) {
    let liar = world.number(LIAR);
    let poses = &world.people[VICTIM].poses;
    let shown = poses.iter().filter(|pose| pose.member == liar).count();
    let counted = counters(world);
    let one_by_one = counted.late_poses + counted.undecodable_poses;
    (
        shown + one_by_one as usize,
        counted.malformed_datagrams + counted.flooded_datagrams + counted.unauthorized,
    )
}

/// Hands a datagram in, and sees that everything in it is shown or counted.
fn send(world: &mut World, bytes: Vec<u8>) {
    let bytes = Bytes::from(bytes);
    let entries = match Datagram::decode(&bytes) {
        Ok(Datagram::Poses { entries, .. }) => entries.count(),
        _ => 0,
    };
    let (poses, datagrams) = fates(world);
    let from = world.peer(LIAR);
    world.input(VICTIM, Input::Datagram { from, bytes });
    if !world.is_linked(VICTIM, LIAR) {
        return;
    }
    let (poses_after, datagrams_after) = fates(world);
    let (poses, datagrams) = (poses_after - poses, datagrams_after - datagrams);
    // What is from another time is counted once for all.
    let is_accounted = poses == entries || datagrams == 1 || poses == 1;
    assert!(
        entries == 0 || is_accounted,
        "of {entries} poses {poses} are accounted for, and {datagrams} datagrams"
    );
}

fn say(world: &mut World, liar: &mut Liar, said: &Said) {
    let avatar = |number: u8| AvatarId(u16::from(number));
    let control = match said {
        Said::Poses(poses) => {
            let now = Tick::from(world.now(LIAR).time);
            let bundle = liar.bundle(now, poses);
            if let Some(bytes) = bundle.filter(|_| poses.is_sent) {
                send(world, bytes);
            }
            return;
        }
        Said::Receipt(newest, before) => {
            let receipt = Datagram::Receipt(Receipt {
                newest: BundleSequence::new(*newest),
                before: *before,
            });
            return send(world, receipt.encode());
        }
        Said::Pass(beats) => {
            for _ in 0..beats % 8 {
                live(world);
            }
            return;
        }
        Said::Watch(watches) => Control::Watch(
            watches
                .iter()
                .map(|(number, level, rate)| Watch {
                    avatar: avatar(*number),
                    level: *level,
                    rate: *rate,
                })
                .collect(),
        ),
        Said::Skeleton {
            avatar: number,
            bones,
            change,
        } => {
            let all = Rig::humanoid();
            let most = usize::from(*bones) % (all.bones().len() + 1);
            let rig = {
                let expressions = (0..bones % 3).map(|at| format!("Expression{at}"));
                Rig::new(all.bones()[..most].to_vec(), expressions.collect())
            };
            let mut bytes = Vec::new();
            rig.expect("a part of a skeleton").encode_into(&mut bytes);
            if let Some(change) = change {
                change.spoil(&mut bytes);
            }
            Control::Avatar {
                avatar: avatar(*number),
                rig: Some(bytes),
            }
        }
        Said::NoSkeleton(number) => Control::Avatar {
            avatar: avatar(*number),
            rig: None,
        },
    };
    world.forge(VICTIM, LIAR, Lane::Control, control.encode());
}

/// A beat in which the honest ones move.
fn live(world: &mut World) {
    for who in [VICTIM, WITNESS] {
        let pose = bent(world.time.0 as f32 / 1e6);
        world.pose(who, pose);
    }
    world.run(BEAT);
}

fn assert_sound(pose: &Pose) {
    assert!(pose.root.position().is_finite() && pose.root.rotation().is_normalized());
    assert!(pose.hips.is_finite());
    assert!(
        pose.rotations
            .iter()
            .all(|rotation| rotation.is_normalized())
    );
    assert!(
        pose.expressions
            .iter()
            .all(|weight| (0.0..=1.0).contains(weight))
    );
}

#[test]
fn a_member_may_show_anything() {
    bolero::check!()
        .with_iterations(400)
        .with_type::<Vec<Said>>()
        .for_each(|all| {
            let mut world = World::meeting(1, 3);
            for who in [VICTIM, WITNESS] {
                world.show(who, &Rig::humanoid());
                let profile = ActivityProfile::PLAIN;
                let viewpoint = None;
                world.command(who, Command::Watch { viewpoint, profile });
            }
            let mut liar = Liar::new();
            for said in all {
                say(&mut world, &mut liar, said);
            }
            let now = world.now(VICTIM).time;
            for seen in &world.people[VICTIM].poses {
                assert_sound(&seen.pose);
                assert!(seen.captured <= now);
            }
            // The honest ones see each other as if nothing had been.
            for _ in 0..20 {
                live(&mut world);
            }
            for (viewer, of) in [(VICTIM, WITNESS), (WITNESS, VICTIM)] {
                let seen = world.seen(viewer, of).expect("shown");
                assert_eq!(seen.level, Level::Near);
                let age = world.now(viewer).time.micros_after(seen.captured);
                assert!(age < 200_000, "{age} us old");
                assert!(seen.pose.root.position().distance(Vec3::ZERO) < 1.5);
            }
        });
}
