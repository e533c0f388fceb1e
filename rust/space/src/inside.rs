//! A member's life in the space: how it begins, what it is told, how it ends. The parts of it are in `mesh` (links),
//! `traffic` (messages), `appearance` (profiles, images), `watching` (avatars), `admission` and `succession` (hosts).

use std::collections::BTreeMap;

use metaverse_protocol::{
    control::{Control, Listed, Welcome},
    id::{Epoch, MemberNumber, PeerId, SpaceId},
    limits::INVITE_CONTACTS,
    name::clean_reason,
    profile::{MemberRecord, SpaceDescription},
    rights::{Admission, Certificate, Chain, Standing},
    sign::Identity,
    state::LATEST_TIME,
    time::Time,
};

use crate::{
    announcing::Announcing,
    core::Core,
    crowds::Crowds,
    io::{CloseReason, Command, Event, Input, Inviter, MemberView, Now, Output, PathKind},
    joining::Outcome,
    roster::{Member, Roster},
    routing::Routing,
    state::State,
    succession::Succession,
    topology::Topology,
    witnesses::Witnesses,
};

#[derive(Debug)]
pub(crate) struct Inside {
    pub description: SpaceDescription,
    pub signed_description: Certificate<SpaceDescription>,
    /// The local member's own proof.
    pub admission: Admission,
    pub certificate: Certificate<Admission>,
    /// The local member's right to admit.
    pub chain: Chain,
    pub epoch: Epoch,
    pub host: MemberNumber,
    /// The last admission and the highest number given so far, from which a host counts on.
    pub latest: Standing,
    pub highest: MemberNumber,
    /// How many entered with each limited permission, by serial number.
    pub uses: BTreeMap<u64, u32>,
    pub roster: Roster,
    pub succession: Succession,
    pub witnesses: Witnesses,
    /// Links to peers that are not members: when they must have introduced themselves, and the introduction of those
    /// whose admission the host has not confirmed yet.
    pub strangers: BTreeMap<PeerId, Stranger>,
    pub state: State,
    pub routing: Routing,
    pub topology: Topology,
    pub announcing: Announcing,
    pub crowds: Crowds,
}

#[derive(Debug)]
pub(crate) struct Stranger {
    pub by: Time,
    pub met: Option<Meeting>,
}

/// What a member says when a link opens.
#[derive(Debug)]
pub(crate) struct Meeting {
    pub record: MemberRecord,
    pub number: MemberNumber,
    pub received: u64,
    pub available: u64,
}

impl Inside {
    /// A new space with the local member as its host. Its key signs two things and is then gone.
    pub(crate) fn create(
        core: &mut Core,
        now: Now,
        secret: &[u8; 32],
        mut description: SpaceDescription,
    ) -> Self {
        let key = Identity::from_secret(secret);
        description.id = key.space_id();
        let chain = Chain::default()
            .delegate(&key, description.id, core.me())
            .expect("an empty chain has room");
        let admission = Admission {
            space: description.id,
            peer: core.me(),
            number: MemberNumber(1),
            standing: Standing::default(),
        };
        let mut inside = Self {
            signed_description: Certificate::new(Chain::default(), &key, &description),
            certificate: Certificate::new(chain.clone(), &core.identity, &admission),
            chain,
            epoch: Epoch::default(),
            host: admission.number,
            latest: admission.standing,
            highest: admission.number,
            uses: BTreeMap::new(),
            roster: Roster::default(),
            succession: Succession::default(),
            witnesses: Witnesses::default(),
            strangers: BTreeMap::new(),
            state: State::new(now.time, core.me()),
            routing: Routing::default(),
            topology: Topology::default(),
            announcing: Announcing::default(),
            crowds: Crowds::default(),
            description,
            admission,
        };
        inside.announce_joined(core, now);
        inside
    }

    /// The space that `from` welcomes the local peer to, if everything in the welcome holds.
    pub(crate) fn welcomed(
        core: &mut Core,
        now: Now,
        from: PeerId,
        space: SpaceId,
        welcome: Welcome,
    ) -> Option<Self> {
        let description = welcome.description.open(space).ok()?;
        let admission = welcome.admission.open(space).ok()?;
        if admission.peer != core.me()
            || welcome.chain.holder(space) != Ok(core.me())
            || welcome.space_time > LATEST_TIME / 2
        {
            return None;
        }
        let mut roster = Roster::default();
        let mut heard = BTreeMap::new();
        for Listed { record, announced } in welcome.roster {
            let member = Member::open(now.time, space, record)?;
            heard.insert(member.admission.number, announced);
            if member.admission.number == admission.number
                || member.admission.peer == core.me()
                || !roster.add(member)
            {
                return None;
            }
        }
        if roster.by_peer(from)?.admission.number != welcome.host {
            return None;
        }
        let highest = roster
            .iter()
            .map(|member| member.admission.number)
            .max()
            .max(Some(admission.number))?;
        let mut inside = Self {
            signed_description: welcome.description,
            certificate: welcome.admission,
            chain: welcome.chain,
            epoch: welcome.epoch,
            host: welcome.host,
            latest: welcome.latest,
            highest,
            uses: welcome.permissions_used.into_iter().collect(),
            roster,
            succession: Succession::default(),
            witnesses: Witnesses::default(),
            strangers: BTreeMap::new(),
            state: State::entered(now.time, core.me(), welcome.space_time),
            routing: Routing::default(),
            topology: Topology::new(welcome.forwarders),
            announcing: Announcing::new(heard),
            crowds: Crowds::default(),
            description,
            admission,
        };
        inside.announce_joined(core, now);
        inside.take_over_links(core, now, from);
        Some(inside)
    }

    fn announce_joined(&mut self, core: &mut Core, now: Now) {
        let mut members: Vec<(Standing, MemberView)> = self
            .roster
            .iter()
            .map(|member| (member.admission.standing, member.view(PathKind::Unknown)))
            .collect();
        members.push((self.admission.standing, self.own_view(core)));
        members.sort_by_key(|(standing, _)| *standing);
        core.event(Event::Joined {
            description: self.description.clone(),
            local: self.admission.number,
            host: self.host,
            members: members.into_iter().map(|(_, view)| view).collect(),
        });
        self.renew_inviter(core);
        core.alarm(now.time);
    }

    /// The links that were opened to get in go on as links between members; the other members are dialled.
    fn take_over_links(&mut self, core: &mut Core, now: Now, host: PeerId) {
        let links: Vec<PeerId> = core.links.keys().copied().collect();
        for peer in links {
            if self.roster.number(peer).is_none() {
                core.close(peer, CloseReason::Done);
                continue;
            }
            self.meet(core, peer);
            if peer == host {
                // The welcome was the host's introduction.
                self.linked(core, now, peer, 0, 0);
            }
        }
        self.dial_due(core, now);
    }

    fn own_view(&self, core: &Core) -> MemberView {
        MemberView {
            peer: core.me(),
            number: self.admission.number,
            name: core.profile.name.clone(),
            image: core.profile.image,
            path: PathKind::Unknown,
        }
    }

    pub(crate) fn own_record(&self, core: &Core) -> MemberRecord {
        MemberRecord {
            admission: self.certificate.clone(),
            profile: core.signed_profile.clone(),
        }
    }

    pub(crate) fn is_host(&self) -> bool {
        self.host == self.admission.number
    }

    /// Invites name the local member, the host, and those who stand longest.
    pub(crate) fn renew_inviter(&self, core: &mut Core) {
        let mut others: Vec<&Member> = self.roster.iter().collect();
        others.sort_by_key(|member| {
            (
                member.admission.number != self.host,
                member.admission.standing,
            )
        });
        let mut contacts = vec![core.contact()];
        contacts.extend(
            others
                .iter()
                .take(INVITE_CONTACTS - 1)
                .map(|member| member.contact()),
        );
        let inviter = Inviter {
            identity: core.identity.clone(),
            space: self.description.id,
            chain: self.chain.clone(),
            contacts,
        };
        core.output(Output::Inviter(Box::new(inviter)));
    }

    pub(crate) fn handle(&mut self, core: &mut Core, now: Now, input: Input) -> Option<Outcome> {
        match input {
            Input::Connected { peer } => self.connected(core, now, peer),
            Input::Disconnected { peer, reason } => self.disconnected(core, now, peer, reason),
            Input::DialFailed { peer, .. } => {
                if let Some(member) = self.roster.by_peer_mut(peer) {
                    member.redial.back_off(now.time);
                    core.alarm(now.time);
                }
            }
            Input::Frame { from, lane, bytes } => return self.frame(core, now, from, lane, &bytes),
            Input::Datagram { from, bytes } => self.datagram(core, now, from, &bytes),
            Input::Packet { to, bytes } => self.send_packet(core, now, to, &bytes),
            Input::Path { peer, kind } => self.path(core, peer, kind),
            Input::Addresses(addresses) => {
                if core.set_addresses(addresses) {
                    self.tell_profile(core);
                    self.renew_inviter(core);
                }
            }
            Input::Wake => return self.wake(core, now),
            Input::Command(command) => return self.command(core, now, command),
        }
        None
    }

    fn command(&mut self, core: &mut Core, now: Now, command: Command) -> Option<Outcome> {
        match command {
            Command::Send { to, frame } => self.send_message(core, now, to, &frame),
            Command::ShowAvatar { avatar, rig } => self.show_avatar(core, avatar, rig),
            Command::HideAvatar { avatar } => self.hide_avatar(core, avatar),
            Command::Poses { captured, poses } => {
                core.capture(captured, &poses);
                self.tend_viewers(core, now);
            }
            Command::Watch { viewpoint, profile } => core.watching.set(viewpoint, profile),
            Command::Speaking {
                number,
                is_speaking,
            } => {
                if let Some(member) = self.roster.get_mut(number) {
                    member.is_speaking = is_speaking;
                }
            }
            Command::WriteState { key, value } => self.write_state(core, now, &key, value),
            Command::FlushState => self.flush_state(core, now),
            Command::SetProfile { name, image } => {
                if core.set_profile(name, image) {
                    core.event(Event::MemberUpdated(self.own_view(core)));
                    self.tell_profile(core);
                }
            }
            Command::Leave => {
                self.flush_state(core, now);
                let farewell = Control::Leave {
                    reason: String::new(),
                };
                self.tell_linked(core, &farewell);
                if !self.topology.is_full_mesh() {
                    self.tell_all(core, &farewell);
                }
                return Some(Self::end(core, ""));
            }
        }
        None
    }

    /// Closes everything. The reason is for the player.
    pub(crate) fn end(core: &mut Core, reason: &str) -> Outcome {
        let peers: Vec<PeerId> = core.links.keys().copied().collect();
        for peer in peers {
            core.close(peer, CloseReason::Done);
        }
        core.event(Event::Left {
            reason: reason.to_owned(),
        });
        core.output(Output::Ended);
        Outcome::Ended
    }

    fn wake(&mut self, core: &mut Core, now: Now) -> Option<Outcome> {
        core.woken();
        for peer in core.tend_links(now) {
            core.close(peer, CloseReason::Silent);
            self.lost(core, now, peer);
        }
        self.tend_strangers(core, now);
        self.tend_members(core, now);
        self.dial_due(core, now);
        self.tend_images(core, now);
        self.tend_topology(core, now);
        self.tend_routing(core, now);
        self.tend_viewers(core, now);
        self.tend_crowds(core, now);
        self.tend_watching(core, now);
        self.tend_as_host(core, now);
        self.tend_state(core, now);
        self.tend_successors(core, now);
        self.tend_watch(core, now);
        self.tend_succession(core, now)
    }

    /// Takes a member off the list.
    pub(crate) fn forget(&mut self, core: &mut Core, now: Now, number: MemberNumber, reason: &str) {
        let Some(member) = self.roster.remove(number) else {
            return;
        };
        core.close(member.admission.peer, CloseReason::Done);
        self.state_closed(core, now, member.admission.peer);
        self.routing.forget(number);
        self.topology.forget(number);
        self.announcing.forget(number);
        self.crowds.forget(number);
        core.event(Event::MemberLeft {
            number,
            reason: clean_reason(reason),
        });
        core.images.forget_unworn(&self.roster.worn());
        self.renew_inviter(core);
        self.reconsider(core, now);
    }
}
