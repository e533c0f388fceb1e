//! Motion for when nobody was recorded.

use glam::{DVec3, Quat};
use metaverse_avatar::Rig;

use crate::clip::Clip;

/// What a generated figure does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Activity {
    /// Stands, without a motion.
    Still,
}
impl Activity {
    /// All.
    pub const ALL: [Self; 1] = [Self::Still];
}
impl Clip {
    /// Gen.
    pub fn generate(_: Activity, _s: f64) -> Self {
        let rig = Rig::humanoid();
        Clip::new(rig, 0.05, vec![DVec3::Y; 100], vec![Quat::IDENTITY; 5600])
    }
}
