//! The poses that a side remembers, as the integers that they travel as.

use metaverse_protocol::time::Tick;

use crate::{
    analogs::{self, State},
    layout::Integers,
    limits::POSES_REMEMBERED,
};

/// The newest [`POSES_REMEMBERED`] poses of one level.
#[derive(Clone, Debug)]
pub(crate) struct History {
    groups: usize,
    limbs: Vec<usize>,
    captured: Vec<Tick>,
    values: Vec<Integers>,
    states: Vec<State>,
}

/// A pose that is remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remembered<'a> {
    pub values: &'a [Integers],
    /// What its limbs do.
    pub state: &'a State,
}

impl Remembered<'_> {
    /// In place of one that is looked for.
    pub const NOTHING: Self = Self {
        values: &[],
        state: &analogs::AT_REST,
    };
}

impl History {
    /// Nothing yet, of poses with so many `groups`, of which some are `limbs`.
    pub fn new(groups: usize, limbs: &[usize]) -> Self {
        Self {
            groups,
            limbs: limbs.to_vec(),
            captured: Vec::with_capacity(POSES_REMEMBERED),
            values: vec![Integers::ZERO; groups * POSES_REMEMBERED],
            states: vec![analogs::AT_REST; POSES_REMEMBERED],
        }
    }

    /// The integers of the pose captured at `captured`, if it is remembered.
    pub fn get(&self, captured: Tick) -> Option<&[Integers]> {
        let at = self.find(captured, self.captured.len())?;
        Some(self.at(at).values)
    }

    /// The same of many. It is quick when each of them came just before the one named before it.
    pub fn get_all<'a>(
        &'a self,
        captured: &[Tick],
        poses: &mut [Remembered<'a>],
    ) -> Result<(), Tick> {
        let mut at = self.captured.len();
        for (captured, pose) in captured.iter().zip(poses) {
            at = self.find(*captured, at).ok_or(*captured)?;
            *pose = self.at(at);
        }
        Ok(())
    }

    fn at(&self, place: usize) -> Remembered<'_> {
        Remembered {
            values: &self.values[place * self.groups..][..self.groups],
            state: &self.states[place],
        }
    }

    /// The place of a pose, which is looked for backwards from `end`.
    fn find(&self, captured: Tick, end: usize) -> Option<usize> {
        let (before, after) = self.captured.split_at(end);
        let is_it = |known: &Tick| *known == captured;
        let found = before.iter().rposition(is_it);
        found.or_else(|| Some(end + after.iter().rposition(is_it)?))
    }

    /// When the remembered poses were captured, in no order.
    pub fn captured(&self) -> &[Tick] {
        &self.captured
    }

    /// Remembers a pose; the oldest goes for it. A pose older than all of a full history is not kept.
    pub fn insert(&mut self, captured: Tick, values: &[Integers]) {
        let Some(at) = self.place(captured) else {
            return;
        };
        self.values[at * self.groups..][..self.groups].copy_from_slice(values);
        self.states[at] = analogs::state(&self.limbs, values);
    }

    /// Forgets a pose.
    pub fn forget(&mut self, captured: Tick) {
        let Some(at) = self.captured.iter().position(|known| *known == captured) else {
            return;
        };
        self.captured.swap_remove(at);
        let last = self.captured.len();
        let values = last * self.groups..(last + 1) * self.groups;
        self.values.copy_within(values, at * self.groups);
        self.states[at] = self.states[last];
    }

    fn place(&mut self, captured: Tick) -> Option<usize> {
        if let Some(at) = self.captured.iter().position(|known| *known == captured) {
            return Some(at);
        }
        if self.captured.len() < POSES_REMEMBERED {
            self.captured.push(captured);
            return Some(self.captured.len() - 1);
        }
        let age = |known: &Tick| captured.millis_after(*known);
        let (at, oldest) = self
            .captured
            .iter()
            .enumerate()
            .max_by_key(|(_, known)| age(known))?;
        if age(oldest) < 0 {
            return None;
        }
        self.captured[at] = captured;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first_across_the_wrap() {
        let mut history = History::new(1, &[]);
        let at = |beat: u16| Tick(65_000_u16.wrapping_add(50 * beat));
        for beat in 0..80 {
            history.insert(at(beat), &[Integers::splat(i32::from(beat))]);
        }
        assert_eq!(history.captured().len(), POSES_REMEMBERED);
        assert_eq!(history.get(at(15)), None);
        assert_eq!(history.get(at(16)), Some([Integers::splat(16)].as_slice()));
        history.insert(at(10), &[Integers::splat(10)]);
        assert_eq!(history.get(at(10)), None, "too old to be kept");
        history.insert(at(16), &[Integers::splat(-16)]);
        assert_eq!(history.get(at(16)), Some([Integers::splat(-16)].as_slice()));
    }

    #[test]
    fn what_is_forgotten_leaves_the_others() {
        let mut history = History::new(2, &[]);
        for value in 1..=4 {
            history.insert(Tick(value), &[Integers::splat(i32::from(value)); 2]);
        }
        for gone in [2, 4, 9] {
            history.forget(Tick(gone));
        }
        assert_eq!(history.get(Tick(1)), Some([Integers::ONE; 2].as_slice()));
        assert_eq!(
            history.get(Tick(3)),
            Some([Integers::splat(3); 2].as_slice())
        );
        assert_eq!(history.captured().len(), 2);
    }
}
