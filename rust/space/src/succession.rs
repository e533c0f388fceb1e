//! When the host is gone: the member that stands longest follows it, once more than half of those it still reaches
//! have lost the host too.

use std::collections::BTreeSet;

use metaverse_protocol::{
    control::Control,
    id::{Epoch, MemberNumber, PeerId},
    rights::{Admission, Chain, Standing},
    sign::Signed,
    time::Time,
    vote::Vote,
};

use crate::{
    config::{
        ASK_AGAIN, ELECTION_PATIENCE, HELD_MESSAGES, HOSTLESS_TIMEOUT, NUMBERS_LEFT_OUT, SILENCE,
    },
    core::Core,
    handover::Office,
    inside::{Farewell, Inside},
    io::{Event, Now},
    joining::Outcome,
    mandate::Electorate,
};

#[derive(Debug, Default)]
pub(crate) struct Succession {
    /// Since when the local member has no link to the host.
    hostless_since: Option<Time>,
    /// Whom the local member has asked to follow the host.
    asked: Option<MemberNumber>,
    /// When it was last asked: it may have had a host then.
    asked_at: Time,
    /// Members that have asked the local member to follow the host of this epoch.
    votes: BTreeSet<MemberNumber>,
    /// A claim that came while the local member still had its host.
    early_claim: Option<Claim>,
}

#[derive(Debug)]
struct Claim {
    by: MemberNumber,
    epoch: Epoch,
    votes: Vec<Signed<Vote>>,
    /// What the claimant has said as host since.
    held: Vec<Control>,
}

impl Succession {
    pub(crate) fn is_hostless(&self) -> bool {
        self.hostless_since.is_some()
    }

    /// The link to a member is gone, and what it was asked on it may be too.
    pub(crate) fn parted(&mut self, number: MemberNumber) {
        self.asked.take_if(|asked| *asked == number);
    }

    /// The link to the host is open again.
    pub(crate) fn host_is_back(&mut self) {
        *self = Self::default();
    }

    /// Keeps what `from` says as host, if it claims to be that. False if it does not, or says too much.
    pub(crate) fn hold(&mut self, from: MemberNumber, message: Control) -> bool {
        match &mut self.early_claim {
            Some(claim) if claim.by == from && claim.held.len() < HELD_MESSAGES => {
                claim.held.push(message);
                true
            }
            _ => false,
        }
    }
}

impl Inside {
    /// The link to the host is gone.
    pub(crate) fn host_lost(&mut self, core: &mut Core, now: Now) {
        self.succession.hostless_since.get_or_insert(now.time);
        core.alarm(now.time + ELECTION_PATIENCE);
        if let Some(claim) = self.succession.early_claim.take()
            && self
                .roster
                .get(claim.by)
                .is_some_and(|member| member.is_linked)
        {
            return self.follow_claim(core, now, claim);
        }
        self.reconsider(core, now);
    }

    /// Looks again who is to follow the host, after any change of who is reached.
    pub(crate) fn reconsider(&mut self, core: &mut Core, now: Now) {
        if !self.succession.is_hostless() || !self.is_elector(self.admission.number) {
            return;
        }
        match self.successor() {
            None => self.claim_if_elected(core, now),
            Some((number, peer)) if self.succession.asked != Some(number) => {
                self.succession.asked = Some(number);
                self.succession.asked_at = now.time;
                core.send(peer, &Control::HostLost { epoch: self.epoch });
            }
            Some(_) => {}
        }
    }

    /// Who stands longest among those that are reached; `None` is the local member.
    fn successor(&self) -> Option<(MemberNumber, PeerId)> {
        let reached = self
            .roster
            .iter()
            .filter(|member| member.is_linked && member.admission.number != self.host)
            .filter(|member| self.is_elector(member.admission.number));
        let place = |admission: &Admission| (admission.standing, admission.number);
        let first = reached.min_by_key(|member| place(&member.admission))?;
        (place(&first.admission) < place(&self.admission))
            .then_some((first.admission.number, first.admission.peer))
    }

    pub(crate) fn voted(&mut self, core: &mut Core, now: Now, from: PeerId, epoch: Epoch) {
        let Some(number) = self.roster.number(from) else {
            return;
        };
        if self.succession.is_hostless() && epoch <= self.latest_epoch() {
            // It may have had a host since that is lost too.
            self.epoch = self.epoch.max(epoch);
            self.succession.votes.insert(number);
            self.reconsider(core, now);
        } else if epoch == self.epoch {
            self.succession.votes.insert(number);
        } else if self.is_host() && epoch < self.epoch {
            self.greet_as_host(core, from);
        }
    }

    fn claim_if_elected(&mut self, core: &mut Core, now: Now) {
        if !self.is_elected(now) {
            return;
        }
        let epoch = self.epoch.next();
        let is_patient = self.is_patient(now);
        let former = self.begin_epoch(core, now, self.admission.number, epoch, Vec::new());
        self.forget(core, now, former, "lost the connection", Farewell::Lost);
        self.begin_as_host(core, now);
        if !is_patient && self.topology.is_full_mesh() {
            self.remove_unreached(core, now);
        }
    }

    fn remove_unreached(&mut self, core: &mut Core, now: Now) {
        let unreached = self.roster.iter().filter(|member| !member.is_linked);
        let unreached: Vec<MemberNumber> = unreached.map(|m| m.admission.number).collect();
        for number in unreached {
            self.remove_as_host(core, now, number, "lost the connection", Farewell::Lost);
        }
    }

    /// Follows a host that its witnesses have found silent, or that gives its office away. It may be that only they do not
    /// hear it: it stays a member as long as somebody has a link to it.
    pub(crate) fn begin_reign(&mut self, core: &mut Core, now: Now, mandate: Vec<Signed<Vote>>) {
        let epoch = self.epoch.next();
        self.begin_epoch(core, now, self.admission.number, epoch, mandate);
        self.begin_as_host(core, now);
    }

    fn begin_as_host(&mut self, core: &mut Core, now: Now) {
        self.office = Office::begun(now.time);
        self.leave_out_numbers();
        self.latest = Standing {
            epoch: self.epoch,
            sequence: 0,
        };
        for member in self.roster.iter_mut() {
            member.side = None;
            if !member.is_linked {
                member.unlinked_since = now.time;
            }
        }
        core.alarm(now.time);
        self.greet_all(core);
        if !self.topology.is_full_mesh() {
            self.tend_topology_soon(core, now);
        }
    }

    fn claim(&self) -> Control {
        Control::HostClaim {
            epoch: self.epoch,
            chain: self.chain.clone(),
            votes: self.witnesses.mandate().to_vec(),
        }
    }

    fn leave_out_numbers(&mut self) {
        let own = self.admission.standing;
        let before = self
            .roster
            .iter()
            .filter(|member| member.admission.standing < own);
        let left_out = NUMBERS_LEFT_OUT.saturating_mul(1 + before.count() as u16);
        self.highest = MemberNumber(self.highest.0.saturating_add(left_out));
    }

    pub(crate) fn greet_all(&mut self, core: &mut Core) {
        for peer in self.roster.linked() {
            self.greet_as_host(core, peer);
            self.tell_side(core, peer);
        }
        if !self.topology.is_full_mesh() {
            let claim = self.claim();
            self.tell_all(core, &claim);
        }
    }

    /// Whether more than half of the members, the local one among them and the lost host left out, want it to follow.
    /// Those that are not reached count at first: it may be the local member who has lost the others. In the end they
    /// do not: they may all be gone.
    fn is_elected(&self, now: Now) -> bool {
        let patient = self.is_patient(now);
        let others = self
            .roster
            .iter()
            .filter(|member| member.admission.number != self.host)
            .filter(|member| self.is_elector(member.admission.number));
        let (mut electors, mut votes) = (1, 1);
        for member in others.filter(|member| patient || member.is_linked) {
            electors += 1;
            votes += usize::from(
                member.is_linked && self.succession.votes.contains(&member.admission.number),
            );
        }
        2 * votes > electors
    }

    fn is_patient(&self, now: Now) -> bool {
        let since = self.succession.hostless_since;
        since.is_some_and(|since| now.time.since(since) < ELECTION_PATIENCE)
    }

    /// Says who is host to a member whose link has opened, where that is not what its welcome said.
    pub(crate) fn greet_as_host(&self, core: &mut Core, peer: PeerId) {
        if self.is_host() && self.epoch != Epoch::default() {
            core.send(peer, &self.claim());
        }
    }

    pub(crate) fn claimed(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        epoch: Epoch,
        chain: &Chain,
        votes: Vec<Signed<Vote>>,
    ) {
        let Some(by) = self.roster.number(from) else {
            return;
        };
        if by == self.host && epoch == self.epoch {
            // The host says so to everyone it is linked with.
            return;
        }
        if epoch < self.epoch {
            core.counters.invalid_claims += 1;
            return;
        }
        if chain.holder(self.description.id) != Ok(from) {
            core.counters.unauthorized += 1;
            return;
        }
        let claim = Claim {
            by,
            epoch,
            votes,
            held: Vec::new(),
        };
        if epoch == self.epoch {
            self.settle(core, now, from, claim);
        } else if by == self.host || self.is_mandate(core, from, &claim) {
            self.follow_voted(core, now, claim);
        } else if self.succession.is_hostless() || self.follows_forwarder(by) {
            self.follow_claim(core, now, claim);
        } else {
            // The host may have been lost elsewhere a moment before it is lost here, or not be lost at all.
            self.succession.early_claim = Some(claim);
        }
    }

    /// Whether the local member has a link to the host, or should have.
    pub(crate) fn watches_host(&self) -> bool {
        self.topology.is_full_mesh() || self.is_forwarder()
    }

    /// Whether it is for the forwarders, of which `by` is one, to find out that the host is gone.
    fn follows_forwarder(&self, by: MemberNumber) -> bool {
        !self.watches_host() && self.topology.is_forwarder(by)
    }

    /// Whether those who decide want `candidate` to follow the present host.
    fn is_mandate(&self, core: &Core, candidate: PeerId, claim: &Claim) -> bool {
        let electorate = self.electorate(core);
        claim.epoch == self.epoch.next() && electorate.weigh(candidate, &claim.votes).is_some()
    }

    /// Two have followed the same host, each with votes enough: who has voted for both is believed no more, and everybody
    /// keeps the same one of the two.
    fn settle(&mut self, core: &mut Core, now: Now, from: PeerId, claim: Claim) {
        let present = self.peer_of(core, self.host);
        let (Some(electors), Some(present)) = (self.witnesses.electors(), present) else {
            core.counters.invalid_claims += 1;
            return;
        };
        let Some(weight) = electors.weigh(from, &claim.votes) else {
            core.counters.invalid_claims += 1;
            return;
        };
        let mandate = self.witnesses.mandate();
        let of_present = electors.weigh(present, mandate);
        let liars = electors.double_voters(mandate, &claim.votes);
        core.counters.double_voters += self.witnesses.distrust(liars);
        let is_preferred = Electorate::prefers((from, Some(weight)), (present, of_present));
        match (is_preferred, self.is_host()) {
            // Whoever it has admitted in the meantime goes with it.
            (true, true) => self.hand_over(core, now, claim.by, from),
            (true, false) => self.follow_voted(core, now, claim),
            (false, _) => {}
        }
    }

    /// Follows a host after the one that was lost.
    fn follow_claim(&mut self, core: &mut Core, now: Now, claim: Claim) {
        let former = self.begin_epoch(core, now, claim.by, claim.epoch, claim.votes);
        if former != claim.by {
            self.forget(core, now, former, "lost the connection", Farewell::Lost);
        }
        for message in claim.held {
            self.obey(core, now, message);
        }
    }

    /// Follows a host that has been voted for, whatever has become of the one before.
    fn follow_voted(&mut self, core: &mut Core, now: Now, claim: Claim) {
        self.begin_epoch(core, now, claim.by, claim.epoch, claim.votes);
        core.alarm(now.time);
    }

    /// Returns the host before.
    pub(crate) fn begin_epoch(
        &mut self,
        core: &mut Core,
        now: Now,
        host: MemberNumber,
        epoch: Epoch,
        mandate: Vec<Signed<Vote>>,
    ) -> MemberNumber {
        let electors = if epoch == self.epoch {
            self.witnesses.electors().cloned()
        } else {
            Some(self.electorate(core))
        };
        let former = std::mem::replace(&mut self.host, host);
        self.succession = Succession::default();
        self.witnesses.begin_epoch(now.time, mandate, electors);
        self.epoch = epoch;
        if former != host {
            core.event(Event::HostChanged { host });
        }
        self.renew_inviter(core);
        self.tell_new_host(core);
        former
    }

    /// Takes a host for lost whose link did not come back in time.
    fn tend_host_link(&mut self, core: &mut Core, now: Now) {
        let watched = self.roster.get(self.host).filter(|_| self.watches_host());
        let host = watched.filter(|host| !host.is_linked);
        let Some(host) = host.filter(|_| !self.succession.is_hostless()) else {
            return;
        };
        let due = host.unlinked_since + SILENCE;
        if now.time < due {
            return core.alarm(due);
        }
        self.host_lost(core, now);
    }

    pub(crate) fn tend_succession(&mut self, core: &mut Core, now: Now) -> Option<Outcome> {
        self.tend_host_link(core, now);
        let since = self.succession.hostless_since?;
        if now.time.since(since) >= HOSTLESS_TIMEOUT {
            return Some(Self::end(core, "The connection to the space was lost."));
        }
        core.alarm(since + HOSTLESS_TIMEOUT);
        let again = self.succession.asked_at + ASK_AGAIN;
        if now.time >= again {
            self.succession.asked = None;
            self.reconsider(core, now);
        }
        core.alarm(again.max(now.time + ASK_AGAIN));
        if now.time.since(since) < ELECTION_PATIENCE {
            core.alarm(since + ELECTION_PATIENCE);
        } else {
            self.reconsider(core, now);
        }
        None
    }
}
