//! The poses that a side remembers, as the integers that they travel as.

use crate::limits::POSES_REMEMBERED;

/// When a pose was captured: milliseconds of the sender's clock, wrapping every 65 seconds. It is the pose's name too:
/// two poses of an avatar never share it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Captured(pub u16);

impl Captured {
    /// The signed distance `self - other` in milliseconds, right while the two are within 32 seconds.
    pub fn millis_after(self, other: Self) -> i32 {
        i32::from(self.0.wrapping_sub(other.0).cast_signed())
    }
}

/// The newest [`POSES_REMEMBERED`] poses of one level.
#[derive(Clone, Debug)]
pub(crate) struct History {
    channels: usize,
    captured: Vec<Captured>,
    values: Vec<i32>,
}

impl History {
    /// Nothing yet, of poses with so many `channels`.
    pub fn new(channels: usize) -> Self {
        Self {
            channels,
            captured: Vec::with_capacity(POSES_REMEMBERED),
            values: vec![0; channels * POSES_REMEMBERED],
        }
    }

    /// The integers of the pose captured at `captured`, if it is remembered.
    pub fn get(&self, captured: Captured) -> Option<&[i32]> {
        let at = self.captured.iter().position(|known| *known == captured)?;
        Some(&self.values[at * self.channels..][..self.channels])
    }

    /// When the remembered poses were captured, in no order.
    pub fn captured(&self) -> &[Captured] {
        &self.captured
    }

    /// Remembers a pose; the oldest goes for it. A pose older than all of a full history is not kept.
    pub fn insert(&mut self, captured: Captured, values: &[i32]) {
        let Some(at) = self.place(captured) else {
            return;
        };
        self.values[at * self.channels..][..self.channels].copy_from_slice(values);
    }

    /// Forgets a pose.
    pub fn forget(&mut self, captured: Captured) {
        let Some(at) = self.captured.iter().position(|known| *known == captured) else {
            return;
        };
        self.captured.swap_remove(at);
        let last = self.captured.len() * self.channels;
        let values = last..last + self.channels;
        self.values.copy_within(values, at * self.channels);
    }

    fn place(&mut self, captured: Captured) -> Option<usize> {
        if let Some(at) = self.captured.iter().position(|known| *known == captured) {
            return Some(at);
        }
        if self.captured.len() < POSES_REMEMBERED {
            self.captured.push(captured);
            return Some(self.captured.len() - 1);
        }
        let age = |known: &Captured| captured.millis_after(*known);
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
        let mut history = History::new(1);
        let at = |beat: u16| Captured(65_000_u16.wrapping_add(50 * beat));
        for beat in 0..80 {
            history.insert(at(beat), &[i32::from(beat)]);
        }
        assert_eq!(history.captured().len(), POSES_REMEMBERED);
        assert_eq!(history.get(at(15)), None);
        assert_eq!(history.get(at(16)), Some([16].as_slice()));
        history.insert(at(10), &[10]);
        assert_eq!(history.get(at(10)), None, "too old to be kept");
        history.insert(at(16), &[-16]);
        assert_eq!(history.get(at(16)), Some([-16].as_slice()));
    }

    #[test]
    fn what_is_forgotten_leaves_the_others() {
        let mut history = History::new(2);
        for value in 1..=4 {
            history.insert(Captured(value), &[i32::from(value); 2]);
        }
        for gone in [2, 4, 9] {
            history.forget(Captured(gone));
        }
        assert_eq!(history.get(Captured(1)), Some([1, 1].as_slice()));
        assert_eq!(history.get(Captured(3)), Some([3, 3].as_slice()));
        assert_eq!(history.captured().len(), 2);
    }
}
