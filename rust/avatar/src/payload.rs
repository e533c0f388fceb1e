//! The bytes of a pose: which known poses it is predicted from, then every vector as what is expected of it leaves open.

use crate::{
    analogs::Analogs,
    decode_error::DecodeError,
    history::{History, Remembered},
    layout::{self, Group, Integers, Layout},
    mobility,
    model::{Known, Model, REFERENCES_MOST, Spread, TRACKED_MOST, Track},
    range::{self, Coder, Reader, Writer},
    references::References,
    timing::Timing,
};
use glam::Vec4;
use metaverse_protocol::time::Tick;

/// Tells what each vector is, and hears what is expected of it.
pub trait Visitor {
    /// The integers of the `index`-th group; `base` are those of the newest known pose.
    fn visit(
        &mut self,
        index: usize,
        group: &Group,
        spread: &Spread,
        base: Integers,
    ) -> Result<Integers, DecodeError>;
}

/// Walks through a pose captured at `now`, each vector with what is expected of it after those before it.
pub fn walk<V: Visitor>(
    layout: &Layout,
    history: &History,
    now: Tick,
    references: &References,
    visitor: &mut V,
) -> Result<(), DecodeError> {
    let mut known = [Remembered::NOTHING; REFERENCES_MOST];
    let captured = references.captured();
    history
        .get_all(captured, &mut known)
        .map_err(|missing| DecodeError::UnknownReference {
            age: now.0.wrapping_sub(missing.0),
        })?;
    let known = &known[..captured.len()];
    let analogs = Analogs::find(layout, known, captured, now);
    let tracked = known.len().min(TRACKED_MOST);
    let mut model = Model::new(
        Timing::new(&captured[..tracked], now),
        mobility::activity(layout, known),
        analogs.likeness(),
    );
    let mut track = [Vec4::ZERO; TRACKED_MOST];
    for (index, group) in layout.groups.iter().enumerate() {
        let base = known
            .first()
            .map_or(Integers::ZERO, |newest| newest.values[index]);
        let has_moved = follow(index, &known[..tracked], base, &mut track);
        let (spread, source) = model.expect(&Known {
            track: &track,
            has_moved,
            analogs: analogs.moved(index),
            mobility: group.mobility,
        });
        let values = visitor.visit(index, group, &spread, base)?;
        let way = layout::difference(values, base);
        model.learn(&spread, &source, way, group.width);
    }
    Ok(())
}

/// Writes how the `index`-th vector of the `known` poses differs from `base`. Whether any does.
fn follow(index: usize, known: &[Remembered<'_>], base: Integers, track: &mut Track) -> bool {
    let mut farthest = Vec4::ZERO;
    for (track, pose) in track.iter_mut().zip(known) {
        *track = layout::difference(pose.values[index], base);
        farthest = farthest.max(track.abs());
    }
    farthest != Vec4::ZERO
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
                let base = known.map_or(Integers::ZERO, |values| values[index]);
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
    values: &mut [Integers],
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
    values: &'a [Integers],
}

impl Visitor for Writing<'_> {
    fn visit(
        &mut self,
        index: usize,
        group: &Group,
        spread: &Spread,
        base: Integers,
    ) -> Result<Integers, DecodeError> {
        let values = self.values[index];
        if let Some(waking) = spread.waking()
            && !self.coder.flag(waking.chance, values != base)
        {
            return Ok(values);
        }
        let way = layout::difference(values, base).to_array();
        for component in 0..group.width {
            let expected = spread.expected(component, way);
            let delta = i64::from(values[component]) - i64::from(base[component]);
            range::number(&mut self.coder, expected, delta);
        }
        Ok(values)
    }
}

struct Reading<'a> {
    coder: Reader<'a>,
    values: &'a mut [Integers],
}

impl Visitor for Reading<'_> {
    #[inline]
    fn visit(
        &mut self,
        index: usize,
        group: &Group,
        spread: &Spread,
        base: Integers,
    ) -> Result<Integers, DecodeError> {
        let mut values = base.to_array();
        let mut way = [0.0; 4];
        let has_moved = spread
            .waking()
            .is_none_or(|waking| self.coder.flag(waking.chance, false));
        let width = if has_moved { group.width } else { 0 };
        for component in 0..3 {
            if component >= width {
                break;
            }
            let expected = spread.expected(component, way);
            let delta = range::number(&mut self.coder, expected, 0);
            let value = i64::from(base[component]) + delta;
            if value.abs() > i64::from(group.most) {
                return Err(DecodeError::OutOfBounds);
            }
            values[component] = value as i32;
            way[component] = delta as f32;
        }
        let values = Integers::from_array(values);
        self.values[index] = values;
        Ok(values)
    }
}
