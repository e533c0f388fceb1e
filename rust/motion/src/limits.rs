//! What a BVH file may have at most: files come from anywhere.

/// Joints, end sites included. Figures with all fingers and a face have about 120.
pub const JOINTS_MOST: usize = 1024;

/// How deep joints may hang on joints.
pub const DEPTH_MOST: usize = 256;

/// Numbers in the motion: an hour of 60 joints at 120 frames a second.
pub const NUMBERS_MOST: usize = 80_000_000;

/// The largest number of a file, in its own units and in degrees.
pub const NUMBER_MOST: f64 = 1e7;

/// Seconds between frames, from 1,000 frames a second to one in ten seconds.
pub const FRAME_SECONDS: std::ops::RangeInclusive<f64> = 0.001..=10.0;
