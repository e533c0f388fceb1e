//! A clip that is played again and again, by somebody who stays about one place.

use std::{f32::consts::PI, sync::Arc};

use glam::{Quat, Vec2, Vec3};
use metaverse_avatar::{Pose, PoseError, Rig, RootPose};
use metaverse_motion::Clip;

/// Seconds in which the end of a clip becomes its beginning.
const FADE: f64 = 0.3;
/// Seconds between the moments that are compared to find the two that are most alike, and how many at either end are.
const LOOK: f64 = 0.05;
const LOOKS: usize = 400;
/// The part of a clip that is played at least.
const LEAST: f64 = 0.5;
/// The radius of the tightest turn that a replay makes, in metres.
const TIGHTEST: f32 = 0.7;

/// A clip with the two moments between which it is played.
#[derive(Debug)]
pub struct Loop {
    clip: Clip,
    begin: f64,
    end: f64,
}

impl Loop {
    /// Finds the two moments of `clip` that are most alike.
    ///
    /// # Errors
    /// When the clip goes farther than a pose may be.
    pub fn new(clip: Clip) -> Result<Self, PoseError> {
        let looks = (clip.seconds() / LOOK) as usize;
        let poses = (0..=looks)
            .map(|look| {
                let mut pose = Pose::default();
                clip.pose_at(look as f64 * LOOK, &mut pose)?;
                Ok(pose)
            })
            .collect::<Result<Vec<_>, PoseError>>()?;
        let first = (FADE / LOOK).ceil() as usize;
        let least = ((looks as f64 * LEAST) as usize).max(first);
        let bones = clip.rig().bones().len();
        let ends = |begin: usize| (begin + least).max(looks.saturating_sub(LOOKS))..looks;
        let best = (first..looks.min(first + LOOKS))
            .flat_map(|begin| ends(begin).map(move |end| (begin, end)))
            .min_by(|a, b| {
                let unlike =
                    |(a, b): (usize, usize)| unlike(&poses[a..=a + 1], &poses[b..=b + 1], bones);
                unlike(*a).total_cmp(&unlike(*b))
            });
        let (begin, end) = best.map_or((0.0, clip.seconds()), |(begin, end)| {
            (begin as f64 * LOOK, end as f64 * LOOK)
        });
        Ok(Self { clip, begin, end })
    }

    /// The skeleton.
    pub fn rig(&self) -> &Rig {
        self.clip.rig()
    }

    fn seconds(&self) -> f64 {
        self.end - self.begin
    }

    /// How much of the moment before the beginning shows at a moment.
    fn share(&self, at: f64) -> f32 {
        if self.begin < FADE {
            return 0.0;
        }
        ((at - (self.end - FADE)) / FADE).clamp(0.0, 1.0) as f32
    }
}

/// How unlike two moments are, each told by its pose and the next one's.
fn unlike(a: &[Pose], b: &[Pose], bones: usize) -> f32 {
    let pairs = a.iter().zip(b);
    pairs
        .map(|(a, b)| {
            let turned = a.rotations[..bones].iter().zip(&b.rotations[..bones]);
            turned.map(|(a, b)| 1.0 - a.dot(*b).powi(2)).sum::<f32>()
                + a.hips.distance_squared(b.hips)
        })
        .sum()
}

/// Somebody who plays a loop.
#[derive(Debug)]
pub struct Replay {
    motion: Arc<Loop>,
    at: f64,
    place: Vec3,
    /// Where it faces, about the vertical: 0 is along +z.
    heading: f32,
    other: Box<Pose>,
}

impl Replay {
    /// Begins `part` of the loop after its beginning, at `place`, and facing +z.
    pub fn new(motion: Arc<Loop>, part: f64, place: Vec3) -> Self {
        let at = motion.begin + part.clamp(0.0, 1.0) * motion.seconds();
        Self {
            motion,
            at,
            place,
            heading: 0.0,
            other: Box::default(),
        }
    }

    /// Where it is.
    pub fn place(&self) -> Vec3 {
        self.place
    }

    /// Where it looks.
    pub fn front(&self) -> Vec3 {
        Quat::from_rotation_y(self.heading) * Vec3::Z
    }

    /// Begins anew at `place`.
    pub fn go_to(&mut self, place: Vec3) {
        (self.place, self.heading) = (place, 0.0);
    }

    /// Moves on by so many `seconds`, and turns a little towards where it is drawn for each step that it takes.
    ///
    /// # Errors
    /// When the clip goes farther than a pose may be.
    pub fn advance(&mut self, seconds: f64, draw: Vec3) -> Result<(), PoseError> {
        let mut left = seconds;
        while left > 0.0 {
            let until = (self.at + left).min(self.motion.end);
            left -= until - self.at;
            self.step(until, draw)?;
            self.at = until;
            if until < self.motion.end {
                return Ok(());
            }
            self.at = self.motion.begin;
            if self.motion.seconds() <= 0.0 {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Writes how it looks now into `pose`. Figures of the demo look along -z.
    ///
    /// # Errors
    /// When the clip goes farther than a pose may be.
    pub fn show(&mut self, pose: &mut Pose) -> Result<(), PoseError> {
        let motion = &self.motion;
        motion.clip.pose_at(self.at, pose)?;
        let share = motion.share(self.at);
        if share > 0.0 {
            let before = self.at - motion.seconds();
            motion.clip.pose_at(before, &mut self.other)?;
            let bones = motion.rig().bones().len();
            for (bone, other) in pose.rotations[..bones]
                .iter_mut()
                .zip(&self.other.rotations)
            {
                *bone = bone.slerp(*other, share).normalize();
            }
            pose.hips = pose.hips.lerp(self.other.hips, share);
        }
        pose.root = RootPose::new(self.place, Quat::from_rotation_y(self.heading + PI))?;
        Ok(())
    }

    fn step(&mut self, until: f64, draw: Vec3) -> Result<(), PoseError> {
        let (mut way, mut turn) = self.moved(self.at, until)?;
        let share = self.motion.share(until);
        if share > 0.0 {
            let length = self.motion.seconds();
            let (other_way, other_turn) = self.moved(self.at - length, until - length)?;
            way = way.lerp(other_way, share);
            turn += (other_turn - turn) * share;
        }
        let way = Quat::from_rotation_y(self.heading) * way;
        self.place += way;
        let most = way.length() / TIGHTEST * draw.length().min(1.0);
        self.heading += turn + angle(way, draw).clamp(-most, most);
        Ok(())
    }

    /// The way between two moments, as seen by somebody who looks along +z at the first, and the turn.
    fn moved(&mut self, from: f64, to: f64) -> Result<(Vec3, f32), PoseError> {
        let clip = &self.motion.clip;
        clip.pose_at(from, &mut self.other)?;
        let before = self.other.root;
        clip.pose_at(to, &mut self.other)?;
        let after = self.other.root;
        let way = before.rotation().inverse() * (after.position() - before.position());
        let turn = angle(before.rotation() * Vec3::Z, after.rotation() * Vec3::Z);
        Ok((way * Vec3::new(1.0, 0.0, 1.0), turn))
    }
}

/// The angle about the vertical from one direction to another; 0 where one of them is none.
fn angle(from: Vec3, to: Vec3) -> f32 {
    let (from, to) = (Vec2::new(from.z, from.x), Vec2::new(to.z, to.x));
    if from.length_squared() < 1e-12 || to.length_squared() < 1e-12 {
        return 0.0;
    }
    from.angle_to(to)
}

#[cfg(test)]
mod tests {
    use std::iter;

    use metaverse_motion::Activity;

    use super::*;
    use crate::ground::Ground;

    const BEAT: f64 = 0.05;

    fn replay(activity: Activity, seconds: f64) -> Replay {
        let motion = Loop::new(Clip::generate(activity, seconds)).expect("a loop");
        Replay::new(Arc::new(motion), 0.0, Vec3::ZERO)
    }

    #[test]
    fn a_walk_goes_on_for_ever_and_stays_on_its_ground() {
        let mut replay = replay(Activity::Walk, 6.0);
        let ground = Ground::of("");
        let mut walked = 0.0;
        for _ in 0..4_000 {
            let before = replay.place();
            replay
                .advance(BEAT, ground.draw(before, iter::empty()))
                .expect("in bounds");
            let step = replay.place() - before;
            walked += step.length();
            assert!(
                step.normalize().dot(replay.front()) > 0.8,
                "it goes where it looks"
            );
            assert!(replay.place().length() < 5.5, "{}", replay.place());
        }
        assert!(walked > 0.9 * 4_000.0 * BEAT as f32, "{walked} m");
    }

    #[test]
    fn nothing_jumps_where_the_loop_closes() {
        for activity in Activity::ALL {
            let mut replay = replay(activity, 4.7);
            let (mut before, mut pose) = (Pose::default(), Pose::default());
            replay.show(&mut before).expect("a pose");
            for _ in 0..400 {
                replay.advance(BEAT / 4.0, Vec3::ZERO).expect("in bounds");
                replay.show(&mut pose).expect("a pose");
                let turned = before.rotations.iter().zip(&pose.rotations);
                let most = turned.map(|(a, b)| a.angle_between(*b)).fold(0.0, f32::max);
                assert!(
                    most.to_degrees() < 9.0,
                    "{activity:?}: {}",
                    most.to_degrees()
                );
                before.clone_from(&pose);
            }
        }
    }

    #[test]
    fn the_shortest_clip_is_played_too() {
        let mut replay = replay(Activity::Idle, 0.0);
        let mut pose = Pose::default();
        for _ in 0..10 {
            replay.advance(BEAT, Vec3::X).expect("in bounds");
            replay.show(&mut pose).expect("a pose");
        }
        assert!(replay.place().length() < 0.1);
    }
}
