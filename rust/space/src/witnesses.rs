//! Who watches the host: it names the members that would follow it best, and they listen to it more closely than others.
//! When most of them hear nothing more of it, the first of them that they reach follows at once.

use std::collections::BTreeSet;

use metaverse_protocol::{
    control::Control,
    id::{MemberNumber, PeerId},
    limits::WITNESSES,
    sign::Signed,
    time::Time,
    vote::Vote,
};

use crate::{
    config::{
        CANDIDATE_PATIENCE, QUORUM_LEAST, SUCCESSOR_GAIN, SUCCESSORS_INTERVAL, VOTE_LIFETIME,
    },
    core::Core,
    inside::Inside,
    io::Now,
    mandate::Electorate,
    roster::Member,
    score::Facts,
};

/// What the local member knows of the host's witnesses, and has of their votes.
#[derive(Debug, Default)]
pub(crate) struct Witnesses {
    /// The members that would follow the host, the best first.
    listed: Vec<MemberNumber>,
    /// When the host next looks whether it should name others.
    due: Time,
    /// Since when the present host is host here: before, there was no reason to listen closely.
    since: Time,
    /// Since when the local member, being a witness, has not heard the host.
    silent_since: Option<Time>,
    /// When it last gave its vote, and to whom.
    voted: Option<(Time, MemberNumber)>,
    /// Votes for the local member.
    votes: Vec<(Time, MemberNumber, Signed<Vote>)>,
    /// Counts the local member's votes.
    round: u32,
    /// The votes by which the present host has followed, and who decided on them.
    mandate: Vec<Signed<Vote>>,
    electors: Option<Electorate>,
    /// Who was found to vote for two at once: it is asked no more, and not believed.
    liars: BTreeSet<PeerId>,
}

impl Witnesses {
    /// Begins with another host, which has followed by these votes of these electors.
    pub(crate) fn begin_epoch(
        &mut self,
        now: Time,
        mandate: Vec<Signed<Vote>>,
        electors: Option<Electorate>,
    ) {
        self.since = now;
        self.silent_since = None;
        self.voted = None;
        self.votes.clear();
        self.due = Time(0);
        self.mandate = mandate;
        self.electors = electors;
    }

    pub(crate) fn mandate(&self) -> &[Signed<Vote>] {
        &self.mandate
    }

    /// Those who decided on the present host.
    pub(crate) fn electors(&self) -> Option<&Electorate> {
        self.electors.as_ref()
    }

    /// The members that would follow, the best first.
    pub(crate) fn listed(&self) -> &[MemberNumber] {
        &self.listed
    }

    /// Believes nothing more of who has voted for two at once. How many are new.
    pub(crate) fn distrust(&mut self, liars: Vec<PeerId>) -> u64 {
        let is_new = |liar: &PeerId| self.liars.insert(*liar);
        liars.into_iter().filter(is_new).count() as u64
    }

    /// The place of a member among those that would follow; the first is the best.
    pub(crate) fn rank(&self, number: MemberNumber) -> Option<usize> {
        self.listed.iter().position(|listed| *listed == number)
    }

    fn forget_old_votes(&mut self, now: Time) {
        self.votes
            .retain(|(since, ..)| now.since(*since) < VOTE_LIFETIME);
    }
}

impl Inside {
    // ---- the host ----

    /// Names others as successors where that is due.
    pub(crate) fn tend_successors(&mut self, core: &mut Core, now: Now) {
        if !self.is_host() {
            return;
        }
        if now.time < self.witnesses.due {
            return core.alarm(self.witnesses.due);
        }
        self.witnesses.due = now.time + SUCCESSORS_INTERVAL;
        core.alarm(self.witnesses.due);
        self.tend_office(core, now);
        if !self.is_host() {
            return;
        }
        let best = self.best_successors(core, now);
        if best == self.witnesses.listed {
            return;
        }
        self.witnesses.listed = best;
        let message = Control::Successors(self.witnesses.listed.clone());
        self.tell_all(core, &message);
    }

    /// Tells a member that has just been linked who would follow.
    pub(crate) fn tell_successors(&self, core: &mut Core, peer: PeerId) {
        if self.is_host() && !self.witnesses.listed.is_empty() {
            core.send(peer, &Control::Successors(self.witnesses.listed.clone()));
        }
    }

    /// Those who would serve best as host, the best first. Who is named already counts as a little better, so that the
    /// order does not change for nothing.
    pub(crate) fn best_successors(&self, core: &Core, now: Now) -> Vec<MemberNumber> {
        let mut best = self.best_members(core, now);
        best.retain(|&number| self.is_elector(number));
        best.truncate(WITNESSES);
        best
    }

    /// The linked members, the best first.
    pub(crate) fn best_members(&self, core: &Core, now: Now) -> Vec<MemberNumber> {
        let mut ranked: Vec<_> = self
            .roster
            .iter()
            .filter(|member| member.is_linked && !member.is_shunned)
            .filter(|member| !self.witnesses.liars.contains(&member.admission.peer))
            .map(|member| {
                let number = member.admission.number;
                let gain = match self.witnesses.rank(number) {
                    Some(place) => SUCCESSOR_GAIN * (1.0 - place as f32 / WITNESSES as f32),
                    None => 0.0,
                };
                let score = self.facts_of(core, now, member).score() * (1.0 + gain);
                // Differences that cannot be told from chance leave the order of standing.
                (
                    (score * -20.0).round() as i32,
                    member.admission.standing,
                    number,
                )
            })
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(.., number)| number).collect()
    }

    pub(crate) fn facts_of(&self, core: &Core, now: Now, member: &Member) -> Facts {
        let links = self.routing.links_of(member.admission.number);
        let online = now.time.since(member.since);
        let facts = Facts::of_links(&links, self.roster.len(), online);
        let own = core.links.get(&member.admission.peer);
        Facts {
            round_trip: facts.round_trip.or_else(|| own?.round_trip()),
            ..facts
        }
    }

    // ---- the witnesses ----

    /// The host names who would follow it.
    pub(crate) fn successors_told(&mut self, core: &mut Core, now: Now, listed: Vec<MemberNumber>) {
        self.witnesses.listed = listed;
        core.alarm(now.time);
    }

    /// Listens for the host, and votes when it has fallen silent.
    pub(crate) fn tend_watch(&mut self, core: &mut Core, now: Now) {
        // Where there are too few to vote, nothing is gained by watching.
        let is_witness = self.witnesses.listed.len() >= QUORUM_LEAST
            && self.witnesses.rank(self.admission.number).is_some();
        if self.is_host() || !is_witness || self.succession.is_hostless() {
            return;
        }
        let Some(host) = self.roster.get(self.host).filter(|host| host.is_linked) else {
            return;
        };
        let Some(link) = core.links.get_mut(&host.admission.peer) else {
            return;
        };
        let due = link.watch(now.time, self.witnesses.since);
        let alarm = due.min(link.due());
        if now.time < due {
            self.witnesses.silent_since = None;
            return core.alarm(alarm);
        }
        core.alarm(now.time + CANDIDATE_PATIENCE);
        let since = *self.witnesses.silent_since.get_or_insert(now.time);
        self.vote(core, now, since);
    }

    /// Gives a vote to the first successor, or, where that does not follow, to the next ones in turn.
    fn vote(&mut self, core: &mut Core, now: Now, silent_since: Time) {
        let turns = now.time.since(silent_since).as_millis() / CANDIDATE_PATIENCE.as_millis();
        let reached: Vec<(MemberNumber, PeerId)> = self
            .witnesses
            .listed
            .iter()
            .filter(|number| **number != self.host)
            .filter_map(|number| Some((*number, self.reached_candidate(core, *number)?)))
            .collect();
        if reached.is_empty() {
            return;
        }
        let (number, peer) = reached[turns as usize % reached.len()];
        let is_given = self
            .witnesses
            .voted
            .is_some_and(|(at, to)| to == number && now.time.since(at) < CANDIDATE_PATIENCE);
        if is_given {
            return;
        }
        self.witnesses.voted = Some((now.time, number));
        let signed = self.sign_vote(core, peer);
        if peer == core.me() {
            return self.take_vote(core, now, self.admission.number, signed);
        }
        core.send(peer, &Control::Vote(signed));
    }

    /// The local member's word that `candidate` is to follow the present host.
    pub(crate) fn sign_vote(&mut self, core: &Core, candidate: PeerId) -> Signed<Vote> {
        self.witnesses.round += 1;
        let vote = Vote {
            space: self.description.id,
            epoch: self.epoch,
            round: self.witnesses.round,
            candidate,
        };
        Signed::new(&core.identity, &vote)
    }

    /// The peer behind a listed number, if it could follow the host as far as is known here.
    pub(crate) fn reached_candidate(&self, core: &Core, number: MemberNumber) -> Option<PeerId> {
        if number == self.admission.number {
            return Some(core.me());
        }
        let member = self.roster.get(number).filter(|member| member.is_linked)?;
        let link = core.links.get(&member.admission.peer)?;
        (!link.straight.is_overdue()).then_some(member.admission.peer)
    }

    /// A witness wants the local member to follow the host; or the host gives its office away, whoever passes that on.
    pub(crate) fn vote_given(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        signed: Signed<Vote>,
    ) {
        let about_this_epoch =
            |vote: &Vote| vote.space == self.description.id && vote.epoch == self.epoch;
        let vote = signed.open().ok().filter(about_this_epoch);
        let (Some(vote), Some(number)) = (vote, self.roster.number(signed.signer())) else {
            // The voter may not have heard yet that the host was followed.
            core.counters.invalid_votes += 1;
            return;
        };
        let is_believed = self.witnesses.rank(number).is_some()
            && !self.witnesses.liars.contains(&from)
            && signed.signer() == from
            && vote.candidate == core.me()
            && !self.is_host();
        if number == self.host {
            self.office_given(core, now, vote.candidate, signed);
        } else if is_believed {
            self.take_vote(core, now, number, signed);
        } else {
            core.counters.invalid_votes += 1;
        }
    }

    fn take_vote(&mut self, core: &mut Core, now: Now, number: MemberNumber, vote: Signed<Vote>) {
        self.witnesses.forget_old_votes(now.time);
        self.witnesses.votes.retain(|(_, by, _)| *by != number);
        self.witnesses.votes.push((now.time, number, vote));
        let votes = self.witnesses.votes.iter().map(|(.., vote)| vote.clone());
        let votes: Vec<_> = votes.collect();
        if self.electorate(core).weigh(core.me(), &votes).is_some() {
            self.begin_reign(core, now, votes);
        }
    }

    /// Who decides who follows the present host.
    pub(crate) fn electorate(&self, core: &Core) -> Electorate {
        let peer = |number| self.peer_of(core, number);
        let witnesses = self.witnesses.listed.iter().copied();
        Electorate {
            space: self.description.id,
            epoch: self.epoch,
            host: peer(self.host).unwrap_or(core.me()),
            witnesses: witnesses.filter_map(peer).collect(),
            named: self.witnesses.listed.len(),
        }
    }

    /// The peer behind a number, the local one among them.
    pub(crate) fn peer_of(&self, core: &Core, number: MemberNumber) -> Option<PeerId> {
        if number == self.admission.number {
            return Some(core.me());
        }
        self.roster.get(number).map(|member| member.admission.peer)
    }
}
