//! The newest poses of one avatar as a curve over time.

use std::time::Duration;

use glam::Vec3;
use metaverse_protocol::time::Time;

use crate::pose::RootPose;

/// Poses kept: more than the longest delay holds at 60 a second.
const KEPT: usize = 32;

/// Shorter gaps say nothing about the speed: clocks are corrected by as much.
const GAP_LEAST: f32 = 0.005;

/// Poses in the order of capture, in a fixed ring.
#[derive(Debug, Default)]
pub(crate) struct Track {
    knots: [Option<Knot>; KEPT],
    /// How many were ever pushed; the newest is at `count - 1` modulo the ring's size.
    count: usize,
}

#[derive(Clone, Copy, Debug)]
struct Knot {
    time: Time,
    pose: RootPose,
    /// Metres a second since the pose before.
    velocity: Vec3,
}

impl Track {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The newest pose and when it was captured.
    pub(crate) fn newest(&self) -> Option<(Time, RootPose)> {
        self.back(0).map(|knot| (knot.time, knot.pose))
    }

    /// Adds a pose captured after all others.
    pub(crate) fn push(&mut self, time: Time, pose: RootPose) {
        let velocity = self.back(0).map_or(Vec3::ZERO, |last| {
            (pose.position() - last.pose.position())
                / time.since(last.time).as_secs_f32().max(GAP_LEAST)
        });
        self.knots[self.count % KEPT] = Some(Knot {
            time,
            pose,
            velocity,
        });
        self.count += 1;
    }

    /// The pose at `time`: the first one before it, a curve between, and at most `extrapolation` of straight motion
    /// after the newest.
    pub(crate) fn at(&self, time: Time, extrapolation: Duration) -> Option<RootPose> {
        let mut next: Option<&Knot> = None;
        for knot in (0..KEPT).map_while(|back| self.back(back)) {
            if knot.time <= time {
                return Some(next.map_or_else(
                    || beyond(knot, time, extrapolation),
                    |next| between(knot, next, time),
                ));
            }
            next = Some(knot);
        }
        next.map(|knot| knot.pose)
    }

    fn back(&self, steps: usize) -> Option<&Knot> {
        let at = self.count.checked_sub(steps + 1)?;
        self.knots[at % KEPT].as_ref()
    }
}

fn beyond(newest: &Knot, time: Time, extrapolation: Duration) -> RootPose {
    let ahead = time.since(newest.time).min(extrapolation).as_secs_f32();
    RootPose::within_bounds(
        newest.pose.position() + newest.velocity * ahead,
        newest.pose.rotation(),
    )
}

/// A cubic Hermite curve in position, with slopes held so that it never overshoots (Fritsch and Carlson, "Monotone
/// piecewise cubic interpolation", 1980), and a great arc in rotation.
fn between(from: &Knot, to: &Knot, time: Time) -> RootPose {
    let gap = to.time.since(from.time).as_secs_f32().max(GAP_LEAST);
    let share = (time.since(from.time).as_secs_f32() / gap).min(1.0);
    let step = to.pose.position() - from.pose.position();
    let (start, end) = (
        held(from.velocity * gap, step),
        held(to.velocity * gap, step),
    );
    let (squared, cubed) = (share * share, share * share * share);
    let moved = start * (cubed - 2.0 * squared + share)
        + step * (3.0 * squared - 2.0 * cubed)
        + end * (cubed - squared);
    let rotation = from.pose.rotation().slerp(to.pose.rotation(), share);
    RootPose::within_bounds(from.pose.position() + moved, rotation.normalize())
}

/// A slope that keeps the curve between its ends: of the step's sign, and at most three times as large.
fn held(slope: Vec3, step: Vec3) -> Vec3 {
    let (least, most) = ((3.0 * step).min(Vec3::ZERO), (3.0 * step).max(Vec3::ZERO));
    slope.clamp(least, most)
}

#[cfg(test)]
mod tests {
    use glam::Quat;
    use proptest::prelude::*;

    use super::*;

    fn pose(position: Vec3) -> RootPose {
        RootPose::new(position, Quat::IDENTITY).expect("a pose")
    }

    fn millis(count: u64) -> Time {
        Time(1_000_000_000 + count * 1_000)
    }

    proptest! {
        #[test]
        fn the_curve_goes_through_its_poses_and_stays_between_them(
            places in prop::collection::vec(prop::array::uniform3(-2.0_f32..2.0), 2..100),
            share in 0_u64..=50,
        ) {
            let mut track = Track::default();
            for (beat, place) in places.iter().enumerate() {
                track.push(millis(50 * beat as u64), pose(Vec3::from(*place)));
            }
            let last = places.len() - 1;
            for beat in last.saturating_sub(KEPT - 1)..last {
                let (a, b) = (Vec3::from(places[beat]), Vec3::from(places[beat + 1]));
                let at = |offset: u64| track.at(millis(50 * beat as u64 + offset), Duration::ZERO).expect("poses");
                prop_assert!(at(0).position().distance(a) < 1e-5);
                prop_assert!(at(50).position().distance(b) < 1e-5);
                let middle = at(share).position();
                prop_assert!(middle.cmpge(a.min(b) - 1e-4).all() && middle.cmple(a.max(b) + 1e-4).all());
            }
        }
    }

    #[test]
    fn steady_motion_is_played_steadily() {
        let mut track = Track::default();
        for beat in 0..10_u8 {
            track.push(
                millis(50 * u64::from(beat)),
                pose(Vec3::X * f32::from(beat) * 0.1),
            );
        }
        for offset in 60..450_u16 {
            let at = track
                .at(millis(u64::from(offset)), Duration::ZERO)
                .expect("poses");
            assert!((at.position().x - f32::from(offset) * 0.002).abs() < 1e-4);
        }
    }

    #[test]
    fn before_the_first_it_waits_and_after_the_newest_it_goes_on_for_a_while() {
        let mut track = Track::default();
        assert_eq!(track.at(millis(0), Duration::ZERO), None);
        track.push(millis(0), pose(Vec3::ZERO));
        track.push(millis(50), pose(Vec3::X * 0.1));
        let at = |offset| {
            track
                .at(millis(offset), Duration::from_millis(150))
                .expect("poses")
                .position()
                .x
        };
        assert!(
            (track
                .at(Time(5), Duration::ZERO)
                .expect("poses")
                .position()
                .x)
                .abs()
                < 1e-6
        );
        assert!((at(150) - 0.3).abs() < 1e-4);
        assert!((at(200) - 0.4).abs() < 1e-4);
        assert!((at(5_000) - 0.4).abs() < 1e-4, "not for ever");
    }
}
