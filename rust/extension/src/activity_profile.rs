//! `MetaverseActivityProfile`.

use godot::{classes::Resource, prelude::*};
use metaverse_space::activity::{ActivityProfile, PRESETS, Tier};

/// What an activity needs: how closely, how often and from how far members watch one another's avatars.
///
/// A member's own profile decides what the others send it, so that it never receives more than it can use. Those near it,
/// those in view, whoever speaks and whoever is looked at come first; the others are seen in less detail: in the middle
/// distance as root, head, hands and feet, farther off as a place only. There are ready-made profiles for
/// `"lecture"`, `"discussion"`, `"party"` and `"exhibition"`; the [member MetaverseSpaceOptions.activity] of a space picks
/// one of them. Another can be set with [member MetaversePeer.activity_profile], or for a part of the space with a
/// [MetaverseActivityZone]; both take effect at once, and so does a change of a property.
///
/// ```gdscript
/// var profile := MetaverseActivityProfile.preset("party")
/// profile.near_limit = 8
/// peer.activity_profile = profile
/// ```
#[derive(GodotClass)]
#[class(tool, init, base = Resource)]
pub struct MetaverseActivityProfile {
    /// Updates a second of avatars that are seen in full, and how often the own avatars are captured: 0.2 to 60.
    #[export(range = (0.2, 60.0, 0.1))]
    #[init(val = ActivityProfile::DISCUSSION.near.rate)]
    near_rate: f32,
    /// Metres up to which avatars are seen in full.
    #[export(range = (0.0, 1000.0, 0.1, or_greater, suffix = "m"))]
    #[init(val = ActivityProfile::DISCUSSION.near.range)]
    near_range: f32,
    /// The most avatars that are seen in full.
    #[export(range = (0.0, 1000.0, or_greater))]
    #[init(val = i64::from(ActivityProfile::DISCUSSION.near.most))]
    near_limit: i64,
    /// Updates a second of avatars of which root, head, hands and feet are seen: 0.2 to 60.
    #[export(range = (0.2, 60.0, 0.1))]
    #[init(val = ActivityProfile::DISCUSSION.middle.rate)]
    middle_rate: f32,
    /// Metres up to which root, head, hands and feet are seen.
    #[export(range = (0.0, 1000.0, 0.1, or_greater, suffix = "m"))]
    #[init(val = ActivityProfile::DISCUSSION.middle.range)]
    middle_range: f32,
    /// The most avatars of which root, head, hands and feet are seen.
    #[export(range = (0.0, 1000.0, or_greater))]
    #[init(val = i64::from(ActivityProfile::DISCUSSION.middle.most))]
    middle_limit: i64,
    /// Updates a second of all others, of whom only the place is seen: 0.2 to 60.
    #[export(range = (0.2, 60.0, 0.1))]
    #[init(val = ActivityProfile::DISCUSSION.far_rate)]
    far_rate: f32,
    /// Bytes a second of poses that one is willing to receive. Beyond it the least interesting are seen in less detail.
    #[export(range = (0.0, 1_000_000.0, or_greater, suffix = "B/s"))]
    #[init(val = i64::from(ActivityProfile::DISCUSSION.budget))]
    budget: i64,
    base: Base<Resource>,
}

#[godot_api]
impl MetaverseActivityProfile {
    /// A new profile with the values of a ready-made one: `"lecture"`, `"discussion"`, `"party"` or `"exhibition"`; `null`
    /// for another name.
    #[func]
    fn preset(activity: StringName) -> Option<Gd<Self>> {
        ActivityProfile::preset(&activity.to_string()).map(|profile| Self::from_profile(&profile))
    }

    /// The names of the ready-made profiles.
    #[func]
    fn get_preset_names() -> PackedStringArray {
        PRESETS.iter().map(|name| GString::from(*name)).collect()
    }
}

impl MetaverseActivityProfile {
    pub(crate) fn from_profile(profile: &ActivityProfile) -> Gd<Self> {
        let mut resource = Self::new_gd();
        {
            let mut bound = resource.bind_mut();
            bound.near_rate = profile.near.rate;
            bound.near_range = profile.near.range;
            bound.near_limit = i64::from(profile.near.most);
            bound.middle_rate = profile.middle.rate;
            bound.middle_range = profile.middle.range;
            bound.middle_limit = i64::from(profile.middle.most);
            bound.far_rate = profile.far_rate;
            bound.budget = i64::from(profile.budget);
        }
        resource
    }

    /// The profile as it goes down, every number in its range.
    pub(crate) fn profile(&self) -> ActivityProfile {
        let most = |limit: i64| u32::try_from(limit.max(0)).unwrap_or(u32::MAX);
        let profile = ActivityProfile {
            near: Tier {
                rate: self.near_rate,
                range: self.near_range,
                most: most(self.near_limit),
            },
            middle: Tier {
                rate: self.middle_rate,
                range: self.middle_range,
                most: most(self.middle_limit),
            },
            far_rate: self.far_rate,
            budget: u32::try_from(self.budget.max(0)).unwrap_or(u32::MAX),
        };
        profile.within_limits()
    }
}
