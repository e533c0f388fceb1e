//! A host gives its office away: when it leaves, and when another member would serve clearly better. It signs that, so
//! that everybody follows at once and there is no moment without a host.

use metaverse_protocol::{
    control::Control,
    id::{MemberNumber, PeerId},
    sign::Signed,
    time::Time,
    vote::Vote,
};

use crate::{
    config::{OFFICE_GAIN, OFFICE_PATIENCE, OFFICE_TERM},
    core::Core,
    inside::Inside,
    io::Now,
    score::Facts,
};

/// What a host knows of those who might hold its office.
#[derive(Debug, Default)]
pub(crate) struct Office {
    /// When the local member became host.
    begun: Time,
    /// Who is clearly better, and since when.
    outdone: Option<(MemberNumber, Time)>,
    /// When other hosts were last told how many follow the local member.
    pub rivals_told: Time,
    /// When the local member took its epoch from those who follow it.
    pub epoch_taken: Option<Time>,
}

impl Office {
    pub(crate) fn begun(now: Time) -> Self {
        Self {
            begun: now,
            ..Self::default()
        }
    }
}

impl Inside {
    /// Gives the office to the first successor that is reached, as the local member leaves, and sends newcomers there.
    pub(crate) fn hand_over_to_leave(&mut self, core: &mut Core, now: Now) {
        if !self.is_host() {
            return;
        }
        let named = self.witnesses.listed().to_vec();
        let others = self.best_successors(core, now);
        let Some((number, peer)) = named
            .into_iter()
            .chain(others)
            .find_map(|number| Some((number, self.reached_candidate(core, number)?)))
        else {
            return;
        };
        self.hand_over(core, now, number, peer);
        let direction = self.direction();
        for stranger in self.strangers.keys() {
            core.send(*stranger, &direction);
        }
    }

    /// Gives the office to a member, and tells everyone.
    pub(crate) fn hand_over(
        &mut self,
        core: &mut Core,
        now: Now,
        number: MemberNumber,
        peer: PeerId,
    ) {
        let vote = self.sign_vote(core, peer);
        let message = Control::Vote(vote.clone());
        self.tell_linked(core, &message);
        if !self.topology.is_full_mesh() {
            self.tell_all(core, &message);
        }
        self.begin_epoch(core, now, number, self.epoch.next(), vec![vote]);
        core.alarm(now.time);
    }

    /// The host gives its office to `candidate`.
    pub(crate) fn office_given(
        &mut self,
        core: &mut Core,
        now: Now,
        candidate: PeerId,
        vote: Signed<Vote>,
    ) {
        if candidate == core.me() {
            return self.begin_reign(core, now, vec![vote]);
        }
        let Some(number) = self.roster.number(candidate) else {
            core.counters.invalid_votes += 1;
            return;
        };
        // The host may be gone without having reached it.
        if core.links.contains_key(&candidate) {
            core.send(candidate, &Control::Vote(vote.clone()));
        }
        self.begin_epoch(core, now, number, self.epoch.next(), vec![vote]);
        core.alarm(now.time);
    }

    /// Gives the office to the first successor where that has been clearly better for long.
    pub(crate) fn tend_office(&mut self, core: &mut Core, now: Now) {
        let Some((number, peer)) = self.better_host(core, now) else {
            self.office.outdone = None;
            return;
        };
        let since = match self.office.outdone {
            Some((outdone_by, since)) if outdone_by == number => since,
            _ => now.time,
        };
        self.office.outdone = Some((number, since));
        let due = (since + OFFICE_PATIENCE).max(self.office.begun + OFFICE_TERM);
        if now.time >= due {
            self.hand_over(core, now, number, peer);
        }
    }

    /// The first successor, if its score is clearly better than that of the local member, who is host.
    fn better_host(&self, core: &Core, now: Now) -> Option<(MemberNumber, PeerId)> {
        let number = *self.witnesses.listed().first()?;
        let peer = self.reached_candidate(core, number)?;
        let theirs = self.facts_of(core, now, self.roster.get(number)?);
        let links: Vec<_> = self.own_links(core, now).into_values().collect();
        // Time is no reason to go: as long as the other has been here, its host has too.
        let own = Facts::of_links(&links, self.roster.len(), theirs.online);
        (theirs.score() > own.score() * (1.0 + OFFICE_GAIN)).then_some((number, peer))
    }
}
