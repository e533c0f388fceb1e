//! The receiving side of the pose codec.

use glam::{Quat, Vec3};
use metaverse_protocol::time::Tick;

use crate::{
    decode_error::DecodeError,
    history::History,
    layout::{Integers, Layout},
    level::{Level, LimbEnd, MiddlePose},
    payload,
    pose::{Pose, RootPose},
    precision::Precision,
    rig::Rig,
};

/// Reads the payloads of an avatar. Allocates nothing once it is made.
#[derive(Debug)]
pub struct Decoder {
    rig: Rig,
    tracks: [Track; 3],
    near: Pose,
    middle: MiddlePose,
    far: RootPose,
}

/// What one level needs to know.
#[derive(Debug)]
struct Track {
    layout: Layout,
    history: History,
    values: Vec<Integers>,
}

/// What came of a payload.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Decoded<'a> {
    /// All of the pose.
    Near(&'a Pose),
    /// What is seen from the middle distance.
    Middle(&'a MiddlePose),
    /// The root alone.
    Far(&'a RootPose),
}

impl Decoder {
    /// A decoder for an avatar with this skeleton.
    pub fn new(rig: Rig) -> Self {
        Self::with_precision(rig, Precision::USUAL)
    }

    /// The same for what an encoder with this precision writes.
    pub fn with_precision(rig: Rig, precision: Precision) -> Self {
        let root = RootPose::within_bounds(Vec3::ZERO, Quat::IDENTITY);
        let end = LimbEnd {
            position: Vec3::ZERO,
            rotation: Quat::IDENTITY,
        };
        Self {
            tracks: Level::ALL.map(|level| Track::new(Layout::new(&rig, level, precision))),
            rig,
            near: Pose::rest(root),
            middle: MiddlePose {
                root,
                hips_height: 0.0,
                head: Quat::IDENTITY,
                ends: [end; 4],
            },
            far: root,
        }
    }

    /// Goes on with another skeleton. What has come at [`Level::Far`], which does not depend on it, is kept: the sender may
    /// have heard that it is there.
    pub fn set_rig(&mut self, rig: Rig) {
        let [_, _, far] = std::mem::replace(self, Self::new(rig)).tracks;
        self.tracks[usize::from(Level::Far.number())] = far;
    }

    /// The skeleton.
    pub fn rig(&self) -> &Rig {
        &self.rig
    }

    /// The pose in exactly `payload`, which was captured at `captured` and travelled at `level`. It is remembered, so that
    /// later ones can be predicted from it: confirm it to the sender only when this returns `Ok`.
    ///
    /// # Errors
    /// When it was predicted from a pose that did not come ([`DecodeError::UnknownReference`]), or the bytes are not what
    /// an encoder writes. Nothing is changed then.
    pub fn decode(
        &mut self,
        captured: Tick,
        level: Level,
        payload: &[u8],
    ) -> Result<Decoded<'_>, DecodeError> {
        let track = &mut self.tracks[usize::from(level.number())];
        payload::decode(
            &track.layout,
            &track.history,
            captured,
            payload,
            &mut track.values,
        )?;
        track.history.insert(captured, &track.values);
        Ok(match level {
            Level::Near => {
                track.layout.restore_near(&track.values, &mut self.near);
                Decoded::Near(&self.near)
            }
            Level::Middle => {
                track.layout.restore_middle(&track.values, &mut self.middle);
                Decoded::Middle(&self.middle)
            }
            Level::Far => {
                self.far = track.layout.restore_root(&track.values);
                Decoded::Far(&self.far)
            }
        })
    }
}

impl Track {
    fn new(layout: Layout) -> Self {
        Self {
            history: History::new(layout.groups.len(), &layout.limbs),
            values: vec![Integers::ZERO; layout.groups.len()],
            layout,
        }
    }
}
