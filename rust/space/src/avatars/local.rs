//! The local avatars, as all viewers are shown them.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use bytes::Bytes;
use metaverse_avatar::{Encoder, Level, Limb, Pose, PoseError, Rig};
use metaverse_protocol::{
    control::Control,
    id::AvatarId,
    limits::AVATARS,
    time::{Tick, Time},
};

/// Poses that a viewer has, by which one for it is predicted: newest first.
pub(crate) type References = Vec<Tick>;

#[derive(Debug, Default)]
pub(crate) struct LocalAvatars(BTreeMap<AvatarId, LocalAvatar>);

#[derive(Debug)]
pub(crate) struct LocalAvatar {
    rig: Arc<Rig>,
    encoder: Encoder,
    newest: Option<Time>,
    /// The newest pose as it was encoded for viewers so far: those with the same references share it.
    encoded: Vec<(Level, References, Bytes)>,
}

impl LocalAvatars {
    /// Begins to show an avatar, or shows it with another skeleton. False if there are too many.
    pub(crate) fn show(&mut self, avatar: AvatarId, rig: Arc<Rig>) -> bool {
        let has_room = self.0.len() < AVATARS && usize::from(avatar.0) < AVATARS;
        match self.0.entry(avatar) {
            Entry::Occupied(mut shown) => {
                shown.insert(LocalAvatar::new(rig));
            }
            Entry::Vacant(place) if has_room => {
                place.insert(LocalAvatar::new(rig));
            }
            Entry::Vacant(_) => return false,
        }
        true
    }

    /// Ends showing an avatar; false if it was not shown.
    pub(crate) fn hide(&mut self, avatar: AvatarId) -> bool {
        self.0.remove(&avatar).is_some()
    }

    /// Takes a new pose of an avatar that is shown; true if it is another than the one before.
    pub(crate) fn capture(
        &mut self,
        avatar: AvatarId,
        captured: Time,
        pose: &Pose,
    ) -> Result<bool, PoseError> {
        match self.0.get_mut(&avatar) {
            Some(shown) => shown.capture(captured, pose),
            None => Ok(false),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (AvatarId, &LocalAvatar)> {
        self.0.iter().map(|(avatar, shown)| (*avatar, shown))
    }

    pub(crate) fn get_mut(&mut self, avatar: AvatarId) -> Option<&mut LocalAvatar> {
        self.0.get_mut(&avatar)
    }

    /// What a viewer must know of the skeletons before it can see their poses.
    pub(crate) fn rigs(&self) -> impl Iterator<Item = Control> {
        self.0.iter().map(|(avatar, shown)| Control::Avatar {
            avatar: *avatar,
            rig: Some(encoded(&shown.rig)),
        })
    }
}

/// A skeleton as it travels.
pub(crate) fn encoded(rig: &Rig) -> Vec<u8> {
    let mut bytes = Vec::new();
    rig.encode_into(&mut bytes);
    bytes
}

impl LocalAvatar {
    fn new(rig: Arc<Rig>) -> Self {
        Self {
            encoder: Encoder::new(Rig::clone(&rig)),
            rig,
            newest: None,
            encoded: Vec::new(),
        }
    }

    fn capture(&mut self, captured: Time, pose: &Pose) -> Result<bool, PoseError> {
        if !self.encoder.push_if_changed(Tick::from(captured), pose)? {
            return Ok(false);
        }
        self.newest = Some(captured);
        self.encoded.clear();
        Ok(true)
    }

    /// The level of detail to send where `level` is wanted: without bones there is nothing but the place, and without
    /// a head, hands or feet nothing in between.
    pub(crate) fn level(&self, level: Level) -> Level {
        if self.rig.bones().is_empty() && self.rig.expressions() == 0 {
            return Level::Far;
        }
        let has_ends = Limb::ALL
            .map(Limb::end)
            .iter()
            .chain(&["Head"])
            .any(|end| self.rig.find(end).is_some());
        if level == Level::Middle && !has_ends {
            return Level::Near;
        }
        level
    }

    /// When the newest pose was captured.
    pub(crate) fn newest(&self) -> Option<Time> {
        self.newest
    }

    /// The newest pose for a viewer who has `references`.
    pub(crate) fn encode(&mut self, level: Level, references: &[Tick]) -> Bytes {
        let known = self
            .encoded
            .iter()
            .find(|(known, of, _)| *known == level && of == references);
        if let Some((_, _, payload)) = known {
            return payload.clone();
        }
        let mut payload = Vec::new();
        self.encoder.encode(level, references, &mut payload);
        let payload = Bytes::from(payload);
        self.encoded
            .push((level, references.to_vec(), payload.clone()));
        payload
    }
}
