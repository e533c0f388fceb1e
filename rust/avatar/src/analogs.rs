//! Moments that were like this one. People do things again: a step is like the one before the last, and like the last in a
//! mirror. How the motion went on then tells how it may go on now (Lorenz, *Atmospheric predictability as revealed by
//! naturally occurring analogues*, 1969).

use glam::Vec4;
use metaverse_protocol::time::Tick;

use crate::{
    history::Remembered,
    lanes,
    layout::{self, Integers, Layout},
    parameters as p,
};

/// One moment as it was, one mirrored.
pub const ANALOGS: usize = 2;
/// Upper and lower arms and legs: what they do tells the moment.
pub const LIMBS_MOST: usize = 8;

/// Their components, four at a time.
pub type State = [Vec4; LIMBS_MOST * 3 / 4];
/// Of limbs that do nothing.
pub const AT_REST: State = [Vec4::ZERO; LIMBS_MOST * 3 / 4];

/// How like this one a moment was.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Likeness {
    /// One for the same.
    pub quality: f32,
    /// What it counts beside the others.
    pub share: f32,
}

/// The moments that were most like the newest known one.
#[derive(Clone, Copy, Debug)]
pub struct Analogs<'a> {
    layout: &'a Layout,
    found: [Option<Moment<'a>>; ANALOGS],
}

#[derive(Clone, Copy, Debug)]
struct Moment<'a> {
    /// The known pose that it is, and the one that was as long after it as the one that is expected is after the newest.
    at: &'a [Integers],
    next: &'a [Integers],
    quality: f32,
}

impl<'a> Analogs<'a> {
    /// Looks among the `known` poses, newest first, which were `captured` then, for a pose captured at `now`.
    pub fn find(
        layout: &'a Layout,
        known: &[Remembered<'a>],
        captured: &[Tick],
        now: Tick,
    ) -> Self {
        let mut found = [None; ANALOGS];
        if known.len() < 4 || layout.limbs.is_empty() {
            return Self { layout, found };
        }
        let straight = [known[0], known[1]].map(|pose| *pose.state);
        let mirrored = [known[0], known[1]].map(|pose| mirrored(layout, pose.values));
        let moving = squares(&straight[0], &straight[1]);
        let moving = lanes::totals([moving; 4]).x;
        let horizon = now.millis_after(captured[0]);
        let nearest = nearest(known, &[straight, mirrored], captured, horizon);
        let scale = [p::LIKENESS_SCALE, p::LIKENESS_SCALE * p::LIKENESS_MIRROR];
        for (which, nearest) in nearest.into_iter().enumerate() {
            found[which] = nearest.map(|(distance, at, next)| {
                let ratio = distance / (scale[which] * (moving + p::LIKENESS_BASE));
                Moment {
                    at: known[at].values,
                    next: known[next].values,
                    quality: 1.0 / (1.0 + ratio * ratio),
                }
            });
        }
        Self { layout, found }
    }

    /// How like the newest moment they were.
    pub fn likeness(&self) -> [Likeness; ANALOGS] {
        let quality = self
            .found
            .map(|found| found.map_or(0.0, |moment| moment.quality));
        let all = quality[0] + quality[1] + 1e-6;
        quality.map(|quality| Likeness {
            quality,
            share: quality * quality / all,
        })
    }

    /// How far the vector of the `index`-th group went from each. Where the figure is and looks says nothing.
    pub fn moved(&self, index: usize) -> [Option<Vec4>; ANALOGS] {
        let group = &self.layout.groups[index];
        if group.width < 3 || group.is_root() {
            return [None; ANALOGS];
        }
        let moved =
            |moment: Moment<'_>, of: usize| layout::difference(moment.next[of], moment.at[of]);
        let [straight, mirrored] = self.found;
        [
            straight.map(|moment| moved(moment, index)),
            mirrored.map(|moment| group.reflection * moved(moment, group.mirror)),
        ]
    }
}

/// What the `limbs` do in a pose.
pub fn state(limbs: &[usize], values: &[Integers]) -> State {
    pack(limbs.iter().map(|limb| values[*limb].as_vec4()))
}

/// What they would do in a mirror.
fn mirrored(layout: &Layout, values: &[Integers]) -> State {
    pack(layout.limbs.iter().map(|limb| {
        let group = &layout.groups[*limb];
        group.reflection * values[group.mirror].as_vec4()
    }))
}

fn pack(vectors: impl Iterator<Item = Vec4>) -> State {
    let mut components = [0.0; LIMBS_MOST * 3];
    for (components, vector) in components.chunks_exact_mut(3).zip(vectors) {
        components.copy_from_slice(&vector.to_array()[..3]);
    }
    let mut state = AT_REST;
    for (lane, components) in state.iter_mut().zip(components.chunks_exact(4)) {
        *lane = Vec4::from_slice(components);
    }
    state
}

/// Of the `known` poses, the one that is nearest to each of `moments`, which are a state and the one before: how far it is,
/// its place, and that of the one that was `horizon` milliseconds after it.
fn nearest(
    known: &[Remembered<'_>],
    moments: &[[State; 2]; ANALOGS],
    captured: &[Tick],
    horizon: i32,
) -> [Option<(f32, usize, usize)>; ANALOGS] {
    let mut nearest = [None; ANALOGS];
    let [straight, mirrored] = moments;
    let velocities = moments.map(|[state, before]| difference(&state, &before));
    let gap = captured[0].millis_after(captured[1]);
    for at in 1..known.len() - 1 {
        let between = captured[at].millis_after(captured[at + 1]);
        if (between - gap).abs() > gap / 3 {
            continue;
        }
        let is_next = |next: &usize| {
            let after = captured[*next].millis_after(captured[at]);
            (after - horizon).abs() <= horizon / 5
        };
        let Some(next) = (0..at).rev().find(is_next) else {
            continue;
        };
        let (state, before) = (known[at].state, known[at + 1].state);
        let velocity = difference(state, before);
        let [place, motion, mirrored_place, mirrored_motion] = lanes::totals([
            squares(&straight[0], state),
            squares(&velocities[0], &velocity),
            squares(&mirrored[0], state),
            squares(&velocities[1], &velocity),
        ])
        .to_array();
        let distances = [(place, motion), (mirrored_place, mirrored_motion)];
        for (nearest, (place, motion)) in nearest.iter_mut().zip(distances) {
            let distance = p::LIKENESS_PLACE * place + motion;
            if nearest.is_none_or(|(least, _, _)| distance < least) {
                *nearest = Some((distance, at, next));
            }
        }
    }
    nearest
}

fn difference(left: &State, right: &State) -> State {
    let mut difference = *left;
    for (lane, right) in difference.iter_mut().zip(right) {
        *lane -= *right;
    }
    difference
}

/// The squares of what is between two, in four sums.
fn squares(left: &State, right: &State) -> Vec4 {
    let mut sums = Vec4::ZERO;
    for (left, right) in left.iter().zip(right) {
        let between = *left - *right;
        sums += between * between;
    }
    sums
}
