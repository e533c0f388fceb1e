//! Plays the poses of a remote avatar smoothly: a little late, so that there is nearly always a next one to move to.

use std::time::Duration;

use glam::{Quat, Vec3};
use metaverse_protocol::time::Time;

use crate::{delay::Delay, pose::RootPose, track::Track};

/// How long motion goes on by itself when nothing comes: longer guesses are more often wrong than right.
const EXTRAPOLATION_MOST: Duration = Duration::from_millis(150);
/// A farther step than this in one interval ...
const TELEPORT_DISTANCE: f32 = 3.0;
/// ... at more than this speed, in metres a second, is a jump to be shown as one.
const TELEPORT_SPEED: f32 = 30.0;
/// Time in which a step between what was shown and what has turned out true fades to a third.
const CORRECTION_FADE: f32 = 0.08;
/// How much faster or slower than time playback may run to reach another delay: not seen by the eye.
const RATE_CHANGE: f32 = 0.1;
/// Farther than this off its due time, playback jumps there.
const PLAYOUT_JUMP: Duration = Duration::from_millis(400);

/// What became of a pose that was handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pushed {
    /// It is played in its turn.
    Accepted,
    /// It is too far from the one before to have been walked: playback starts anew from it.
    Teleported,
    /// It is the newest one again, and ignored.
    Duplicate,
    /// A newer one was there before, and it is ignored.
    Late,
}

/// One remote avatar's poses, and where in them playback is. Allocates nothing.
#[derive(Debug, Default)]
pub struct Playback {
    track: Track,
    delay: Delay,
    playing: Option<Playing>,
}

/// Where playback is.
#[derive(Clone, Copy, Debug)]
struct Playing {
    /// The moment at which a pose was last asked for.
    now: Time,
    /// The moment on the track that was shown then.
    playout: Time,
    /// What to add to the track so that nothing jumps; fades.
    position: Vec3,
    rotation: Quat,
}

impl Playback {
    /// Nothing to play yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands in a pose that was captured at `captured` and has come at `received`, both on this peer's clock.
    pub fn push(&mut self, received: Time, captured: Time, pose: RootPose) -> Pushed {
        let Some((newest, last)) = self.track.newest() else {
            self.delay.observe(received, captured, None);
            self.track.push(captured, pose);
            return Pushed::Accepted;
        };
        if captured == newest {
            return Pushed::Duplicate;
        }
        if captured < newest {
            return Pushed::Late;
        }
        let gap = captured.since(newest);
        self.delay.observe(received, captured, Some(gap));
        if is_teleport(last.position().distance(pose.position()), gap) {
            self.track.clear();
            self.track.push(captured, pose);
            self.playing = None;
            return Pushed::Teleported;
        }
        let shown = self.at_playout();
        self.track.push(captured, pose);
        self.keep_showing(shown);
        Pushed::Accepted
    }

    /// The pose to show at `now`; `None` before the first has come.
    pub fn sample(&mut self, now: Time) -> Option<RootPose> {
        self.track.newest()?;
        let due = now.offset(-i64::try_from(self.delay.current().as_micros()).unwrap_or(i64::MAX));
        let playing = match self.playing {
            Some(playing) => playing.advance(now, due),
            None => Playing {
                now,
                playout: due,
                position: Vec3::ZERO,
                rotation: Quat::IDENTITY,
            },
        };
        self.playing = Some(playing);
        let pose = self.at_playout()?;
        let rotation = (playing.rotation * pose.rotation()).normalize();
        Some(RootPose::within_bounds(
            pose.position() + playing.position,
            rotation,
        ))
    }

    /// How far behind the sender the avatar is shown: transit, an interval, and what the jitter asks for.
    pub fn delay(&self) -> Duration {
        self.delay.current()
    }

    fn at_playout(&self) -> Option<RootPose> {
        self.track.at(self.playing?.playout, EXTRAPOLATION_MOST)
    }

    /// Makes up for what a new pose has changed of the moment on screen.
    fn keep_showing(&mut self, shown: Option<RootPose>) {
        let (Some(before), Some(after)) = (shown, self.at_playout()) else {
            return;
        };
        let Some(playing) = &mut self.playing else {
            return;
        };
        playing.position += before.position() - after.position();
        playing.rotation =
            (playing.rotation * before.rotation() * after.rotation().inverse()).normalize();
    }
}

impl Playing {
    /// Moves on to `now`, a little faster or slower than time where the playout is not the one that is `due`.
    fn advance(self, now: Time, due: Time) -> Self {
        let step = now.since(self.now);
        let even = self.playout + step;
        let off = due.micros_after(even);
        let most = (step.as_micros() as f32 * RATE_CHANGE) as i64;
        let playout = if off.unsigned_abs() > PLAYOUT_JUMP.as_micros() as u64 {
            due
        } else {
            even.offset(off.clamp(-most, most))
        };
        let keep = (-step.as_secs_f32() / CORRECTION_FADE).exp();
        Self {
            now: now.max(self.now),
            playout,
            position: self.position * keep,
            rotation: Quat::IDENTITY.slerp(self.rotation, keep),
        }
    }
}

fn is_teleport(distance: f32, gap: Duration) -> bool {
    distance > TELEPORT_DISTANCE && distance > TELEPORT_SPEED * gap.as_secs_f32()
}
