//! The newest numbers of a series, for percentiles.

/// At most `N` numbers; a new one takes the place of the oldest.
#[derive(Debug)]
pub(crate) struct Recent<const N: usize> {
    numbers: [f32; N],
    /// How many were ever added.
    count: usize,
}

impl<const N: usize> Recent<N> {
    pub(crate) const fn new() -> Self {
        Self {
            numbers: [0.0; N],
            count: 0,
        }
    }

    pub(crate) fn add(&mut self, number: f32) {
        self.numbers[self.count % N] = number;
        self.count += 1;
    }

    /// The smallest number that a `share` (0 to 1) of the numbers does not exceed; `None` if there is none.
    pub(crate) fn percentile(&self, share: f32) -> Option<f32> {
        let mut sorted = self.numbers[..self.count.min(N)].to_vec();
        let last = sorted.len().checked_sub(1)?;
        let rank = ((share * sorted.len() as f32).ceil() as usize)
            .saturating_sub(1)
            .min(last);
        let (_, number, _) = sorted.select_nth_unstable_by(rank, f32::total_cmp);
        Some(*number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_newest() {
        let mut recent = Recent::<100>::new();
        assert_eq!(recent.percentile(0.5), None);
        for number in 0..250_u8 {
            recent.add(f32::from(number));
        }
        assert_eq!(recent.percentile(0.0), Some(150.0));
        assert_eq!(recent.percentile(0.5), Some(199.0));
        assert_eq!(recent.percentile(0.95), Some(244.0));
        assert_eq!(recent.percentile(1.0), Some(249.0));
    }
}
