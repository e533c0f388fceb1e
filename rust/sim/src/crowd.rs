//! Where members walk, how, and where they look: groups of which all are near each other, and villages of groups.

use std::{f32::consts::TAU, sync::Arc};

use glam::{Quat, Vec2, Vec3};
use metaverse_avatar::{Pose, PoseError, Rig, RootPose};
use metaverse_motion::{Activity, Clip};
use metaverse_space::Viewpoint;

use crate::chance::{self, Chance};

/// Poses a second.
pub(crate) const BEATS: u64 = 20;
/// Seconds after which the generated walk begins anew: whole strides, and whole waves of the fingers.
const CLIP_SECONDS: u64 = 10;
/// Members of a group: each has sixteen others near.
const GROUP: usize = 17;
/// Groups of a village: each member has about forty-eight others, of other groups, in the middle.
const GROUPS: usize = 4;
/// Metres from the middle of a village to that of a group, and from that to where its members walk at most.
const GROUP_DISTANCE: f32 = 9.0;
const GROUP_RADIUS: f32 = 3.0;
/// Metres of the sides of the square that all villages lie in.
const SIDE: f64 = 100.0;
/// Metres a second, as the generated walk has them, and radians a second of the quickest turn.
const SPEED: f32 = 1.3;
const TURN: f32 = 2.0;
/// Metres from the ground to the eyes.
const EYES: f32 = 1.6;

/// The walk that everybody walks, each begun at another moment.
pub(crate) struct Motion {
    pub(crate) rig: Arc<Rig>,
    poses: Vec<Pose>,
}

impl Motion {
    pub(crate) fn new() -> Result<Self, PoseError> {
        let clip = Clip::generate(Activity::Walk, CLIP_SECONDS as f64);
        let pose = |beat: u64| {
            let mut pose = Pose::default();
            clip.pose_at(beat as f64 / BEATS as f64, &mut pose)?;
            Ok(pose)
        };
        Ok(Self {
            rig: Arc::new(clip.rig().clone()),
            poses: (0..CLIP_SECONDS * BEATS)
                .map(pose)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Somebody who walks about.
pub(crate) struct Walker {
    middle: Vec2,
    pub(crate) place: Vec2,
    /// Where it faces, about the vertical: 0 is along +z.
    heading: f32,
    target: Vec2,
    beat: usize,
}

impl Walker {
    /// Begins at one of a crowd's places.
    pub(crate) fn new(seed: u64, slot: usize, chance: &mut Chance) -> Self {
        let (group, village) = (slot / GROUP, slot / (GROUP * GROUPS));
        let coordinate = |axis: u64| {
            let share = chance::share(chance::mix(seed, 10 + axis + 2 * village as u64));
            (share * SIDE) as f32
        };
        let turn = TAU * (group % GROUPS) as f32 / GROUPS as f32;
        let middle =
            Vec2::new(coordinate(0), coordinate(1)) + Vec2::from_angle(turn) * GROUP_DISTANCE;
        let place = spot(middle, chance);
        Self {
            middle,
            place,
            heading: (chance.share() as f32) * TAU,
            target: spot(middle, chance),
            beat: chance.below(1_000),
        }
    }

    /// Walks on for a beat.
    pub(crate) fn step(&mut self, chance: &mut Chance) {
        if self.place.distance(self.target) < 1.0 {
            self.target = spot(self.middle, chance);
        }
        let most = TURN / BEATS as f32;
        let way = self.target - self.place;
        self.heading -= self.front().angle_to(way).clamp(-most, most);
        self.place += self.front() * (SPEED / BEATS as f32);
        self.beat += 1;
    }

    fn front(&self) -> Vec2 {
        Vec2::new(self.heading.sin(), self.heading.cos())
    }

    pub(crate) fn pose(&self, motion: &Motion) -> Result<Pose, PoseError> {
        let mut pose = motion.poses[self.beat % motion.poses.len()].clone();
        let place = Vec3::new(self.place.x, 0.0, self.place.y);
        pose.root = RootPose::new(place, Quat::from_rotation_y(self.heading))?;
        Ok(pose)
    }

    /// Where it looks from: always to the others of its group.
    pub(crate) fn viewpoint(&self) -> Viewpoint {
        let way = (self.middle - self.place).normalize_or(self.front());
        Viewpoint {
            eye: Vec3::new(self.place.x, EYES, self.place.y),
            forward: Vec3::new(way.x, 0.0, way.y),
        }
    }
}

fn spot(middle: Vec2, chance: &mut Chance) -> Vec2 {
    let turn = Vec2::from_angle(chance.share() as f32 * TAU);
    middle + turn * (GROUP_RADIUS * (chance.share() as f32).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_walks_faces_where_they_go_and_stays_with_the_group() {
        let motion = Motion::new().expect("a walk");
        assert_eq!(motion.rig.bones().len(), 56);
        let mut chance = Chance::new(1, 1);
        let mut walker = Walker::new(1, 20, &mut chance);
        for _ in 0..2_000 {
            let before = walker.pose(&motion).expect("a pose").root;
            walker.step(&mut chance);
            let after = walker.pose(&motion).expect("a pose").root;
            let way = after.position() - before.position();
            assert!(way.normalize().dot(after.rotation() * Vec3::Z) > 0.99);
            assert!(walker.place.distance(walker.middle) < GROUP_RADIUS + 2.0);
        }
    }
}
