//! Who comes in and who goes: the host decides, and the others take its word for it.

use std::iter;

use metaverse_protocol::{
    control::{Control, Listed, Refusal, Welcome},
    id::{MemberNumber, PeerId, SpaceId},
    limits::{CONTROL_BYTES, ROSTER_PAGE},
    profile::{MemberRecord, Profile},
    rights::{Admission, Certificate, Permission, Standing},
    sign::Signed,
};

use crate::{
    config::{INTRODUCTION_TIMEOUT, MISSING, PERMISSIONS, SILENCE},
    core::Core,
    inside::{Farewell, Inside, Meeting},
    io::{CloseReason, Now},
    joining::Outcome,
    link::Link,
    roster::{Member, open_profile},
};

impl Inside {
    // ---- the host ----

    pub(crate) fn asked_to_admit(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        space: SpaceId,
        permission: &Certificate<Permission>,
        profile: Signed<Profile>,
    ) {
        let may_ask = |link: &mut Link| link.joins.take(now.time);
        if !core.links.get_mut(&from).is_some_and(may_ask) {
            core.counters.flooded_joins += 1;
            return self.shun(core, now, from, CloseReason::Flooding);
        }
        if space == self.description.id && !self.is_host() {
            let answer = self.direction();
            return self.put_off(core, now, from, &answer);
        }
        if !self.joins.take(now.time) {
            core.counters.flooded_joins += 1;
            return self.put_off(core, now, from, &Control::Refused(Refusal::Busy));
        }
        if let Err(refusal) = self.try_admit(core, now, from, space, permission, profile) {
            self.strangers.remove(&from);
            core.send(from, &Control::Refused(refusal));
            core.close(from, CloseReason::Done);
        }
    }

    /// Answers a newcomer that may come back, as a member or to ask again, on this very link.
    fn put_off(&mut self, core: &mut Core, now: Now, from: PeerId, answer: &Control) {
        core.send(from, answer);
        if let Some(stranger) = self.strangers.get_mut(&from) {
            stranger.by = now.time + INTRODUCTION_TIMEOUT;
        }
    }

    /// Where the host is, for somebody who asked a member that is not.
    pub(crate) fn direction(&self) -> Control {
        match self.roster.get(self.host) {
            Some(host) if host.is_linked || !self.watches_host() => {
                Control::Redirect(host.contact())
            }
            _ => Control::Refused(Refusal::NoHost),
        }
    }

    fn try_admit(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        space: SpaceId,
        permission: &Certificate<Permission>,
        profile: Signed<Profile>,
    ) -> Result<(), Refusal> {
        if space != self.description.id {
            return Err(Refusal::WrongSpace);
        }
        let permission = permission
            .open(space)
            .map_err(|_| Refusal::InvalidPermission)?;
        if permission.expires.is_some_and(|expires| now.unix > expires) {
            return Err(Refusal::Expired);
        }
        if permission.uses.is_some_and(|uses| {
            self.uses
                .get(&permission.serial)
                .is_some_and(|used| *used >= uses)
        }) {
            return Err(Refusal::UsedUp);
        }
        open_profile(from, &profile).ok_or(Refusal::InvalidProfile)?;
        if let Some(number) = self.roster.number(from) {
            self.remove_came_back(core, now, number);
        }
        self.absent.remove(from);
        if self.roster.len() + 1 >= usize::from(self.description.capacity) {
            return Err(Refusal::Full);
        }
        let admission = self.next_admission(from).ok_or(Refusal::Full)?;
        let record = MemberRecord {
            admission: Certificate::new(self.chain.clone(), &core.identity, &admission),
            profile,
        };
        let member =
            Member::open(now.time, space, record.clone()).ok_or(Refusal::InvalidProfile)?;
        let welcome = self
            .welcome(core, now, &admission, &record)
            .ok_or(Refusal::Full)?;
        self.count_use(core, &permission);
        self.tell_others(core, from, &Control::Admitted(record));
        for message in welcome {
            core.send(from, &message);
        }
        self.welcome_member(core, now, member);
        Ok(())
    }

    fn next_admission(&self, peer: PeerId) -> Option<Admission> {
        let is_free = |number: &u16| {
            let number = MemberNumber(*number);
            number != self.admission.number && self.roster.get(number).is_none()
        };
        let next = self
            .highest
            .0
            .checked_add(1)
            .filter(is_free)
            .or_else(|| (1..=u16::MAX).find(is_free))?;
        let sequence = if self.latest.epoch == self.epoch {
            self.latest.sequence.checked_add(1)?
        } else {
            0
        };
        Some(Admission {
            space: self.description.id,
            peer,
            number: MemberNumber(next),
            standing: Standing {
                epoch: self.epoch,
                sequence,
            },
        })
    }

    fn welcome(
        &self,
        core: &Core,
        now: Now,
        admission: &Admission,
        record: &MemberRecord,
    ) -> Option<Vec<Control>> {
        let mut roster = vec![self.listed(self.admission.number, self.own_record(core))];
        roster.extend(
            self.roster
                .iter()
                .map(|member| self.listed(member.admission.number, member.record.clone())),
        );
        let rest = roster.split_off(roster.len().min(ROSTER_PAGE));
        let welcome = Control::Welcome(Box::new(Welcome {
            description: self.signed_description.clone(),
            admission: record.admission.clone(),
            chain: self
                .chain
                .delegate(&core.identity, self.description.id, admission.peer)
                .ok()?,
            epoch: self.epoch,
            host: self.admission.number,
            latest: admission.standing,
            space_time: self.state.time(now.time),
            roster,
            more: u16::try_from(rest.len()).ok()?,
            permissions_used: self
                .uses
                .iter()
                .map(|(&serial, &count)| (serial, count))
                .collect(),
            forwarders: self.topology.forwarders().to_vec(),
        }));
        let pages = rest
            .chunks(ROSTER_PAGE)
            .map(|page| Control::Roster(page.to_vec()));
        let is_short = welcome.encode().len() <= CONTROL_BYTES;
        is_short.then(|| iter::once(welcome).chain(pages).collect())
    }

    fn listed(&self, number: MemberNumber, record: MemberRecord) -> Listed {
        Listed {
            record,
            announced: self.announcing.heard_of(number),
        }
    }

    fn count_use(&mut self, core: &mut Core, permission: &Permission) {
        if permission.uses.is_none() {
            return;
        }
        let count = self.uses.entry(permission.serial).or_default();
        *count += 1;
        let message = Control::PermissionUsed {
            serial: permission.serial,
            count: *count,
        };
        self.tell_others(core, core.me(), &message);
    }

    /// Tells all members but one.
    pub(crate) fn tell_others(&mut self, core: &mut Core, but: PeerId, message: &Control) {
        if !self.topology.is_full_mesh() {
            return self.tell_all(core, message);
        }
        for peer in self.reached(core) {
            if peer != but {
                core.send(peer, message);
            }
        }
    }

    /// Admits who holds an admission that this host did not know of.
    pub(crate) fn admit_known(
        &mut self,
        core: &mut Core,
        now: Now,
        member: Member,
        meeting: &Meeting,
    ) {
        let peer = member.admission.peer;
        if self.take_in(core, now, member) {
            self.linked(core, now, peer, meeting.received, meeting.available);
        }
    }

    /// Puts a member on the list that was admitted elsewhere, and tells the others of it and it of the others. False if its
    /// number was given to another meanwhile.
    pub(crate) fn take_in(&mut self, core: &mut Core, now: Now, member: Member) -> bool {
        let (peer, number) = (member.admission.peer, member.admission.number);
        if self.roster.get(number).is_some() || number == self.admission.number {
            core.send(peer, &removal(number, "its number was given to another"));
            self.strangers.remove(&peer);
            core.close(peer, CloseReason::Done);
            return false;
        }
        self.tell_others(core, peer, &Control::Admitted(member.record.clone()));
        let others: Vec<MemberRecord> = self.records().collect();
        for record in others {
            core.send(peer, &Control::Admitted(record));
        }
        self.welcome_member(core, now, member);
        self.meet(core, peer);
        self.roster.number(peer) == Some(number)
    }

    fn records(&self) -> impl Iterator<Item = MemberRecord> {
        self.roster.iter().map(|member| member.record.clone())
    }

    pub(crate) fn remove_as_host(
        &mut self,
        core: &mut Core,
        now: Now,
        number: MemberNumber,
        reason: &str,
        farewell: Farewell,
    ) {
        let Some(peer) = self.roster.get(number).map(|member| member.admission.peer) else {
            return;
        };
        let message = Control::Removed {
            number,
            may_return: farewell == Farewell::Lost,
            reason: reason.to_owned(),
        };
        self.tell_others(core, peer, &message);
        if core.links.contains_key(&peer) {
            core.send(peer, &message);
        }
        self.forget(core, now, number, reason, farewell);
    }

    /// A member with a lasting identity has come in again before its old link was found dead: the link goes on.
    pub(crate) fn remove_came_back(&mut self, core: &mut Core, now: Now, number: MemberNumber) {
        let Some(member) = self.roster.remove(number) else {
            return;
        };
        self.roster.end(&member.admission);
        let reason = "came back";
        self.tell_others(core, member.admission.peer, &removal(number, reason));
        core.event(crate::io::Event::MemberLeft {
            number,
            reason: reason.to_owned(),
        });
        core.images.release(member.admission.peer);
        self.reconsider(core, now);
    }

    /// Removes whom the host has had no link to for too long.
    pub(crate) fn tend_as_host(&mut self, core: &mut Core, now: Now) {
        if !self.is_host() {
            return;
        }
        self.note_held(now);
        let unlinked = |member: &&Member| !member.is_linked;
        let gone: Vec<MemberNumber> = self
            .roster
            .iter()
            .filter(unlinked)
            .filter(|member| now.time.since(member.unlinked_since) >= SILENCE)
            .map(|member| member.admission.number)
            .collect();
        for number in gone {
            self.remove_as_host(core, now, number, "lost the connection", Farewell::Lost);
        }
        if let Some(since) = self
            .roster
            .iter()
            .filter(unlinked)
            .map(|member| member.unlinked_since)
            .min()
        {
            core.alarm(since + SILENCE);
        }
    }

    /// Beyond a full mesh, members are held in the space by the forwarders that serve them.
    fn note_held(&mut self, now: Now) {
        if self.topology.is_full_mesh() {
            return;
        }
        let numbers = self.roster.iter().map(|member| member.admission.number);
        let held: Vec<MemberNumber> = numbers.filter(|&number| self.is_held(number)).collect();
        for number in held {
            if let Some(member) = self.roster.get_mut(number) {
                member.unlinked_since = now.time;
            }
        }
    }

    /// A member asks about another.
    pub(crate) fn asked_about(&self, core: &mut Core, from: PeerId, number: MemberNumber) {
        if !self.is_host() || number == self.admission.number {
            return;
        }
        let answer = match self.roster.get(number) {
            Some(member) => Control::Admitted(member.record.clone()),
            // It may be a member elsewhere, and come back from there.
            None => Control::Removed {
                number,
                may_return: true,
                reason: "lost the connection".to_owned(),
            },
        };
        core.send(from, &answer);
    }

    // ---- the others ----

    /// Asks the host about those who are not reached: it may have lost them before it was host here.
    pub(crate) fn tend_missing(&mut self, core: &mut Core, now: Now) {
        let Some(host) = self.linked_host().filter(|_| self.topology.is_full_mesh()) else {
            return;
        };
        for member in self.roster.iter_mut().filter(|member| !member.is_linked) {
            let since = member.asked.unwrap_or_default().max(member.unlinked_since);
            if now.time < since + MISSING {
                core.alarm(since + MISSING);
                continue;
            }
            member.asked = Some(now.time);
            core.alarm(now.time + MISSING);
            core.send(host, &Control::Ask(member.admission.number));
        }
    }

    /// Asks the host about somebody who says to be a member.
    pub(crate) fn ask_about(&self, core: &mut Core, number: MemberNumber) {
        if let Some(host) = self.linked_host() {
            core.send(host, &Control::Ask(number));
        }
    }

    fn linked_host(&self) -> Option<PeerId> {
        let host = self.roster.get(self.host).filter(|host| host.is_linked);
        host.map(|host| host.admission.peer)
    }

    /// What only the host may say. Of somebody who claims to follow it, it is kept until the claim is decided.
    pub(crate) fn told_by_host(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        message: Control,
    ) {
        let Some(number) = self.roster.number(from) else {
            return;
        };
        if number == self.host {
            self.obey(core, now, message);
        } else if !self.succession.hold(number, message) {
            core.counters.unauthorized += 1;
        }
    }

    pub(crate) fn obey(&mut self, core: &mut Core, now: Now, message: Control) {
        match message {
            Control::Admitted(record) => self.told_admitted(core, now, record),
            Control::Removed {
                number,
                may_return,
                reason,
            } => {
                let farewell = if may_return {
                    Farewell::Lost
                } else {
                    Farewell::ForGood
                };
                self.forget(core, now, number, &reason, farewell);
            }
            Control::Successors(listed) => self.successors_told(core, now, listed),
            Control::Forwarders(listed) => self.forwarders_told(core, now, listed),
            Control::PermissionUsed { serial, count }
                if self.uses.len() < PERMISSIONS || self.uses.contains_key(&serial) =>
            {
                self.uses.insert(serial, count);
            }
            _ => {}
        }
    }

    fn told_admitted(&mut self, core: &mut Core, now: Now, record: MemberRecord) {
        let Some(member) = Member::open(now.time, self.description.id, record) else {
            core.counters.malformed_frames += 1;
            return;
        };
        let Admission { peer, number, .. } = member.admission;
        if peer == core.me() || number == self.admission.number {
            return;
        }
        // Whoever had the number, or what number the peer had: the host knows better.
        let holder = self
            .roster
            .get(number)
            .filter(|other| other.admission.peer != peer);
        let others = [holder, self.roster.by_peer(peer)].into_iter().flatten();
        let outdated: Vec<MemberNumber> = others
            .filter(|other| other.admission != member.admission)
            .map(|other| other.admission.number)
            .collect();
        for number in outdated {
            self.forget(core, now, number, "has another number", Farewell::ForGood);
        }
        self.roster.renew(&member.admission);
        self.welcome_member(core, now, member);
    }

    /// The host removes the local member; or, where there is no host, somebody says that it was removed.
    pub(crate) fn told_to_go(
        &mut self,
        core: &mut Core,
        from: PeerId,
        may_return: bool,
    ) -> Option<Outcome> {
        if may_return {
            // The link is closed, and opened again.
            return None;
        }
        let from_host = self.roster.number(from) == Some(self.host);
        if from_host || self.succession.is_hostless() {
            return Some(Self::end(core, "The connection to the space was lost."));
        }
        core.counters.unauthorized += 1;
        None
    }
}

/// The word that a member is gone for good.
pub(crate) fn removal(number: MemberNumber, reason: &str) -> Control {
    Control::Removed {
        number,
        may_return: false,
        reason: reason.to_owned(),
    }
}
