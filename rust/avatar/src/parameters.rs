//! The constants of the model. Lengths are in steps of the lattice, times in beats of 50 milliseconds.
//!
//! Made by coordinate descent over the bytes of eight recorded motions: each constant in turn was made larger and smaller by a
//! quarter and by a sixteenth, and kept where the mean of the clips fell, three times over (`docs/pose-codec.md`).

/// The unit of time of the constants below, in milliseconds.
pub const BEAT_MILLIS: f32 = 50.0;

/// How much of the motion goes on, where a joint has not shown how much of its own does, at high speed ...
pub const DAMPING: f32 = 0.22;
/// ... and the speed at which half of that is left: slower motion is mostly rounding.
pub const DAMPING_SPEED: f32 = 3.3;
/// How much motion a joint must show before its own damping counts as much as the general one.
pub const DAMPING_PRIOR: f32 = 225.0;
/// The share of the velocity that is measured over two beats rather than one.
pub const LONG_VELOCITY: f32 = 0.08;

/// How likely the error of this pose is a multiple of the newest known error, and how that fades with each older one.
pub const PATTERN_VARIANCE: f32 = 0.067;
pub const PATTERN_FADE: f32 = 0.82;
/// The same for a share of the velocity and of the acceleration: the whole body is ahead or behind.
pub const VELOCITY_PATTERN_VARIANCE: f32 = 0.06;
pub const ACCELERATION_PATTERN_VARIANCE: f32 = 0.0124;

/// The variance of what a joint does on its own: of its known errors, with how they fade ...
pub const ERROR_VARIANCE: f32 = 2.69;
pub const ERROR_FADE: f32 = 0.9;
/// ... as if there had been so many errors of zero before ...
pub const ERROR_PRIOR: f32 = 5.9;
/// ... with so much of what its components have in common: hinges turn about one axis ...
pub const ERROR_CORRELATION: f32 = 0.8;
/// ... of its speed, across and along its motion ...
pub const SPEED_VARIANCE: f32 = 0.0006;
pub const ALONG_VARIANCE: f32 = 0.26;
pub const ALONG_CORRELATION: f32 = 0.8;
/// ... of its acceleration ...
pub const ACCELERATION_VARIANCE: f32 = 0.0014;
/// ... and of rounding.
pub const ROUNDING_VARIANCE: f32 = 0.036;

/// What is added while fewer than so many errors are known, the more the fewer: ...
pub const EARLY_SAMPLES: f32 = 4.0;
/// ... to the damping, to the variance, and to that of the speed.
pub const EARLY_DAMPING: f32 = 0.35;
pub const EARLY_VARIANCE: f32 = 0.2;
pub const EARLY_SPEED_VARIANCE: f32 = 0.03;

/// How likely it is, of 65,536, that what has not moved for as long as is known begins to; and its variance then.
pub const WAKING_CHANCE: u32 = 400;
pub const WAKING_VARIANCE: f32 = 1.0;

/// The variance where only one pose is known, of rotations and of places.
pub const FIRST_VARIANCE: f32 = 0.26;
pub const FIRST_PLACE_VARIANCE: f32 = 1.05;
/// The variance where none is.
pub const KEYFRAME_VARIANCE: f32 = 200.0;

/// As if so many components had come as expected before the first: what comes shows how sudden the whole motion is.
pub const SURPRISE_PRIOR: f32 = 35.0;
/// No component counts for more than this.
pub const SURPRISE_MOST: f32 = 16.0;
/// A component with less variance says nothing about the motion.
pub const SURPRISE_LEAST_VARIANCE: f32 = 0.05;
