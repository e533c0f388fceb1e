//! How the player watches the others: from where, and what the activity around asks for.

use glam::Vec3;
use godot::prelude::*;
use metaverse_space::{Viewpoint, activity::ActivityProfile};

use super::MetaversePeer;
use crate::{
    activity_profile::MetaverseActivityProfile, activity_zone, config::WATCH_INTERVAL,
    notice::Notice, pose, session::Session,
};

impl MetaversePeer {
    /// Looks around, every now and then.
    pub(super) fn watch(&mut self) {
        let Some(now) = self.session.as_ref().map(|session| session.net.now()) else {
            return;
        };
        if now < self.watch_due || self.roster().is_none() {
            return;
        }
        self.watch_due = now + WATCH_INTERVAL;
        let viewpoint = self.viewpoint();
        self.eye = viewpoint.map(|viewpoint| viewpoint.eye);
        let profile = self.choose_profile(viewpoint);
        let values = profile.bind().profile();
        if self.present_profile.as_ref() != Some(&profile) {
            self.present_profile = Some(profile.clone());
            self.notices
                .push_back(Notice::ActivityProfileChanged(profile));
        }
        if let Some(session) = &self.session {
            session.net.watch(viewpoint, values);
        }
    }

    /// The time between two captures of the local avatars.
    pub(super) fn capture_interval(&self) -> std::time::Duration {
        let profile = self.present_profile.as_ref();
        let values =
            profile.map_or_else(ActivityProfile::default, |profile| profile.bind().profile());
        values.capture_interval()
    }

    /// The zone's profile where the player is in one, the peer's own, or that of the space's activity.
    fn choose_profile(&self, viewpoint: Option<Viewpoint>) -> Gd<MetaverseActivityProfile> {
        let place = self
            .session
            .as_ref()
            .and_then(Session::place)
            .or(viewpoint.map(|viewpoint| viewpoint.eye));
        let zone = place.and_then(|place| {
            let tree = self.base().get_tree();
            activity_zone::profile_at(&tree, pose::vector3(place))
        });
        zone.or_else(|| self.activity_profile.clone())
            .or_else(|| self.space_profile.clone())
            .unwrap_or_else(MetaverseActivityProfile::new_gd)
    }

    fn viewpoint(&self) -> Option<Viewpoint> {
        let camera = self.base().get_viewport()?.get_camera_3d()?;
        let transform = camera.get_global_transform();
        let forward = pose::vec3(-transform.basis.col_c());
        Some(Viewpoint {
            eye: pose::vec3(transform.origin),
            forward: forward.try_normalize().unwrap_or(Vec3::NEG_Z),
        })
    }
}
