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

use crate::pose::{quat, quaternion, rest_rotation, vec3, vector3};

/// Rotations whose cosine of half the angle between them is nearer to 1 than this look the same: a hundredth of a degree.
const SAME_COSINE: f32 = 0.999_999_996;

/// The bones of a skeleton that travel.
#[derive(Debug)]
pub(crate) struct Body {
    bones: Vec<BodyBone>,
    rig: Arc<Rig>,
    /// Metres for each unit of the skeleton's own space.
    scale: f32,
}

#[derive(Debug)]
struct BodyBone {
    /// Its place in the skeleton.
    index: i32,
    /// The rest rotation of its parent in skeleton space.
    parent: Quat,
    /// The inverse of its own rest rotation in skeleton space.
    rest_inverse: Quat,
    rest_position: Vec3,
}

impl Body {
    /// The bones of `skeleton` that have a name in Godot's humanoid profile, by themselves or by `bone_map`; if there are
    /// none, the first ones as they are.
    pub(crate) fn of(
        skeleton: &Gd<Skeleton3D>,
        bone_map: Option<&Gd<BoneMap>>,
    ) -> Result<Self, RigError> {
        let scale = skeleton.get_global_transform().basis.get_scale().x;
        let chosen = choose(skeleton, bone_map);
        let bones = chosen
            .iter()
            .map(|(index, _)| BodyBone::of(skeleton, *index))
            .collect();
        let rig = Rig::new(rig_bones(skeleton, &chosen, scale), 0)?;
        Ok(Self {
            bones,
            rig: Arc::new(rig),
            scale,
        })
    }

    /// What travels of the skeleton.
    pub(crate) fn rig(&self) -> &Arc<Rig> {
        &self.rig
    }

    /// Reads how the skeleton's bones are turned.
    pub(crate) fn read(&self, skeleton: &Gd<Skeleton3D>, pose: &mut Pose) {
        for (bone, rotation) in self.bones.iter().zip(&mut pose.rotations) {
            let local = quat(skeleton.get_bone_pose_rotation(bone.index));
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

    /// Turns the skeleton's bones as in `pose`, whose bones are at `places`. `weight` is how much of it to show, over what the
    /// skeleton shows already.
    pub(crate) fn write(
        &self,
        skeleton: &mut Gd<Skeleton3D>,
        pose: &Pose,
        places: &[Option<usize>],
        weight: f32,
    ) {
        for (bone, place) in self.bones.iter().zip(places) {
            let Some(place) = place else { continue };
            let shown = quat(skeleton.get_bone_pose_rotation(bone.index));
            let wanted =
                (bone.parent.inverse() * pose.rotations[*place] * bone.rest_inverse.inverse())
                    .normalize();
            let turned = if weight < 1.0 {
                shown.slerp(wanted, weight)
            } else {
                wanted
            };
            if shown.dot(turned).abs() < SAME_COSINE {
                skeleton.set_bone_pose_rotation(bone.index, quaternion(turned));
            }
        }
        let Some(hips) = self.bones.get(self.rig.hips()) else {
            return;
        };
        let wanted = hips.rest_position + hips.parent.inverse() * pose.hips / self.scale;
        let shown = vec3(skeleton.get_bone_pose_position(hips.index));
        let moved = shown.lerp(wanted, weight);
        if moved != shown {
            skeleton.set_bone_pose_position(hips.index, vector3(moved));
        }
    }
}

impl BodyBone {
    fn of(skeleton: &Gd<Skeleton3D>, index: i32) -> Self {
        let parent = skeleton.get_bone_parent(index);
        Self {
            index,
            parent: if parent < 0 {
                Quat::IDENTITY
            } else {
                rest_rotation(&skeleton.get_bone_global_rest(parent).basis)
            },
            rest_inverse: rest_rotation(&skeleton.get_bone_global_rest(index).basis).inverse(),
            rest_position: vec3(skeleton.get_bone_rest(index).origin),
        }
    }
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
