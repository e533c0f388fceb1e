//! The bones of a [`Skeleton3D`] and those of a [`Rig`].
//!
//! A pose travels free of rest axes (see [`Pose`]). With the rest rotation `parent` of a bone's parent in skeleton space, and
//! its own `rest`, a bone turned by `local` travels as `parent * local * (parent * rest)^-1`.

use std::sync::Arc;

use glam::{Quat, Vec3};
use godot::{
    classes::{BoneMap, Skeleton3D},
    prelude::*,
};
use metaverse_avatar::{Bone, Pose, Rig, RigError, limits::BONES_MOST};

use crate::{
    bone_calls::BoneCalls,
    pose::{quat, quaternion, rest_rotation, vec3, vector3},
};

/// Lower hips, in metres, are not those of somebody who stands on their feet.
const HIPS_HEIGHT_LEAST: f32 = 0.05;

/// The bones of a skeleton that travel.
#[derive(Debug)]
pub(crate) struct Body {
    bones: Vec<BodyBone>,
    calls: BoneCalls,
    /// How often the bones of the skeleton had changed when they were looked up.
    version: u64,
    rig: Arc<Rig>,
    /// Metres for each unit of the skeleton's own space.
    scale: f32,
    /// Where the hips were put last, if nothing else has moved the skeleton since.
    hips_shown: Option<Vec3>,
}

#[derive(Debug)]
struct BodyBone {
    /// Its place in the skeleton.
    index: i32,
    /// The rest rotation of its parent in skeleton space, and its inverse.
    parent: Quat,
    parent_inverse: Quat,
    /// Its own rest rotation in skeleton space, and its inverse.
    rest: Quat,
    rest_inverse: Quat,
    rest_position: Vec3,
    /// How it was turned last, as it travels, if nothing else has turned it since.
    shown: Option<Quat>,
}

impl Body {
    /// The bones of `skeleton` that have a name in Godot's humanoid profile, by themselves or by `bone_map`; if there are
    /// none, the first ones as they are. With the `expressions` of the face that it has besides.
    pub(crate) fn of(
        skeleton: &Gd<Skeleton3D>,
        bone_map: Option<&Gd<BoneMap>>,
        expressions: &[String],
    ) -> Result<Self, RigError> {
        let scale = skeleton.get_global_transform().basis.get_scale().x;
        let chosen = choose(skeleton, bone_map);
        let bones = chosen
            .iter()
            .map(|(index, _)| BodyBone::of(skeleton, *index))
            .collect();
        let rig = Rig::new(rig_bones(skeleton, &chosen, scale), expressions.to_vec())?;
        Ok(Self {
            bones,
            calls: BoneCalls::find(),
            version: skeleton.get_version(),
            rig: Arc::new(rig),
            scale,
            hips_shown: None,
        })
    }

    /// Whether the skeleton still has the bones that were looked up.
    pub(crate) fn fits(&self, skeleton: &Gd<Skeleton3D>) -> bool {
        self.version == skeleton.get_version()
    }

    /// What travels of the skeleton.
    pub(crate) fn rig(&self) -> &Arc<Rig> {
        &self.rig
    }

    /// Reads how the skeleton's bones are turned.
    pub(crate) fn read(&self, skeleton: &Gd<Skeleton3D>, pose: &mut Pose) {
        let shown = self.calls.of(skeleton);
        for (bone, rotation) in self.bones.iter().zip(&mut pose.rotations) {
            let local = quat(shown.rotation(bone.index));
            *rotation = bone.parent * local * bone.rest_inverse;
        }
        if let Some(hips) = self.bones.get(self.rig.hips()) {
            let moved = vec3(skeleton.get_bone_pose_position(hips.index)) - hips.rest_position;
            pose.hips = hips.parent * moved * self.scale;
        }
    }

    /// Where in `rig` each of the skeleton's bones is found.
    pub(crate) fn places_in(&self, rig: &Rig) -> Vec<Option<usize>> {
        self.rig
            .bones()
            .iter()
            .map(|bone| rig.find(&bone.name))
            .collect()
    }

    /// How many times as far the hips move here as in `rig`: as many as they are higher, so that all who sit sit on their chairs.
    pub(crate) fn hips_ratio(&self, rig: &Rig) -> f32 {
        let (own, theirs) = (self.rig.hips_height(), rig.hips_height());
        if own < HIPS_HEIGHT_LEAST || theirs < HIPS_HEIGHT_LEAST {
            return 1.0;
        }
        own / theirs
    }

    /// Turns the skeleton's bones as in `pose`, whose bones are at `places`. `weight` is how much of it to show, over what the
    /// skeleton shows already. What would move nothing on it by `visible` metres is left as it is: every bone that is turned
    /// costs the main thread as much as all that was done to know how.
    pub(crate) fn write(
        &mut self,
        skeleton: &mut Gd<Skeleton3D>,
        pose: &Pose,
        places: &[Option<usize>],
        weight: f32,
        visible: f32,
    ) {
        if weight < 1.0 {
            return self.blend(skeleton, pose, places, weight);
        }
        let mut turning = self.calls.of(skeleton);
        for (at, place) in places.iter().enumerate() {
            let Some(place) = place else { continue };
            let rotation = pose.rotations[*place];
            let bone = &mut self.bones[at];
            if bone
                .shown
                .is_some_and(|shown| angle(shown, rotation) * self.rig.lever(at) < visible)
            {
                continue;
            }
            bone.shown = Some(rotation);
            turning.turn(bone.index, quaternion(bone.local(rotation)));
        }
        let Some(hips) = self.bones.get(self.rig.hips()) else {
            return;
        };
        if self
            .hips_shown
            .is_none_or(|shown| shown.distance(pose.hips) >= visible)
        {
            self.hips_shown = Some(pose.hips);
            let place = hips.place(pose.hips / self.scale);
            skeleton.set_bone_pose_position(hips.index, vector3(place));
        }
    }

    /// Something else may move the skeleton from now on.
    pub(crate) fn release(&mut self) {
        self.bones.iter_mut().for_each(|bone| bone.shown = None);
        self.hips_shown = None;
    }

    /// Turns the bones by a `weight` of the way from where something else has turned them.
    fn blend(
        &mut self,
        skeleton: &mut Gd<Skeleton3D>,
        pose: &Pose,
        places: &[Option<usize>],
        weight: f32,
    ) {
        self.release();
        let mut bones = self.calls.of(skeleton);
        for (bone, place) in self.bones.iter().zip(places) {
            let Some(place) = place else { continue };
            let shown = quat(bones.rotation(bone.index));
            let turned = shown.slerp(bone.local(pose.rotations[*place]), weight);
            bones.turn(bone.index, quaternion(turned));
        }
        if let Some(hips) = self.bones.get(self.rig.hips()) {
            let shown = vec3(skeleton.get_bone_pose_position(hips.index));
            let moved = shown.lerp(hips.place(pose.hips / self.scale), weight);
            skeleton.set_bone_pose_position(hips.index, vector3(moved));
        }
    }
}

impl BodyBone {
    fn of(skeleton: &Gd<Skeleton3D>, index: i32) -> Self {
        let parent = match skeleton.get_bone_parent(index) {
            ..0 => Quat::IDENTITY,
            parent => rest_rotation(&skeleton.get_bone_global_rest(parent).basis),
        };
        let rest = rest_rotation(&skeleton.get_bone_global_rest(index).basis);
        Self {
            index,
            parent,
            parent_inverse: parent.inverse(),
            rest,
            rest_inverse: rest.inverse(),
            rest_position: vec3(skeleton.get_bone_rest(index).origin),
            shown: None,
        }
    }

    /// How the skeleton has it turned, for a rotation as it travels.
    fn local(&self, rotation: Quat) -> Quat {
        (self.parent_inverse * rotation * self.rest).normalize()
    }

    /// Where the skeleton has it, moved from its rest by so much in the axes of skeleton space.
    fn place(&self, moved: Vec3) -> Vec3 {
        self.rest_position + self.parent_inverse * moved
    }
}

/// The angle between two rotations, in radians; right for small ones, too large for others.
fn angle(a: Quat, b: Quat) -> f32 {
    2.0 * (a - b).length().min((a + b).length())
}

/// The bones that travel, parents first, with the names under which they do.
fn choose(skeleton: &Gd<Skeleton3D>, bone_map: Option<&Gd<BoneMap>>) -> Vec<(i32, String)> {
    let mut bones: Vec<(i32, String)> = (0..skeleton.get_bone_count())
        .map(|index| (index, name(skeleton, bone_map, index)))
        .collect();
    bones.sort_by_key(|(index, _)| depth(skeleton, *index));
    let humanoid = Rig::humanoid();
    let (known, others): (Vec<_>, Vec<_>) = bones
        .into_iter()
        .partition(|(_, name)| humanoid.find(name).is_some());
    let mut chosen = if known.is_empty() { others } else { known };
    chosen.truncate(BONES_MOST);
    chosen
}

fn name(skeleton: &Gd<Skeleton3D>, bone_map: Option<&Gd<BoneMap>>, index: i32) -> String {
    let own = skeleton.get_bone_name(index).to_string();
    let mapped = bone_map.map(|map| map.find_profile_bone_name(&own).to_string());
    mapped.filter(|name| !name.is_empty()).unwrap_or(own)
}

fn depth(skeleton: &Gd<Skeleton3D>, index: i32) -> i32 {
    let mut depth = 0;
    let mut parent = skeleton.get_bone_parent(index);
    while parent >= 0 {
        depth += 1;
        parent = skeleton.get_bone_parent(parent);
    }
    depth
}

fn rig_bones(skeleton: &Gd<Skeleton3D>, chosen: &[(i32, String)], scale: f32) -> Vec<Bone> {
    let place = |index: i32| vec3(skeleton.get_bone_global_rest(index).origin) * scale;
    chosen
        .iter()
        .map(|(index, name)| {
            let parent = nearest_parent(skeleton, chosen, *index);
            let origin = parent.map_or(Vec3::ZERO, |parent| place(chosen[parent].0));
            Bone {
                name: name.clone(),
                parent,
                offset: place(*index) - origin,
            }
        })
        .collect()
}

/// The nearest bone above that travels as well.
fn nearest_parent(
    skeleton: &Gd<Skeleton3D>,
    chosen: &[(i32, String)],
    index: i32,
) -> Option<usize> {
    let mut parent = skeleton.get_bone_parent(index);
    while parent >= 0 {
        if let Some(place) = chosen.iter().position(|(other, _)| *other == parent) {
            return Some(place);
        }
        parent = skeleton.get_bone_parent(parent);
    }
    None
}
