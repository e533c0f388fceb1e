//! The sending side of the pose codec.

use glam::{DVec3, Quat, Vec3};

use crate::{
    history::{Captured, History},
    layout::Layout,
    level::Level,
    limits::BONES_MOST,
    payload,
    pose::{Pose, PoseError},
    rig::Rig,
};

/// Makes payloads of an avatar's poses. Allocates nothing once it is made, as long as the buffer that it writes into is
/// large enough ([`PAYLOAD_BYTES`](crate::limits::PAYLOAD_BYTES)).
#[derive(Debug)]
pub struct Encoder {
    rig: Rig,
    tracks: [Track; 3],
    newest: Option<Captured>,
    is_still: bool,
    globals: [(Vec3, Quat); BONES_MOST],
}

/// What one level needs to know.
#[derive(Debug)]
struct Track {
    layout: Layout,
    history: History,
    /// The vectors of the newest pose, before they were rounded.
    vectors: Vec<DVec3>,
    values: Vec<i32>,
}

impl Encoder {
    /// An encoder for an avatar with this skeleton.
    pub fn new(rig: Rig) -> Self {
        let tracks = Level::ALL.map(|level| Track::new(Layout::new(&rig, level)));
        Self {
            rig,
            tracks,
            newest: None,
            is_still: false,
            globals: [(Vec3::ZERO, Quat::IDENTITY); BONES_MOST],
        }
    }

    /// The skeleton.
    pub fn rig(&self) -> &Rig {
        &self.rig
    }

    /// Takes the pose that was captured at `captured`: rounds it once, for all receivers, and remembers it among the last
    /// [`POSES_REMEMBERED`](crate::limits::POSES_REMEMBERED).
    ///
    /// # Errors
    /// When the pose has a number that is not finite or out of bounds. Nothing is changed then.
    pub fn push(&mut self, captured: Captured, pose: &Pose) -> Result<(), PoseError> {
        pose.check(&self.rig)?;
        self.rig
            .solve_forward(pose.hips, &pose.rotations, &mut self.globals);
        self.is_still = self.newest.is_some();
        for track in &mut self.tracks {
            let has_changed = track.push(captured, pose, &self.globals);
            self.is_still &= !has_changed;
        }
        self.newest = Some(captured);
        Ok(())
    }

    /// Whether the newest pose is the same as the one before it, as receivers would see them.
    pub fn is_still(&self) -> bool {
        self.is_still
    }

    /// Appends the payload of the newest pose at `level` to `out`, for a receiver that has confirmed the poses `references`
    /// (newest first) at that level; poses that are no longer remembered are passed over. Without any it is a keyframe.
    /// Equal references give equal bytes. Appends nothing before the first pose.
    pub fn encode(&mut self, level: Level, references: &[Captured], out: &mut Vec<u8>) {
        let Some(newest) = self.newest else { return };
        let track = &mut self.tracks[usize::from(level.number())];
        payload::encode(&track.layout, &track.history, newest, references, out);
    }
}

impl Track {
    fn new(layout: Layout) -> Self {
        Self {
            history: History::new(layout.channels),
            vectors: vec![DVec3::ZERO; layout.groups.len()],
            values: vec![0; layout.channels],
            layout,
        }
    }

    /// Whether the integers are others than before.
    fn push(&mut self, captured: Captured, pose: &Pose, globals: &[(Vec3, Quat)]) -> bool {
        let has_changed = self
            .layout
            .quantise(pose, globals, &mut self.vectors, &mut self.values);
        self.history.insert(captured, &self.values);
        has_changed
    }
}
