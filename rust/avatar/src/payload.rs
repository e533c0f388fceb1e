//! The bytes of a pose: which known poses it is predicted from, then every vector as what is expected of it leaves open.

use crate::{
    analogs::Analogs,
    decode_error::DecodeError,
    history::History,
    layout::{Group, Layout},
    mobility,
    model::{Known, Model, REFERENCES_MOST, SERIES, Spread, TRACKED_MOST, Track},
    range::{self, Reader, Writer},
    references::References,
    timing::Timing,
};
use metaverse_protocol::time::Tick;

/// Tells what each vector is, and hears what is expected of it.
pub trait Visitor {
    /// The integers of the `index`-th group; `base` are those of the newest known pose.
    fn visit(
        &mut self,
        index: usize,
        group: &Group,
        spread: &Spread,
        base: [i32; 3],
    ) -> Result<[i32; 3], DecodeError>;
}

/// Walks through a pose captured at `now`, each vector with what is expected of it after those before it.
pub fn walk<V: Visitor>(
    layout: &Layout,
    history: &History,
    now: Tick,
    references: &References,
    visitor: &mut V,
) -> Result<(), DecodeError> {
    let mut known = [[].as_slice(); REFERENCES_MOST];
    for (values, captured) in known.iter_mut().zip(references.captured()) {
        *values = history
            .get(*captured)
            .ok_or(DecodeError::UnknownReference {
                age: now.0.wrapping_sub(captured.0),
            })?;
    }
    let captured = references.captured();
    let known = &known[..captured.len()];
    let analogs = Analogs::find(layout, known, captured, now);
    let tracked = known.len().min(TRACKED_MOST);
    let mut model = Model::new(
        Timing::new(&captured[..tracked], now),
        mobility::activity(layout, known),
        analogs.likeness(),
    );
    for (index, group) in layout.groups.iter().enumerate() {
        let (base, track, has_moved) = track(group, &known[..tracked]);
        let (spread, source) = model.expect(&Known {
            track: &track,
            has_moved,
            analogs: analogs.moved(group),
            mobility: group.mobility,
        });
        let values = visitor.visit(index, group, &spread, base)?;
        model.learn(&spread, &source, deltas(values, base), group.width);
    }
    Ok(())
}

/// The integers of the newest known pose, how the others differ from them, and whether any does.
fn track(group: &Group, known: &[&[i32]]) -> ([i32; 3], Track, bool) {
    let mut track = [[0.0; SERIES]; 3];
    let mut has_moved = false;
    let Some((newest, others)) = known.split_first() else {
        return ([0; 3], track, has_moved);
    };
    let base = group.values(newest);
    for (at, values) in others.iter().enumerate() {
        let values = group.values(values);
        has_moved |= values != base;
        for (track, delta) in track.iter_mut().zip(deltas(values, base)) {
            track[at + 1] = delta;
        }
    }
    (base, track, has_moved)
}

/// No integer of a pose is so large that a difference of two would not fit.
fn to_delta(value: i32, base: i32) -> f32 {
    value.wrapping_sub(base) as f32
}

fn deltas(values: [i32; 3], base: [i32; 3]) -> [f32; 3] {
    [
        to_delta(values[0], base[0]),
        to_delta(values[1], base[1]),
        to_delta(values[2], base[2]),
    ]
}

/// What is expected of a component of a vector, less `base`, when those before it are known.
pub fn component_expected(
    spread: &Spread,
    component: usize,
    values: [i32; 3],
    base: [i32; 3],
) -> range::Expected {
    spread.expected(
        component,
        [0, 1, 2].map(|at| to_delta(values[at], base[at])),
    )
}

/// Appends the pose captured at `now`, which `history` has, to `out`. `spreads` are those of a walk with the same references,
/// if there was one.
pub fn encode(
    layout: &Layout,
    history: &History,
    now: Tick,
    references: &References,
    spreads: Option<&[Spread]>,
    out: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let values = history
        .get(now)
        .ok_or(DecodeError::UnknownReference { age: 0 })?;
    let mut coder = Writer::new(out);
    references.write(&mut coder, history, now);
    let mut visitor = Writing { coder, values };
    match spreads {
        Some(spreads) => {
            let newest = references.captured().first();
            let known = newest.and_then(|captured| history.get(*captured));
            for (index, (group, spread)) in layout.groups.iter().zip(spreads).enumerate() {
                let base = known.map_or([0; 3], |values| group.values(values));
                visitor.visit(index, group, spread, base)?;
            }
        }
        None => walk(layout, history, now, references, &mut visitor)?,
    }
    visitor.coder.finish();
    Ok(())
}

/// Reads the integers of the pose in exactly `bytes` into `values`.
pub fn decode(
    layout: &Layout,
    history: &History,
    now: Tick,
    bytes: &[u8],
    values: &mut [i32],
) -> Result<(), DecodeError> {
    let mut coder = Reader::new(bytes);
    let references = References::read(&mut coder, history, now)?;
    let mut visitor = Reading { coder, values };
    walk(layout, history, now, &references, &mut visitor)?;
    // An encoder writes no zeros at the end, and nothing after it.
    if !visitor.coder.is_at_end() || bytes.last() == Some(&0) {
        return Err(DecodeError::Malformed);
    }
    Ok(())
}

struct Writing<'a> {
    coder: Writer<'a>,
    values: &'a [i32],
}

impl Visitor for Writing<'_> {
    fn visit(
        &mut self,
        _: usize,
        group: &Group,
        spread: &Spread,
        base: [i32; 3],
    ) -> Result<[i32; 3], DecodeError> {
        let values = group.values(self.values);
        if let Some(waking) = spread.waking()
            && !range::flag(&mut self.coder, waking.chance, values != base)
        {
            return Ok(values);
        }
        for component in 0..group.width {
            let expected = component_expected(spread, component, values, base);
            let delta = i64::from(values[component]) - i64::from(base[component]);
            range::number(&mut self.coder, expected, delta);
        }
        Ok(values)
    }
}

struct Reading<'a> {
    coder: Reader<'a>,
    values: &'a mut [i32],
}

impl Visitor for Reading<'_> {
    fn visit(
        &mut self,
        _: usize,
        group: &Group,
        spread: &Spread,
        base: [i32; 3],
    ) -> Result<[i32; 3], DecodeError> {
        let mut values = base;
        let has_moved = spread
            .waking()
            .is_none_or(|waking| range::flag(&mut self.coder, waking.chance, false));
        for component in 0..if has_moved { group.width } else { 0 } {
            let expected = component_expected(spread, component, values, base);
            let value = i64::from(base[component]) + range::number(&mut self.coder, expected, 0);
            values[component] = i32::try_from(value)
                .ok()
                .filter(|value| value.unsigned_abs() <= group.most.unsigned_abs())
                .ok_or(DecodeError::OutOfBounds)?;
        }
        self.values[group.first..][..group.width].copy_from_slice(&values[..group.width]);
        Ok(values)
    }
}
