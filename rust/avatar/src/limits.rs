//! What a skeleton and a pose may be at most, with the reasons.

/// Bones of a skeleton: as many as Godot's `SkeletonProfileHumanoid` has.
pub const BONES_MOST: usize = 56;

/// Expression weights of an avatar: enough for speech and the basic emotions.
pub const EXPRESSIONS_MOST: usize = 32;

/// Bytes of a bone's or an expression's name: the longest of the humanoid profile has 23.
pub const NAME_BYTES: usize = 32;

/// The largest coordinate of a bone's rest position relative to its parent, in metres: giants are ten times a person.
pub const OFFSET_LIMIT: f32 = 20.0;

/// The largest coordinate of the hips' offset from their rest place, in metres: no more than a skeleton can be tall.
pub const HIPS_LIMIT: f32 = 50.0;

/// Poses that each side remembers, to predict from: three seconds at 20 a second.
pub const POSES_REMEMBERED: usize = 64;

/// The most bytes of an encoded skeleton.
pub const RIG_BYTES: usize =
    2 + BONES_MOST * (1 + 12 + 1 + NAME_BYTES) + EXPRESSIONS_MOST * (1 + NAME_BYTES);

/// The most bytes of an encoded pose. A keyframe of 56 bones in wild motion takes about half of it.
pub const PAYLOAD_BYTES: usize = 1024;
