//! Which bundles of poses have come: told to their sender, who predicts later poses from them.

/// Tells the bundles of a link apart; wraps after 64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct BundleSequence(pub(super) u8);

impl BundleSequence {
    /// How many there are.
    pub const COUNT: usize = 64;

    /// The sequence number in the low six bits of `number`.
    pub fn new(number: u8) -> Self {
        Self(number & (Self::COUNT as u8 - 1))
    }

    /// The number, below [`Self::COUNT`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.0 + 1)
    }

    /// The one `steps` before it.
    #[must_use]
    pub fn back(self, steps: u8) -> Self {
        Self::new(self.0.wrapping_sub(steps))
    }

    /// How far `self` is after `other`: 0 to 63.
    pub fn after(self, other: Self) -> u8 {
        Self::new(self.0.wrapping_sub(other.0)).0
    }
}

/// Which bundles were received: the newest, and which of those before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Receipt {
    /// The newest.
    pub newest: BundleSequence,
    /// Bit `n` stands for the bundle `n + 1` before the newest.
    pub before: u16,
}

impl Receipt {
    /// How many bundles one receipt tells of.
    pub const SPAN: u8 = 17;

    /// A receipt of one bundle.
    pub fn of(newest: BundleSequence) -> Self {
        Self { newest, before: 0 }
    }

    /// The same with one more bundle; false if it is too old to be told of, or told of already.
    pub fn add(&mut self, sequence: BundleSequence) -> bool {
        let ahead = sequence.after(self.newest);
        if ahead == 0 {
            return false;
        }
        if usize::from(ahead) < BundleSequence::COUNT / 2 {
            let shifted = (u64::from(self.before) << 1 | 1) << (ahead - 1).min(32);
            self.newest = sequence;
            self.before = shifted as u16;
            return true;
        }
        let behind = self.newest.after(sequence);
        if behind >= Self::SPAN {
            return false;
        }
        let bit = 1 << (behind - 1);
        let is_new = self.before & bit == 0;
        self.before |= bit;
        is_new
    }

    /// The bundles, newest first.
    pub fn bundles(self) -> impl Iterator<Item = BundleSequence> {
        let before = (1..Self::SPAN).filter(move |behind| self.before >> (behind - 1) & 1 == 1);
        std::iter::once(self.newest).chain(before.map(move |behind| self.newest.back(behind)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_receipt_tells_of_what_was_added(steps in prop::collection::vec(1_u8..20, 1..40)) {
            let mut sequence = BundleSequence::new(0);
            let mut added = vec![sequence];
            let mut receipt = Receipt::of(sequence);
            for step in steps {
                sequence = BundleSequence::new(sequence.0 + step);
                prop_assert!(receipt.add(sequence));
                added.insert(0, sequence);
            }
            let told: Vec<_> = receipt.bundles().collect();
            let mut behind = 0;
            let mut expected = vec![sequence];
            for pair in added.windows(2) {
                behind += u32::from(pair[0].after(pair[1]));
                if behind < u32::from(Receipt::SPAN) {
                    expected.push(pair[1]);
                }
            }
            prop_assert_eq!(told, expected);
        }
    }

    #[test]
    fn a_receipt_takes_late_bundles_once() {
        let mut receipt = Receipt::of(BundleSequence::new(2));
        assert!(receipt.add(BundleSequence::new(62)), "from before the wrap");
        assert!(!receipt.add(BundleSequence::new(62)));
        assert!(!receipt.add(BundleSequence::new(2)));
        assert!(!receipt.add(BundleSequence::new(40)), "too old");
        assert_eq!(
            receipt.bundles().collect::<Vec<_>>(),
            [BundleSequence::new(2), BundleSequence::new(62)]
        );
    }
}
