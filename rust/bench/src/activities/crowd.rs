//! Thirty-two people, where they are and how they move in each activity.

use std::f32::consts::{FRAC_PI_2, TAU};

use anyhow::Result;
use glam::{Quat, Vec3};
use metaverse_avatar::{Pose, Rig, RootPose};
use metaverse_motion::{Activity, Clip};
use metaverse_space::Viewpoint;

use super::world::Who;

pub const MEMBERS: usize = 32;
/// How long a motion is, which is then begun anew, in seconds.
const CLIP_SECONDS: f64 = 60.0;
/// So that no two move in step.
const GOLDEN_ANGLE: f32 = 2.399_963;
/// Metres from the ground to the eyes.
const EYES: f32 = 1.6;
/// Metres a second at which people stroll.
const STROLLING: f32 = 1.0;

/// Everybody.
pub struct Crowd {
    clips: [Clip; 3],
    people: Vec<Someone>,
}

/// One of the crowd.
struct Someone {
    does: Does,
    /// In which group, for who hears whom.
    group: usize,
    speaks: bool,
}

enum Does {
    /// Stands at a place, turned by so much about the vertical (at 0 to +z), and moves like that.
    Stands(Vec3, f32, Activity),
    /// Walks around a centre, in so many metres.
    Strolls(Vec3, f32),
}

impl Crowd {
    /// That of an activity.
    pub fn of(activity: &str) -> Self {
        let person = match activity {
            "lecture" => lecture,
            "discussion" => discussion,
            "party" => party,
            _ => exhibition,
        };
        Self {
            clips: Activity::ALL.map(|activity| Clip::generate(activity, CLIP_SECONDS)),
            people: (0..MEMBERS).map(person).collect(),
        }
    }

    pub fn rig(&self, who: Who) -> &Rig {
        self.clip(who).rig()
    }

    /// Those whom somebody hears speak.
    pub fn heard_by(&self, who: Who) -> impl Iterator<Item = Who> {
        let group = self.people[who].group;
        let people = self.people.iter().enumerate();
        people
            .filter(move |(other, someone)| {
                someone.speaks && someone.group == group && *other != who
            })
            .map(|(other, _)| other)
    }

    /// Where somebody looks from and to.
    pub fn viewpoint(&self, who: Who, seconds: f64) -> Viewpoint {
        let (place, facing) = self.people[who].place(who, seconds as f32);
        Viewpoint {
            eye: place + EYES * Vec3::Y,
            forward: facing * Vec3::Z,
        }
    }

    /// Writes how somebody stands or walks.
    pub fn pose(&self, who: Who, seconds: f64, pose: &mut Pose) -> Result<()> {
        let clip = self.clip(who);
        let begun = seconds + f64::from(GOLDEN_ANGLE) * who as f64;
        clip.pose_at(begun % clip.seconds(), pose)?;
        let (place, facing) = self.people[who].place(who, seconds as f32);
        pose.root = match self.people[who].does {
            Does::Stands(..) => RootPose::new(
                place + facing * pose.root.position(),
                facing * pose.root.rotation(),
            )?,
            Does::Strolls(..) => RootPose::new(place, facing)?,
        };
        Ok(())
    }

    fn clip(&self, who: Who) -> &Clip {
        let activity = match self.people[who].does {
            Does::Stands(_, _, activity) => activity,
            Does::Strolls(..) => Activity::Walk,
        };
        let [walk, idle, gesture] = &self.clips;
        match activity {
            Activity::Walk => walk,
            Activity::Idle => idle,
            Activity::Gesture => gesture,
        }
    }
}

impl Someone {
    fn listens(does: Does) -> Self {
        Self {
            does,
            group: 0,
            speaks: false,
        }
    }

    fn place(&self, who: Who, seconds: f32) -> (Vec3, Quat) {
        match self.does {
            Does::Stands(place, turn, _) => (place, Quat::from_rotation_y(turn)),
            Does::Strolls(centre, radius) => {
                let turn = STROLLING * seconds / radius + GOLDEN_ANGLE * who as f32;
                let outward = Quat::from_rotation_y(turn);
                let place = centre + outward * (radius * Vec3::Z);
                (place, outward * Quat::from_rotation_y(FRAC_PI_2))
            }
        }
    }
}

/// One speaks at the front of a room; 31 sit in four rows, of whom each eighth raises hands and asks.
fn lecture(who: Who) -> Someone {
    if who == 0 {
        let front = Vec3::new(0.0, 0.0, -5.0);
        return Someone {
            speaks: true,
            ..Someone::listens(Does::Stands(front, 0.0, Activity::Gesture))
        };
    }
    let (row, seat) = ((who - 1) / 8, (who - 1) % 8);
    let place = Vec3::new(1.5 * seat as f32 - 5.25, 0.0, 1.6 * row as f32 - 1.5);
    let activity = if who % 8 == 4 {
        Activity::Gesture
    } else {
        Activity::Idle
    };
    Someone::listens(Does::Stands(place, std::f32::consts::PI, activity))
}

/// Four circles of eight in a garden; in each one speaks, and another joins in with the hands.
fn discussion(who: Who) -> Someone {
    let (group, seat) = (who / 8, who % 8);
    let centre = Vec3::new(
        12.0 * (group % 2) as f32 - 6.0,
        0.0,
        12.0 * (group / 2) as f32 - 6.0,
    );
    let turn = TAU * seat as f32 / 8.0;
    let place = centre + Quat::from_rotation_y(turn) * (1.6 * Vec3::NEG_Z);
    let activity = if seat.is_multiple_of(4) {
        Activity::Gesture
    } else {
        Activity::Idle
    };
    Someone {
        does: Does::Stands(place, turn, activity),
        group,
        speaks: seat == 0,
    }
}

/// A lawn of sixteen metres: half dance, half stroll among them.
fn party(who: Who) -> Someone {
    let place = scattered(who, 8.0);
    Someone::listens(if who.is_multiple_of(2) {
        Does::Stands(place, GOLDEN_ANGLE * who as f32, Activity::Gesture)
    } else {
        Does::Strolls(place, 2.0)
    })
}

/// A hall of twenty-six metres: half stand before something, half stroll on.
fn exhibition(who: Who) -> Someone {
    let place = scattered(who, 13.0);
    Someone::listens(if who.is_multiple_of(2) {
        Does::Stands(place, GOLDEN_ANGLE * who as f32, Activity::Idle)
    } else {
        Does::Strolls(place, 4.0)
    })
}

/// Evenly over a disc of this radius, as the seeds of a sunflower.
fn scattered(who: Who, radius: f32) -> Vec3 {
    let share = (who as f32 + 0.5) / MEMBERS as f32;
    Quat::from_rotation_y(GOLDEN_ANGLE * who as f32) * (radius * share.sqrt() * Vec3::Z)
}
