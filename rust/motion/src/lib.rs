//! Motion to try avatars with: recorded ([`Clip::read`] takes any BVH file) and generated ([`Clip::generate`]).
//!
//! Pure: text in, poses out.

mod bvh;
mod clip;
mod generate;
pub mod limits;
mod names;
mod retarget;
mod skeleton;

pub use bvh::{BvhError, Problem};
pub use clip::Clip;
pub use generate::Activity;
