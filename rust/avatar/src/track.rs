//! The newest poses of one avatar in the order of capture: the curve that its root moves along, and where on it a moment is.

use std::time::Duration;

use glam::Vec3;
use metaverse_protocol::time::Time;

use crate::{curve, level::Level, pose::RootPose};

/// Poses kept: what the longest delay on an even network holds at 60 a second, and some.
pub(crate) const KEPT: usize = 40;

/// Shorter gaps say nothing about the speed: clocks are corrected by as much.
const GAP_LEAST: f32 = 0.005;

/// Poses in the order of capture, in a fixed ring. A slot is a place in it, from 0 to [`KEPT`].
#[derive(Debug)]
pub(crate) struct Track {
    knots: [Option<Knot>; KEPT],
    /// How many were ever pushed; the newest is at `count - 1` modulo the ring's size.
    count: usize,
}

/// A pose on the track.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knot {
    pub(crate) time: Time,
    pub(crate) root: RootPose,
    pub(crate) level: Level,
    /// Poses whose bodies follow one another have the same number here; without a body there is none.
    pub(crate) run: Option<u32>,
    /// How long before `time` the avatar set out from the pose before: it stood still until then.
    pub(crate) moving: Duration,
}

/// Where a moment is: after the knot in slot `from`, or at it when it is before all knots.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Place {
    pub(crate) from: usize,
    /// The knot before, and the time it took from there to `from`, in seconds.
    pub(crate) before: Option<(usize, f32)>,
    pub(crate) leg: Leg,
}

/// What the way from a knot is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Leg {
    /// The next knot is in slot `to`; `share` of the way is behind, which takes `gap` seconds. `rested`: the avatar stood
    /// still before it set out. `ahead`: seconds since `from` was passed.
    Between {
        to: usize,
        share: f32,
        gap: f32,
        rested: bool,
        ahead: f32,
    },
    /// There is no next knot yet, and `from` was passed so many seconds ago.
    Beyond(f32),
}

impl Default for Track {
    fn default() -> Self {
        Self {
            knots: [None; KEPT],
            count: 0,
        }
    }
}

impl Track {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The newest knot.
    pub(crate) fn newest(&self) -> Option<&Knot> {
        self.back(0)
    }

    /// Adds a pose captured after all others, and tells its slot.
    pub(crate) fn push(&mut self, knot: Knot) -> usize {
        let slot = self.count % KEPT;
        self.knots[slot] = Some(knot);
        self.count += 1;
        slot
    }

    /// Which run the body in `slot` is part of, if there is one.
    pub(crate) fn run(&self, slot: usize) -> Option<u32> {
        self.knots[slot]?.run
    }

    /// Where `time` is; `None` while there are no knots.
    pub(crate) fn place(&self, time: Time) -> Option<Place> {
        let back = (0..KEPT)
            .find(|back| self.back(*back).is_none_or(|knot| knot.time <= time))
            .filter(|back| self.back(*back).is_some());
        let Some(back) = back else {
            return self.at_oldest();
        };
        let from = self.back(back)?;
        let before = self.back(back + 1).map(|_| {
            let seconds = from.moving.as_secs_f32().max(GAP_LEAST);
            (self.slot(back + 1), seconds)
        });
        let ahead = time.since(from.time).as_secs_f32();
        let leg = match back.checked_sub(1) {
            None => Leg::Beyond(ahead),
            Some(next) => self.leg(next, from, time, ahead)?,
        };
        Some(Place {
            from: self.slot(back),
            before,
            leg,
        })
    }

    /// The root at a place on this track, which goes straight on for at most `extrapolation` seconds beyond the newest, and back
    /// if nothing comes.
    pub(crate) fn root(&self, place: &Place, extrapolation: f32) -> Option<RootPose> {
        let from = self.knots[place.from]?.root;
        let before = place
            .before
            .and_then(|(slot, seconds)| Some((self.knots[slot]?.root, seconds)));
        Some(match place.leg {
            Leg::Between {
                to,
                share,
                gap,
                rested,
                ..
            } => {
                let before = before
                    .filter(|_| !rested)
                    .map(|(root, seconds)| (root, gap / seconds));
                between(before, from, self.knots[to]?.root, rested, share)
            }
            Leg::Beyond(ahead) => before.map_or(from, |(before, seconds)| {
                beyond(
                    before,
                    from,
                    curve::went_on(ahead, extrapolation),
                    ahead,
                    seconds,
                )
            }),
        })
    }

    fn at_oldest(&self) -> Option<Place> {
        let oldest = self.count.min(KEPT).checked_sub(1)?;
        Some(Place {
            from: self.slot(oldest),
            before: None,
            leg: Leg::Beyond(0.0),
        })
    }

    fn leg(&self, next: usize, from: &Knot, time: Time, ahead: f32) -> Option<Leg> {
        let to = self.back(next)?;
        let gap = to.moving.as_secs_f32().max(GAP_LEAST);
        let left = to.time.since(time).as_secs_f32();
        Some(Leg::Between {
            to: self.slot(next),
            share: (1.0 - left / gap).clamp(0.0, 1.0),
            gap,
            rested: to.moving < to.time.since(from.time),
            ahead,
        })
    }

    fn slot(&self, back: usize) -> usize {
        (self.count - 1 - back) % KEPT
    }

    fn back(&self, steps: usize) -> Option<&Knot> {
        if steps >= KEPT {
            return None;
        }
        let at = self.count.checked_sub(steps + 1)?;
        self.knots[at % KEPT].as_ref()
    }
}

/// `before`: the pose before `from`, and how many times as long as the way from there the way to `to` takes.
fn between(
    before: Option<(RootPose, f32)>,
    from: RootPose,
    to: RootPose,
    rested: bool,
    share: f32,
) -> RootPose {
    let weights = curve::Weights::at(share);
    let step = to.position() - from.position();
    let start = match before {
        Some((before, ratio)) => (from.position() - before.position()) * ratio,
        None if rested => Vec3::ZERO,
        None => step,
    };
    let moved = curve::hold3(start, step) * weights.start + step * weights.step;
    let start = match before {
        Some((before, ratio)) => curve::Start::From(before.rotation(), ratio),
        None if rested => curve::Start::Rest,
        None => curve::Start::Straight,
    };
    let rotation = curve::turn(start, from.rotation(), to.rotation(), weights);
    RootPose::within_bounds(from.position() + moved, rotation)
}

fn beyond(before: RootPose, from: RootPose, ahead: f32, since: f32, seconds: f32) -> RootPose {
    let moved = (from.position() - before.position()) * (ahead / seconds);
    let rotation = curve::coast(
        before.rotation(),
        from.rotation(),
        curve::coasted(since) / seconds,
    );
    RootPose::within_bounds(from.position() + moved, rotation)
}

#[cfg(test)]
mod tests {
    use glam::Quat;
    use proptest::prelude::*;

    use super::*;

    fn millis(count: u64) -> Time {
        Time(1_000_000_000 + count * 1_000)
    }

    fn knot(at: u64, gap: u64, position: Vec3, rotation: Quat) -> Knot {
        Knot {
            time: millis(at),
            root: RootPose::new(position, rotation).expect("a pose"),
            level: Level::Far,
            run: None,
            moving: Duration::from_millis(gap),
        }
    }

    fn track(poses: impl IntoIterator<Item = (Vec3, Quat)>) -> Track {
        let mut track = Track::default();
        for (beat, (position, rotation)) in poses.into_iter().enumerate() {
            track.push(knot(50 * beat as u64, 50, position, rotation));
        }
        track
    }

    fn at(track: &Track, time: Time, extrapolation: f32) -> RootPose {
        let place = track.place(time).expect("knots");
        track.root(&place, extrapolation).expect("knots")
    }

    proptest! {
        #[test]
        fn the_curve_goes_through_its_poses_and_stays_between_them(
            places in prop::collection::vec(prop::array::uniform3(-2.0_f32..2.0), 2..100),
            share in 0_u64..=50,
        ) {
            let track = track(places.iter().map(|place| (Vec3::from(*place), Quat::IDENTITY)));
            let last = places.len() - 1;
            for beat in last.saturating_sub(KEPT - 1)..last {
                let (a, b) = (Vec3::from(places[beat]), Vec3::from(places[beat + 1]));
                let at = |offset: u64| at(&track, millis(50 * beat as u64 + offset), 0.0).position();
                prop_assert!(at(0).distance(a) < 1e-5);
                prop_assert!(at(50).distance(b) < 1e-5);
                let middle = at(share);
                prop_assert!(middle.cmpge(a.min(b) - 1e-4).all() && middle.cmple(a.max(b) + 1e-4).all());
            }
        }
    }

    #[test]
    fn steady_motion_is_played_steadily() {
        let track = track((0..10_u8).map(|beat| {
            let beat = f32::from(beat);
            (Vec3::X * beat * 0.1, Quat::from_rotation_y(beat * 0.1))
        }));
        for offset in 60..450_u16 {
            let shown = at(&track, millis(u64::from(offset)), 0.0);
            let seconds = f32::from(offset) * 0.001;
            assert!((shown.position().x - seconds * 2.0).abs() < 1e-4);
            assert!(
                shown
                    .rotation()
                    .angle_between(Quat::from_rotation_y(seconds * 2.0))
                    < 2e-3
            );
        }
    }

    #[test]
    fn before_the_first_it_waits_and_after_the_newest_it_goes_on_for_a_while() {
        let mut track = Track::default();
        assert_eq!(track.place(millis(0)), None);
        track.push(knot(0, 50, Vec3::ZERO, Quat::IDENTITY));
        track.push(knot(50, 50, Vec3::X * 0.1, Quat::IDENTITY));
        let at = |time| at(&track, time, 0.15).position().x;
        assert!(at(Time(5)).abs() < 1e-6);
        assert!((at(millis(150)) - 0.3).abs() < 1e-4);
        assert!((at(millis(200)) - 0.4).abs() < 1e-4);
        assert!(
            (at(millis(5_000)) - 0.1).abs() < 1e-4,
            "and back: who stands still sends nothing"
        );
    }

    #[test]
    fn after_a_pause_it_sets_out_one_interval_before_the_next_pose() {
        let mut track = track([(Vec3::ZERO, Quat::IDENTITY); 2]);
        track.push(knot(2_050, 50, Vec3::X * 0.1, Quat::IDENTITY));
        let at = |time| at(&track, millis(time), 0.0).position().x;
        assert!(at(1_000).abs() < 1e-6);
        assert!(at(1_999).abs() < 1e-6);
        assert!(at(2_025) > 0.01 && at(2_025) < 0.09);
        assert!((at(2_050) - 0.1).abs() < 1e-5);
    }
}
