//! Plays the poses of a remote avatar smoothly: a little late, so that there is nearly always a next one to move to.

use std::time::Duration;

use glam::{Quat, Vec3};
use metaverse_protocol::time::Time;

use crate::{
    arrival::{Arrivals, Verdict},
    curve,
    delay::Delay,
    figure::Figure,
    level::Level,
    pose::{Pose, RootPose},
    track::{Knot, Track},
};

/// How long the root moves on by itself when nothing comes, in seconds: longer guesses are more often wrong than right ...
const EXTRAPOLATION_MOST: f32 = 0.15;
/// ... except where poses are so rare that the delay does not reach back to the one before.
const EXTRAPOLATION_MOST_FAR: f32 = 1.0;
/// A farther step than this, in metres, ...
const TELEPORT_DISTANCE: f32 = 3.0;
/// ... at more than this speed, in metres a second, is a jump to be shown as one.
const TELEPORT_SPEED: f32 = 30.0;
/// What a step took at least, in seconds, where the avatar stood still before it: it may have set out any time.
const TELEPORT_TIME: f32 = 0.25;
/// Time in which a step of the root between what was shown and what has turned out true fades to a third, in seconds.
const CORRECTION_FADE: f32 = 0.08;
/// How much faster or slower than time playback may run to reach another delay: not seen by the eye.
const RATE_CHANGE: f32 = 0.1;
/// Farther than this off its due time, playback jumps there: the delays of two levels differ by less.
const PLAYOUT_JUMP: Duration = Duration::from_secs(1);
/// Time in which the weight of a body rises that was not known for a while, in seconds.
const EASE_IN: f32 = 0.3;

/// How much later a pose counts that has come again in more detail.
const REFINED: Duration = Duration::from_micros(1);

/// What became of a pose that was handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pushed {
    /// It is played in its turn.
    Accepted,
    /// It is too far from the one before to have been walked: playback starts anew from it.
    Teleported,
    /// The last few stamps all disagreed with the ones before, so the sender's clock has jumped: playback starts anew.
    Restarted,
    /// It is the newest one again in no more detail, and ignored.
    Duplicate,
    /// A newer one was there before, and it is ignored.
    Late,
    /// Its stamp is farther ahead than time has passed, and it is ignored.
    Ahead,
}

/// What of an avatar's pose is to be shown.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Shown {
    /// The root alone; the body stays as it was last shown, or moves as the game likes.
    Root {
        /// For how long the body has not been known any more; `None` when it never was.
        alone: Option<Duration>,
    },
    /// All of it.
    Body {
        /// 1, or on its way from 0 to 1 where the body was not known before: how much of it to show over a game's own
        /// animation. A game without one takes no notice; the body eases in by itself from where it was last shown.
        weight: f32,
    },
}

/// One remote avatar's poses, and where in them playback is. Allocates when the first body comes, and never again.
#[derive(Debug, Default)]
pub struct Playback {
    arrivals: Arrivals,
    track: Track,
    delay: Delay,
    /// How many runs of bodies there were.
    runs: u32,
    figure: Option<Box<Figure>>,
    playing: Option<Playing>,
    known: Known,
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

/// What the one who looks knows of the body.
#[derive(Clone, Copy, Debug, Default)]
enum Known {
    /// Nothing was shown yet.
    #[default]
    Nothing,
    /// Only the root was ever shown.
    Root,
    /// The body was, until this moment.
    Until(Time),
    /// The body is; if it was not at some time, since this moment.
    Since(Option<Time>),
}

impl Playback {
    /// Nothing to play yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands in a pose that was captured at `captured` and has come at `received`, both on this peer's clock. At
    /// [`Level::Far`] only its root counts; a pose of [`Level::Middle`] was completed by the [`Solver`](crate::Solver).
    pub fn push(&mut self, received: Time, captured: Time, level: Level, pose: &Pose) -> Pushed {
        let (gap, pushed) = match self.arrivals.judge(received, captured) {
            Verdict::Duplicate => return self.refine(captured, level, pose),
            Verdict::Late => return Pushed::Late,
            Verdict::Ahead => return Pushed::Ahead,
            Verdict::First => (None, Pushed::Accepted),
            Verdict::Restart => (None, Pushed::Restarted),
            Verdict::Next(gap) => (Some(gap), Pushed::Accepted),
        };
        let moving = self.delay.moving(level, gap.unwrap_or_default());
        let pushed = match gap {
            Some(gap) if self.is_teleport(pose.root, moving, gap) => Pushed::Teleported,
            _ => pushed,
        };
        if pushed == Pushed::Restarted {
            self.delay.restart();
        }
        if pushed != Pushed::Accepted {
            self.cut();
        }
        self.delay.observe(received, captured, level, gap);
        self.add(captured, level, moving, pose);
        pushed
    }

    /// Takes the newest pose once more if it comes in more detail: who stands still is seen as a place first, and then
    /// with the body.
    fn refine(&mut self, captured: Time, level: Level, pose: &Pose) -> Pushed {
        if self
            .track
            .newest()
            .is_none_or(|newest| newest.level <= level)
        {
            return Pushed::Duplicate;
        }
        self.add(captured + REFINED, level, REFINED, pose);
        Pushed::Accepted
    }

    /// Writes what is to be shown at `now` into `pose`, and tells what of it that is; `None` before the first pose has
    /// come. What is not to be shown stays as it is in `pose`.
    pub fn sample(&mut self, now: Time, pose: &mut Pose) -> Option<Shown> {
        let due = now.offset(-self.delay.current());
        let (playing, elapsed) = match self.playing {
            Some(playing) => playing.advance(now, due),
            None => (Playing::new(now, due), 0.0),
        };
        let place = self.track.place(playing.playout)?;
        let root = self.track.root(&place, self.extrapolation())?;
        self.playing = Some(playing);
        pose.root = RootPose::within_bounds(
            root.position() + playing.position,
            (playing.rotation * root.rotation()).normalize(),
        );
        let has_body = self.track.run(place.from).is_some();
        if let Some(figure) = self.figure.as_mut().filter(|_| has_body) {
            figure.show(&self.track, &place, elapsed, pose);
        }
        self.known = self.known.next(has_body, now);
        Some(self.known.shown(now))
    }

    /// How far behind the sender the avatar is shown: transit, an interval, and what the jitter asks for. Zero when the
    /// sender's clock seems ahead.
    pub fn delay(&self) -> Duration {
        Duration::from_micros(self.delay.current().try_into().unwrap_or(0))
    }

    fn is_teleport(&self, root: RootPose, moving: Duration, gap: Duration) -> bool {
        let Some(newest) = self.track.newest() else {
            return false;
        };
        let distance = newest.root.position().distance(root.position());
        let seconds = gap
            .as_secs_f32()
            .min(moving.as_secs_f32().max(TELEPORT_TIME));
        distance > TELEPORT_DISTANCE && distance > TELEPORT_SPEED * seconds
    }

    /// Starts anew: nothing that was shown leads to what is shown next.
    fn cut(&mut self) {
        self.track.clear();
        self.playing = None;
        if let Known::Since(_) = self.known {
            self.known = Known::Since(None);
            self.figure.iter_mut().for_each(|figure| figure.cut());
        }
    }

    fn add(&mut self, time: Time, level: Level, moving: Duration, pose: &Pose) {
        let run = self.run(level);
        let overtaken = self.overtaken();
        let slot = self.track.push(Knot {
            time,
            root: pose.root,
            level,
            run,
            moving,
        });
        if run.is_some() {
            self.figure
                .get_or_insert_with(|| Box::new(Figure::new()))
                .store(slot, pose);
        }
        if let Some(shown) = overtaken {
            self.keep_showing(shown);
        }
    }

    /// The run that a body of `level` belongs to which comes next.
    fn run(&mut self, level: Level) -> Option<u32> {
        if level == Level::Far {
            return None;
        }
        let newest = self.track.newest().filter(|newest| newest.level == level);
        let run = newest.and_then(|newest| newest.run);
        run.or_else(|| {
            self.runs = self.runs.wrapping_add(1);
            Some(self.runs)
        })
    }

    fn extrapolation(&self) -> f32 {
        match self.track.newest() {
            Some(newest) if newest.level == Level::Far => EXTRAPOLATION_MOST_FAR,
            _ => EXTRAPOLATION_MOST,
        }
    }

    /// The root on screen when playback is beyond the newest pose, so that the next one changes what is shown.
    fn overtaken(&self) -> Option<RootPose> {
        let playout = self.playing?.playout;
        let newest = self.track.newest()?;
        (newest.time < playout).then(|| self.root_at(playout))?
    }

    fn root_at(&self, playout: Time) -> Option<RootPose> {
        let place = self.track.place(playout)?;
        self.track.root(&place, self.extrapolation())
    }

    /// Makes up for what the newest pose has changed of the moment on screen, where the root was at `before`.
    fn keep_showing(&mut self, before: RootPose) {
        let Some(playing) = self.playing else {
            return;
        };
        let Some(place) = self.track.place(playing.playout) else {
            return;
        };
        let Some(after) = self.track.root(&place, self.extrapolation()) else {
            return;
        };
        let turned = before.rotation() * after.rotation().inverse();
        self.playing = Some(Playing {
            position: playing.position + before.position() - after.position(),
            rotation: (playing.rotation * turned).normalize(),
            ..playing
        });
        if let Some(figure) = &mut self.figure {
            figure.keep_showing(&self.track, &place);
        }
    }
}

impl Playing {
    fn new(now: Time, playout: Time) -> Self {
        Self {
            now,
            playout,
            position: Vec3::ZERO,
            rotation: Quat::IDENTITY,
        }
    }

    /// Moves on to `now`, a little faster or slower than time where the playout is not the one that is `due`. With the
    /// seconds that have passed.
    fn advance(self, now: Time, due: Time) -> (Self, f32) {
        let step = now.since(self.now);
        let even = self.playout + step;
        let off = due.micros_after(even);
        let most = (step.as_micros() as f32 * RATE_CHANGE) as i64;
        let playout = if off.unsigned_abs() > PLAYOUT_JUMP.as_micros() as u64 {
            due
        } else {
            even.offset(off.clamp(-most, most))
        };
        let elapsed = step.as_secs_f32();
        let keep = (-elapsed / CORRECTION_FADE).exp();
        let playing = Self {
            now: now.max(self.now),
            playout,
            position: self.position * keep,
            rotation: curve::part(self.rotation, keep),
        };
        (playing, elapsed)
    }
}

impl Known {
    /// After a moment at which the body `is_known` or not.
    fn next(self, is_known: bool, now: Time) -> Self {
        match (self, is_known) {
            (Self::Nothing, true) => Self::Since(None),
            (Self::Root | Self::Until(_), true) => Self::Since(Some(now)),
            (Self::Nothing, false) => Self::Root,
            (Self::Since(_), false) => Self::Until(now),
            (known, _) => known,
        }
    }

    fn shown(self, now: Time) -> Shown {
        match self {
            Self::Nothing | Self::Root => Shown::Root { alone: None },
            Self::Until(then) => Shown::Root {
                alone: Some(now.since(then)),
            },
            Self::Since(then) => Shown::Body {
                weight: then.map_or(1.0, |then| {
                    (now.since(then).as_secs_f32() / EASE_IN).min(1.0)
                }),
            },
        }
    }
}
