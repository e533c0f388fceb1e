//! Chance that is the same every time: a generator for each member, and hashes for what never changes.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// What may be drawn by one member, or by the world.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The draws of one of those who draw in a world.
    pub(crate) fn new(seed: u64, drawer: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(mix(seed, drawer)))
    }

    /// A number from 0 to below 1.
    pub(crate) fn share(&mut self) -> f64 {
        share(self.0.next_u64())
    }

    /// A number between two.
    pub(crate) fn between(&mut self, [from, to]: [f64; 2]) -> f64 {
        from + (to - from) * self.share()
    }

    /// A place among `count`, which is not 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.share() * count as f64) as usize
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

/// A hash of two numbers (the finalizer of `SplitMix64`, by Steele, Lea and Flood).
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut hash = a.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(b);
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9), (27, 0x94d0_49bb_1331_11eb)] {
        hash = (hash ^ (hash >> shift)).wrapping_mul(factor);
    }
    hash ^ (hash >> 31)
}

/// A number from 0 to below 1 from evenly spread bits.
pub(crate) fn share(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
