//! The space one is in and who else is there, as Godot objects that keep their identity.

use std::collections::{HashMap, VecDeque};

use godot::{classes::Texture2D, prelude::*};
use metaverse_protocol::{
    id::{ContentHash, MemberNumber},
    profile::SpaceDescription,
};
use metaverse_space::io::{MemberView, PathKind};

use crate::{member::MetaverseMember, notice::Notice, space::MetaverseSpace};

/// Images by the hash of their bytes.
pub(crate) type Textures = HashMap<ContentHash, Gd<Texture2D>>;

/// A space's members while the local peer is in it.
pub(crate) struct Roster {
    space: Gd<MetaverseSpace>,
    local: MemberNumber,
    host: MemberNumber,
    /// By standing: who came first is first.
    members: Vec<(MemberNumber, Gd<MetaverseMember>)>,
    /// All images that have come.
    textures: Textures,
    /// The local player's own image, which need not come over the network.
    local_image: Option<Gd<Texture2D>>,
}

impl Roster {
    pub(crate) fn new(
        description: &SpaceDescription,
        local: MemberNumber,
        host: MemberNumber,
        views: &[MemberView],
        local_image: Option<Gd<Texture2D>>,
        textures: Textures,
    ) -> Self {
        let mut roster = Self {
            space: MetaverseSpace::create(description, local == host),
            local,
            host,
            members: Vec::with_capacity(views.len()),
            textures,
            local_image,
        };
        for view in views {
            roster.add(view);
        }
        roster
    }

    pub(crate) fn space(&self) -> &Gd<MetaverseSpace> {
        &self.space
    }

    pub(crate) fn local_number(&self) -> MemberNumber {
        self.local
    }

    pub(crate) fn local_member(&self) -> Option<Gd<MetaverseMember>> {
        self.member(self.local)
    }

    pub(crate) fn host(&self) -> Option<Gd<MetaverseMember>> {
        self.member(self.host)
    }

    pub(crate) fn member(&self, number: MemberNumber) -> Option<Gd<MetaverseMember>> {
        self.members
            .iter()
            .find(|(other, _)| *other == number)
            .map(|(_, member)| member.clone())
    }

    /// Everyone, by standing.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Gd<MetaverseMember>> {
        self.members.iter().map(|(_, member)| member)
    }

    pub(crate) fn set_local_image(&mut self, image: Option<Gd<Texture2D>>) {
        self.local_image = image;
    }

    pub(crate) fn member_joined(&mut self, view: &MemberView, notices: &mut VecDeque<Notice>) {
        notices.push_back(Notice::MemberJoined(self.add(view)));
    }

    pub(crate) fn member_updated(&mut self, view: &MemberView, notices: &mut VecDeque<Notice>) {
        let Some(mut member) = self.member(view.number) else {
            return;
        };
        member.bind_mut().update(view);
        self.dress(&mut member);
        notices.push_back(Notice::MemberUpdated(member));
    }

    pub(crate) fn member_left(
        &mut self,
        number: MemberNumber,
        reason: String,
        notices: &mut VecDeque<Notice>,
    ) {
        let Some(at) = self.members.iter().position(|(other, _)| *other == number) else {
            return;
        };
        let (_, member) = self.members.remove(at);
        notices.push_back(Notice::MemberLeft(member, reason));
    }

    pub(crate) fn host_changed(&mut self, host: MemberNumber, notices: &mut VecDeque<Notice>) {
        self.host = host;
        self.space.bind_mut().set_local_is_host(self.local == host);
        for (number, member) in &mut self.members {
            member.bind_mut().set_host(*number == host);
        }
        notices.extend(self.host().map(Notice::HostChanged));
    }

    pub(crate) fn path_changed(
        &mut self,
        number: MemberNumber,
        path: PathKind,
        notices: &mut VecDeque<Notice>,
    ) {
        let Some(mut member) = self.member(number) else {
            return;
        };
        member.bind_mut().set_path(path.into());
        notices.push_back(Notice::PathChanged(member, path.into()));
    }

    pub(crate) fn round_trip(&mut self, number: MemberNumber, milliseconds: f64) {
        if let Some(mut member) = self.member(number) {
            member.bind_mut().set_round_trip_ms(milliseconds);
        }
    }

    /// An image has arrived: whoever says they wear it, now do.
    pub(crate) fn image_arrived(
        &mut self,
        hash: ContentHash,
        texture: &Gd<Texture2D>,
        notices: &mut VecDeque<Notice>,
    ) {
        self.textures.insert(hash, texture.clone());
        for (_, member) in &mut self.members {
            let mut member_mut = member.bind_mut();
            if member_mut.image_hash() != Some(hash) || member_mut.is_local() {
                continue;
            }
            member_mut.set_image(Some(texture.clone()));
            drop(member_mut);
            notices.push_back(Notice::MemberUpdated(member.clone()));
        }
    }

    /// An image is not kept any more below, and would come again.
    pub(crate) fn image_forgotten(&mut self, hash: ContentHash) {
        self.textures.remove(&hash);
    }

    fn add(&mut self, view: &MemberView) -> Gd<MetaverseMember> {
        let mut member =
            MetaverseMember::create(view, view.number == self.local, view.number == self.host);
        self.dress(&mut member);
        self.members.push((view.number, member.clone()));
        member
    }

    /// Gives a member the image it says it wears, if it is here; until then it keeps the one before.
    fn dress(&self, member: &mut Gd<MetaverseMember>) {
        let mut member = member.bind_mut();
        let Some(hash) = member.image_hash() else {
            return;
        };
        let texture = if member.is_local() {
            self.local_image.clone()
        } else {
            self.textures.get(&hash).cloned()
        };
        if texture.is_some() {
            member.set_image(texture);
        }
    }
}
