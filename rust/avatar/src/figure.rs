//! The bodies of one avatar's poses, and the one on screen.

use glam::{Quat, Vec3};

use crate::{
    curve,
    limits::{BONES_MOST, EXPRESSIONS_MOST},
    pose::Pose,
    track::{KEPT, Leg, Place, Track},
};

/// Time in which a difference fades to three quarters, in seconds: between what was shown and what has turned out true ...
const CORRECTION_FADE: f32 = 0.05;
/// ... and between the body as one level knew it and as the next does, which may be much larger.
const CHANGE_FADE: f32 = 0.12;
/// A share of a difference that nobody sees.
const FADED: f32 = 0.01;

/// A pose without its root.
#[derive(Clone, Copy, Debug)]
struct Body {
    hips: Vec3,
    rotations: [Quat; BONES_MOST],
    expressions: [f32; EXPRESSIONS_MOST],
}

const REST: Body = Body {
    hips: Vec3::ZERO,
    rotations: [Quat::IDENTITY; BONES_MOST],
    expressions: [0.0; EXPRESSIONS_MOST],
};

/// The bodies at the knots of a [`Track`], in the same slots, and what is shown of them.
#[derive(Debug)]
pub(crate) struct Figure {
    knots: Box<[Body]>,
    /// The run that is on screen, once something is.
    run: Option<u32>,
    /// What was last shown.
    shown: Body,
    /// What to add to the curve so that nothing jumps, for as long as it fades.
    difference: Body,
    fade: Option<Fade>,
}

impl Figure {
    pub(crate) fn new() -> Self {
        Self {
            knots: vec![REST; KEPT].into_boxed_slice(),
            run: None,
            shown: REST,
            difference: REST,
            fade: None,
        }
    }

    /// Takes the body of the pose that the track has in `slot`.
    pub(crate) fn store(&mut self, slot: usize, pose: &Pose) {
        let knot = &mut self.knots[slot];
        knot.hips = pose.hips;
        knot.rotations = pose.rotations;
        knot.expressions = pose.expressions;
    }

    /// Forgets what is on screen: what comes next is shown at once.
    pub(crate) fn cut(&mut self) {
        self.run = None;
        self.fade = None;
    }

    /// Makes up for what a new pose has changed of the moment on screen, which is at `place`.
    pub(crate) fn keep_showing(&mut self, track: &Track, place: &Place) {
        if self.run.is_some() && self.run == track.run(place.from) {
            let curve = Curve::new(&self.knots, track, place);
            self.difference.set_difference(&self.shown, &curve);
            self.fade = Some(Fade::new(CORRECTION_FADE));
        }
    }

    /// Writes the body at `place` into `pose`, `elapsed` seconds after the one before. There must be one.
    pub(crate) fn show(&mut self, track: &Track, place: &Place, elapsed: f32, pose: &mut Pose) {
        self.fade = self.fade.and_then(|fade| fade.after(elapsed));
        let run = track.run(place.from);
        if self.run.is_some() && run != self.run {
            let start = Curve::still(&self.knots[place.from]);
            self.difference.set_difference(&self.shown, &start);
            self.fade = Some(Fade::new(CHANGE_FADE));
        }
        self.run = run;
        let curve = Curve::new(&self.knots, track, place);
        match self.fade {
            None => self.shown.set(&curve),
            Some(fade) => self
                .shown
                .set_corrected(&curve, &self.difference, fade.weight()),
        }
        pose.hips = self.shown.hips;
        pose.rotations = self.shown.rotations;
        pose.expressions = self.shown.expressions;
    }
}

/// How a difference fades: as a critically damped spring comes to rest, without a start that is seen.
#[derive(Clone, Copy, Debug)]
struct Fade {
    /// How many times the fade's own time have passed.
    passed: f32,
    time: f32,
}

impl Fade {
    fn new(time: f32) -> Self {
        Self { passed: 0.0, time }
    }

    /// So many seconds later; nothing when it is over.
    fn after(self, seconds: f32) -> Option<Self> {
        let later = Self {
            passed: self.passed + seconds / self.time,
            ..self
        };
        (later.weight() > FADED).then_some(later)
    }

    fn weight(self) -> f32 {
        (1.0 + self.passed) * (-self.passed).exp()
    }
}

impl Body {
    fn set(&mut self, curve: &Curve<'_>) {
        self.hips = curve.hips();
        for (bone, rotation) in self.rotations.iter_mut().enumerate() {
            *rotation = curve.rotation(bone);
        }
        for (at, expression) in self.expressions.iter_mut().enumerate() {
            *expression = curve.expression(at);
        }
    }

    fn set_corrected(&mut self, curve: &Curve<'_>, difference: &Self, weight: f32) {
        self.hips = curve.hips() + difference.hips * weight;
        for (bone, rotation) in self.rotations.iter_mut().enumerate() {
            let part = curve::part(difference.rotations[bone], weight);
            *rotation = (part * curve.rotation(bone)).normalize();
        }
        for (at, expression) in self.expressions.iter_mut().enumerate() {
            let corrected = curve.expression(at) + difference.expressions[at] * weight;
            *expression = corrected.clamp(0.0, 1.0);
        }
    }

    /// What makes the `curve` what is `shown`.
    fn set_difference(&mut self, shown: &Self, curve: &Curve<'_>) {
        self.hips = shown.hips - curve.hips();
        for (bone, rotation) in self.rotations.iter_mut().enumerate() {
            *rotation = shown.rotations[bone] * curve.rotation(bone).inverse();
        }
        for (at, expression) in self.expressions.iter_mut().enumerate() {
            *expression = shown.expressions[at] - curve.expression(at);
        }
    }
}

/// The bodies around a moment, and how much of each it is.
struct Curve<'a> {
    from: &'a Body,
    way: Way<'a>,
}

enum Way<'a> {
    /// There is nothing to move by.
    Still,
    /// On the way to the next body. `before`: the one before, and how many times as long as the way from there this takes.
    Between {
        before: Option<(&'a Body, f32)>,
        to: &'a Body,
        rested: bool,
        share: f32,
        weights: curve::Weights,
    },
    /// Going on from the body before, by a ratio of the last way.
    Beyond(&'a Body, f32),
}

impl<'a> Curve<'a> {
    fn still(from: &'a Body) -> Self {
        Self {
            from,
            way: Way::Still,
        }
    }

    fn new(knots: &'a [Body], track: &Track, place: &Place) -> Self {
        let run = track.run(place.from);
        let before = place
            .before
            .filter(|(slot, _)| track.run(*slot) == run)
            .map(|(slot, seconds)| (&knots[slot], seconds));
        let way = match place.leg {
            Leg::Between {
                to,
                share,
                gap,
                rested,
                ..
            } if track.run(to) == run => Way::Between {
                before: before
                    .filter(|_| !rested)
                    .map(|(body, seconds)| (body, gap / seconds)),
                to: &knots[to],
                rested,
                share,
                weights: curve::Weights::at(share),
            },
            Leg::Between { ahead, .. } | Leg::Beyond(ahead) => before
                .map_or(Way::Still, |(body, seconds)| {
                    Way::Beyond(body, curve::coasted(ahead) / seconds)
                }),
        };
        Self {
            from: &knots[place.from],
            way,
        }
    }

    fn hips(&self) -> Vec3 {
        let from = self.from.hips;
        match self.way {
            Way::Still => from,
            Way::Between {
                before,
                to,
                rested,
                weights,
                ..
            } => {
                let step = to.hips - from;
                let start = match before {
                    Some((before, ratio)) => curve::hold3((from - before.hips) * ratio, step),
                    None if rested => Vec3::ZERO,
                    None => step,
                };
                from + start * weights.start + step * weights.step
            }
            Way::Beyond(before, ratio) => from + (from - before.hips) * ratio.min(1.0),
        }
    }

    fn rotation(&self, bone: usize) -> Quat {
        let from = self.from.rotations[bone];
        match self.way {
            Way::Still => from,
            Way::Between {
                before,
                to,
                rested,
                weights,
                ..
            } => {
                let start = match before {
                    Some((before, ratio)) => curve::Start::From(before.rotations[bone], ratio),
                    None if rested => curve::Start::Rest,
                    None => curve::Start::Straight,
                };
                curve::turn(start, from, to.rotations[bone], weights)
            }
            Way::Beyond(before, ratio) => curve::coast(before.rotations[bone], from, ratio),
        }
    }

    fn expression(&self, at: usize) -> f32 {
        let from = self.from.expressions[at];
        match self.way {
            Way::Between { to, share, .. } => from + (to.expressions[at] - from) * share,
            Way::Still | Way::Beyond(..) => from,
        }
    }
}
