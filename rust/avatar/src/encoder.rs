//! The sending side of the pose codec.

use metaverse_protocol::time::Tick;
use std::collections::VecDeque;

use glam::{DVec3, Quat, Vec3};

use crate::{
    history::History,
    layout::{Integers, Layout},
    level::Level,
    limits::{BONES_MOST, POSES_REMEMBERED},
    model::{REFERENCES_MOST, Spread},
    payload,
    pose::{Pose, PoseError, RootPose},
    precision::Precision,
    references::References,
    rig::Rig,
    rounding::{Hands, Rounding},
};

/// How long the newest pose of a figure that stands still stays the newest, in milliseconds: well below the 32 seconds over
/// which captures can be told apart, and seldom.
const NEWEST_MILLIS_MOST: i32 = 10_000;

/// Makes payloads of an avatar's poses. Allocates nothing once it is made, as long as the buffer that it writes into is
/// large enough ([`PAYLOAD_BYTES`](crate::limits::PAYLOAD_BYTES)).
#[derive(Debug)]
pub struct Encoder {
    rig: Rig,
    precision: Precision,
    hands: Hands,
    tracks: [Track; 3],
    newest: Option<Newest>,
    pose: Pose,
    /// The integers of the pose before it.
    before: Vec<Integers>,
    is_still: bool,
    globals: [(Vec3, Quat); BONES_MOST],
    /// The poses that were pushed, the newest last.
    pushed: VecDeque<Tick>,
    /// How many poses back those were that near receivers had confirmed when a pose was last encoded: the next one is rounded
    /// to be cheap for those that are as far behind.
    habit: Vec<usize>,
    /// With which references the newest pose was rounded, and what was expected of it then.
    planned: References,
    /// Of which confirmed poses those were selected.
    planned_of: Vec<Tick>,
    spreads: Vec<Spread>,
    /// Whether those two are of the newest pose, and not of one that made no difference to it.
    is_planned: bool,
}

/// The newest pose.
#[derive(Clone, Copy, Debug)]
struct Newest {
    captured: Tick,
    /// Whether it is the same as the one before it.
    has_stopped: bool,
    /// Whether it was encoded for somebody.
    is_used: bool,
}

/// What one level needs to know.
#[derive(Debug)]
struct Track {
    layout: Layout,
    history: History,
    /// The vectors of the newest pose, before they were rounded.
    vectors: Vec<DVec3>,
    values: Vec<Integers>,
    /// Whether the newest pose is in it: levels that nobody asks for are left alone.
    is_fresh: bool,
}

impl Encoder {
    /// An encoder for an avatar with this skeleton.
    pub fn new(rig: Rig) -> Self {
        Self::with_precision(rig, Precision::USUAL)
    }

    /// The same with another precision, which the decoders must have too.
    pub fn with_precision(rig: Rig, precision: Precision) -> Self {
        let tracks = Level::ALL.map(|level| Track::new(Layout::new(&rig, level, precision)));
        Self {
            hands: Hands::of(&rig),
            rig,
            precision,
            newest: None,
            pose: Pose::rest(RootPose::within_bounds(Vec3::ZERO, Quat::IDENTITY)),
            before: vec![Integers::ZERO; tracks[0].layout.groups.len()],
            is_still: false,
            globals: [(Vec3::ZERO, Quat::IDENTITY); BONES_MOST],
            pushed: VecDeque::with_capacity(POSES_REMEMBERED),
            habit: Vec::with_capacity(REFERENCES_MOST),
            planned: References::NONE,
            planned_of: Vec::with_capacity(REFERENCES_MOST),
            is_planned: false,
            spreads: Vec::with_capacity(tracks[0].layout.groups.len()),
            tracks,
        }
    }

    /// The skeleton.
    pub fn rig(&self) -> &Rig {
        &self.rig
    }

    /// Takes the pose that was captured at `captured`: rounds it once, for all receivers. It is remembered among
    /// the last [`POSES_REMEMBERED`](crate::limits::POSES_REMEMBERED) if it is encoded for anybody before the next.
    ///
    /// # Errors
    /// When the pose has a number that is not finite or out of bounds. Nothing is changed then.
    pub fn push(&mut self, captured: Tick, pose: &Pose) -> Result<(), PoseError> {
        self.take(captured, pose)?;
        self.make_newest(captured, pose);
        Ok(())
    }

    /// Takes the pose that was captured at `captured` as [`Self::push`] does, unless near receivers would see no difference to
    /// the two newest ones: then these remain the newest, as long as their names are not about to be given again, and this is
    /// false. It takes two to tell that a motion is over.
    ///
    /// # Errors
    /// When the pose has a number that is not finite or out of bounds. Nothing is changed then.
    pub fn push_if_changed(&mut self, captured: Tick, pose: &Pose) -> Result<bool, PoseError> {
        self.take(captured, pose)?;
        let lasting = self.newest.filter(|newest| {
            let age = captured.millis_after(newest.captured);
            newest.has_stopped && (0..NEWEST_MILLIS_MOST).contains(&age)
        });
        if let Some(newest) = lasting.filter(|_| self.is_still) {
            if !newest.is_used {
                self.remember(newest.captured);
            }
            self.is_planned = false;
            return Ok(false);
        }
        self.make_newest(captured, pose);
        Ok(true)
    }

    /// Rounds a pose for near receivers.
    fn take(&mut self, captured: Tick, pose: &Pose) -> Result<(), PoseError> {
        pose.check(&self.rig)?;
        self.rig
            .solve_forward(pose.hips, &pose.rotations, &mut self.globals);
        let near = &mut self.tracks[0];
        let is_settled = near.layout.measure(pose, &self.globals, &mut near.vectors);
        self.forget_unused();
        self.before.clone_from(&self.tracks[0].values);
        self.round(captured, is_settled);
        self.is_still = self.newest.is_some() && self.before == self.tracks[0].values;
        Ok(())
    }

    fn make_newest(&mut self, captured: Tick, pose: &Pose) {
        for track in &mut self.tracks[1..] {
            track.is_fresh = false;
        }
        self.pose.clone_from(pose);
        self.remember(captured);
        self.newest = Some(Newest {
            captured,
            has_stopped: self.is_still,
            is_used: false,
        });
        self.is_planned = true;
    }

    fn remember(&mut self, captured: Tick) {
        let near = &mut self.tracks[0];
        near.history.insert(captured, &near.values);
        if self.pushed.len() == POSES_REMEMBERED {
            self.pushed.pop_front();
        }
        self.pushed.push_back(captured);
    }

    /// Forgets the newest pose if nobody got it: so those that are known reach far back when little is sent.
    fn forget_unused(&mut self) {
        if let Some(newest) = self.newest.filter(|newest| !newest.is_used) {
            self.tracks[0].history.forget(newest.captured);
            self.pushed.pop_back();
        }
    }

    /// Rounds the near pose.
    fn round(&mut self, captured: Tick, is_settled: bool) {
        let track = &mut self.tracks[0];
        let likely = &mut self.planned_of;
        likely.clear();
        let pushed = &self.pushed;
        let before = |back: &usize| Some(pushed[pushed.len().checked_sub(*back)?]);
        likely.extend(self.habit.iter().filter_map(before));
        // At the beginning there is one more each time.
        let last = self.habit.last().filter(|_| likely.len() < REFERENCES_MOST);
        likely.extend(last.and_then(|back| before(&(back + 1))));
        self.planned = References::select(&track.history, captured, likely);
        self.spreads.clear();
        let mut rounding = Rounding {
            rig: &self.rig,
            hands: &self.hands,
            globals: &self.globals,
            vectors: &track.vectors,
            values: &mut track.values,
            spreads: &mut self.spreads,
            is_settled,
            coarseness: self.precision.factor(),
            off: [DVec3::ZERO; 2],
        };
        let walked = payload::walk(
            &track.layout,
            &track.history,
            captured,
            &self.planned,
            &mut rounding,
        );
        debug_assert!(walked.is_ok(), "selected references are remembered");
    }

    /// Whether the newest pose is the same as the one before it, as near receivers would see them.
    pub fn is_still(&self) -> bool {
        self.is_still
    }

    /// Appends the payload of the newest pose at `level` to `out`, for a receiver that has confirmed the poses `references`
    /// (newest first) at that level; poses that are no longer remembered are passed over. Without any it is a keyframe.
    /// Equal references give equal bytes. Appends nothing before the first pose.
    pub fn encode(&mut self, level: Level, references: &[Tick], out: &mut Vec<u8>) {
        let Some(newest) = &mut self.newest else {
            return;
        };
        newest.is_used = true;
        let newest = newest.captured;
        let is_near = level == Level::Near;
        let has_planned = is_near && self.has_planned_for(references);
        let track = &mut self.tracks[usize::from(level.number())];
        track.freshen(newest, &self.pose, &self.globals);
        let references = if has_planned {
            self.planned
        } else {
            References::select(&track.history, newest, references)
        };
        if is_near && !references.captured().is_empty() {
            self.remember_habit(&references);
        }
        let track = &self.tracks[usize::from(level.number())];
        let is_planned = is_near && self.is_planned && references == self.planned;
        let spreads = is_planned.then_some(self.spreads.as_slice());
        let (layout, history) = (&track.layout, &track.history);
        let encoded = payload::encode(layout, history, newest, &references, spreads, out);
        debug_assert!(encoded.is_ok(), "selected references are remembered");
    }

    /// Whether the references that were planned are those of a receiver that has confirmed these poses.
    fn has_planned_for(&self, confirmed: &[Tick]) -> bool {
        let is_all = self.planned.is_full() || self.planned_of.len() == confirmed.len();
        self.is_planned && is_all && confirmed.starts_with(&self.planned_of)
    }

    fn remember_habit(&mut self, references: &References) {
        self.habit.clear();
        let mut pushed = self.pushed.iter().rev().enumerate();
        for reference in references.captured() {
            let found = pushed.find(|(_, captured)| *captured == reference);
            self.habit.extend(found.map(|(back, _)| back));
        }
    }
}

impl Track {
    fn new(layout: Layout) -> Self {
        Self {
            history: History::new(layout.groups.len(), &layout.limbs),
            vectors: vec![DVec3::ZERO; layout.groups.len()],
            values: vec![Integers::ZERO; layout.groups.len()],
            layout,
            is_fresh: true,
        }
    }

    /// Takes the newest pose to the nearest integers.
    fn freshen(&mut self, captured: Tick, pose: &Pose, globals: &[(Vec3, Quat)]) {
        if self.is_fresh {
            return;
        }
        self.layout.measure(pose, globals, &mut self.vectors);
        self.layout.quantise(&self.vectors, &mut self.values);
        self.history.insert(captured, &self.values);
        self.is_fresh = true;
    }
}
