//! The constants of the model. Lengths are in steps of the lattice, times in beats of 50 milliseconds.
//!
//! Made by coordinate descent over the bytes of eight recorded motions, and of short pieces of them: each constant in turn was
//! made larger and smaller, and kept where the mean of the clips fell (`docs/pose-codec.md`).

/// The unit of time of the constants below, in milliseconds.
pub const BEAT_MILLIS: f32 = 50.0;

/// How much of the motion goes on, where a joint has not shown how much of its own does, at high speed ...
pub const DAMPING: f32 = 0.08;
/// ... and the speed at which half of that is left: slower motion is mostly rounding.
pub const DAMPING_SPEED: f32 = 3.3;
/// How much motion a joint must show before its own damping counts as much as the general one.
pub const DAMPING_PRIOR: f32 = 214.0;

/// How likely the error of this pose is a multiple of the newest known error, and how that fades with each older one.
pub const PATTERN_VARIANCE: f32 = 0.0273;
pub const PATTERN_FADE: f32 = 0.82;

/// How unlike a moment may be that is half as good as the same one, relative to how much the limbs move ...
pub const LIKENESS_SCALE: f32 = 0.64;
/// ... and this besides; a mirrored one by so much more.
pub const LIKENESS_BASE: f32 = 3.9;
pub const LIKENESS_MIRROR: f32 = 1.25;
/// What a difference of places counts beside one of velocities.
pub const LIKENESS_PLACE: f32 = 0.123;
/// The share that the motion from the same moment has in what is expected, and the variance of that share.
pub const ANALOG_SHARE: f32 = 0.787;
pub const ANALOG_VARIANCE: f32 = 0.107;
/// How much less variance is left then.
pub const ANALOG_CALM: f32 = 0.81;

/// The variance of what a joint does on its own: of its known errors, with how they fade ...
pub const ERROR_VARIANCE: f32 = 2.15;
pub const ERROR_FADE: f32 = 0.9;
/// ... as if there had been so many errors of zero before ...
pub const ERROR_PRIOR: f32 = 3.0;
/// ... with so much of what its components have in common: hinges turn about one axis ...
pub const ERROR_CORRELATION: f32 = 0.8;
/// ... of its speed, across and along its motion ...
pub const SPEED_VARIANCE: f32 = 0.00005;
pub const ALONG_VARIANCE: f32 = 0.571;
pub const ALONG_CORRELATION: f32 = 0.61;
/// ... of how mobile it is, where the whole figure moves as a person who walks about ...
pub const ACTIVE_MOBILITY: f32 = 0.0493;
/// ... and of rounding.
pub const ROUNDING_VARIANCE: f32 = 0.0504;

/// What is added while fewer than so many errors are known, the more the fewer: ...
pub const EARLY_SAMPLES: f32 = 5.5;
/// ... to the damping, to the variance, and to that of how mobile a joint is, in any figure and in one that moves.
pub const EARLY_DAMPING: f32 = 0.72;
pub const EARLY_VARIANCE: f32 = 0.0136;
pub const EARLY_MOBILITY: f32 = 0.0576;
pub const EARLY_ACTIVE_MOBILITY: f32 = 0.945;

/// How likely it is that what has not moved for as long as is known begins to: at last, and what is added where only one pose
/// is known, fading with every other.
pub const WAKING_CHANCE: f32 = 0.006;
pub const WAKING_FIRST_CHANCE: f32 = 0.6;
pub const WAKING_FADE: f32 = 0.56;
/// As if that had been seen in so many vectors before the first.
pub const WAKING_PRIOR: f32 = 8.0;
/// Its variance then.
pub const WAKING_VARIANCE: f32 = 1.0;

/// The variance where only one pose is known, and that of how mobile a joint is.
pub const FIRST_VARIANCE: f32 = 0.0247;
pub const FIRST_MOBILITY: f32 = 0.84;
/// The variance where none is.
pub const KEYFRAME_VARIANCE: f32 = 200.0;

/// As if so many components had come as expected before the first: what comes shows how sudden the whole motion is.
pub const SURPRISE_PRIOR: f32 = 35.0;
/// No component counts for more than this.
pub const SURPRISE_MOST: f32 = 8.16;
/// A component with less variance says nothing about the motion.
pub const SURPRISE_LEAST_VARIANCE: f32 = 0.05;
