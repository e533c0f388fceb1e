//! How finely poses are rounded.

/// How much coarser than usual poses are rounded. Both sides must have the same.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Precision(f64);

impl Precision {
    /// What avatars travel with: joints within a degree, hands and the root within a centimetre.
    pub const USUAL: Self = Self(1.0);

    /// So many times coarser than usual, from a quarter to four times; nothing else is a precision.
    pub fn coarser(factor: f64) -> Option<Self> {
        (0.25..=4.0).contains(&factor).then_some(Self(factor))
    }

    /// How many times coarser than usual it is.
    pub fn factor(self) -> f64 {
        self.0
    }
}

impl Default for Precision {
    fn default() -> Self {
        Self::USUAL
    }
}
