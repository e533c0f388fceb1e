//! Who watches the host: it names the members that would follow it best, and they listen to it more closely than others.
//! When most of them hear nothing more of it, the first of them that they reach follows at once.

use metaverse_protocol::{
    control::Control,
    id::{Epoch, MemberNumber, PeerId},
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
    /// Since when the local member, being a witness, has not heard the host.
    silent_since: Option<Time>,
    /// When it last gave its vote, and to whom.
    voted: Option<(Time, MemberNumber)>,
    /// Votes for the local member.
    votes: Vec<(Time, MemberNumber, Signed<Vote>)>,
    /// The votes by which the present host has followed.
    mandate: Vec<Signed<Vote>>,
}

impl Witnesses {
    /// Begins another epoch, in which the host has followed by these votes.
    pub(crate) fn begin_epoch(&mut self, mandate: Vec<Signed<Vote>>) {
        self.silent_since = None;
        self.voted = None;
        self.votes.clear();
        self.due = Time(0);
        self.mandate = mandate;
    }

    pub(crate) fn mandate(&self) -> &[Signed<Vote>] {
        &self.mandate
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
    fn best_successors(&self, core: &Core, now: Now) -> Vec<MemberNumber> {
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

    fn facts_of(&self, core: &Core, now: Now, member: &Member) -> Facts {
        let links = self.routing.links_of(member.admission.number);
        let mut round_trips: Vec<_> = links.iter().map(|link| link.round_trip.time()).collect();
        round_trips.sort_unstable();
        let own = core.links.get(&member.admission.peer);
        let count = links.len().max(1) as f32;
        Facts {
            round_trip: round_trips
                .get(round_trips.len() / 2)
                .copied()
                .or_else(|| own?.round_trip()),
            loss: links.iter().map(|link| link.loss.share()).sum::<f32>() / count,
            reachability: count / self.roster.len().max(1) as f32,
            online: now.time.since(member.since),
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
        let is_witness = self.witnesses.listed.len() >= self.quorum()
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
        let due = link.watch(now.time);
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
        let vote = Vote {
            space: self.description.id,
            epoch: self.epoch,
            candidate: peer,
        };
        let signed = Signed::new(&core.identity, &vote);
        if peer == core.me() {
            return self.take_vote(core, now, self.admission.number, signed);
        }
        core.send(peer, &Control::Vote(signed));
    }

    /// The peer behind a listed number, if it could follow the host as far as is known here.
    fn reached_candidate(&self, core: &Core, number: MemberNumber) -> Option<PeerId> {
        if number == self.admission.number {
            return Some(core.me());
        }
        let member = self.roster.get(number).filter(|member| member.is_linked)?;
        let link = core.links.get(&member.admission.peer)?;
        (!link.straight.is_overdue()).then_some(member.admission.peer)
    }

    /// A witness wants the local member to follow the host.
    pub(crate) fn vote_given(
        &mut self,
        core: &mut Core,
        now: Now,
        from: PeerId,
        signed: Signed<Vote>,
    ) {
        let number = self.roster.number(from);
        let is_listed = number.filter(|number| self.witnesses.rank(*number).is_some());
        let is_for_me = |vote: Vote| {
            vote.space == self.description.id
                && vote.epoch == self.epoch
                && vote.candidate == core.me()
        };
        let is_sound =
            signed.signer() == from && signed.open().is_ok_and(is_for_me) && !self.is_host();
        match is_listed.filter(|_| is_sound) {
            Some(number) => self.take_vote(core, now, number, signed),
            // The voter may not have heard yet that the host was followed.
            None => core.counters.invalid_votes += 1,
        }
    }

    fn take_vote(&mut self, core: &mut Core, now: Now, number: MemberNumber, vote: Signed<Vote>) {
        self.witnesses.forget_old_votes(now.time);
        self.witnesses.votes.retain(|(_, by, _)| *by != number);
        self.witnesses.votes.push((now.time, number, vote));
        if self.witnesses.votes.len() < self.quorum() {
            return;
        }
        let votes = std::mem::take(&mut self.witnesses.votes);
        let mandate = votes.into_iter().map(|(.., vote)| vote).collect();
        self.follow_by_vote(core, now, mandate);
    }

    /// How many votes make a host: more than half of the witnesses, and never so few that chance could give them.
    fn quorum(&self) -> usize {
        (self.witnesses.listed.len() / 2 + 1).max(QUORUM_LEAST)
    }

    /// Whether enough witnesses of the present host want `candidate` to follow it.
    pub(crate) fn is_mandate(
        &self,
        candidate: PeerId,
        epoch: Epoch,
        votes: &[Signed<Vote>],
    ) -> bool {
        if epoch != self.epoch.next() || votes.len() > WITNESSES {
            return false;
        }
        let mut signers: Vec<MemberNumber> = votes
            .iter()
            .filter(|signed| {
                signed.open().is_ok_and(|vote| {
                    vote.space == self.description.id
                        && vote.epoch == self.epoch
                        && vote.candidate == candidate
                })
            })
            .filter_map(|signed| self.number_of(signed.signer()))
            .filter(|number| self.witnesses.rank(*number).is_some())
            .collect();
        signers.sort_unstable();
        signers.dedup();
        signers.len() >= self.quorum()
    }

    /// The number of a peer, the local one among them.
    fn number_of(&self, peer: PeerId) -> Option<MemberNumber> {
        if peer == self.admission.peer {
            return Some(self.admission.number);
        }
        self.roster.number(peer)
    }
}
