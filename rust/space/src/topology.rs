//! Who has a link to whom. Up to [`FULL_MESH`] members everybody has one to everybody. Beyond, each member has links to a few
//! that it watches closely, and to a forwarder, its home, that hands on between it and all others, with a second one in
//! reserve. The host names the forwarders; each has links to all the others.

use std::collections::{BTreeMap, BTreeSet};

use metaverse_protocol::{
    control::{Control, Need},
    id::{ContentHash, MemberNumber, PeerId},
    limits::{FORWARDERS, FULL_MESH},
    time::Time,
};

use crate::{
    config::{
        CLOSE_LINKS, FORWARDERS_LEAST, HEARD_INTERVAL, HOME_STAY, IDLE_LINK, SERVED_MOST,
        SERVED_USUAL, TOPOLOGY_INTERVAL,
    },
    core::Core,
    inside::Inside,
    io::{CloseReason, Now},
    roster::Member,
};

/// Forwarders that a member has links to: its home, and one in reserve.
const HOMES: usize = 2;

#[derive(Debug, Default)]
pub(crate) struct Topology {
    /// The forwarders; none in a full mesh.
    forwarders: Vec<MemberNumber>,
    /// The forwarders that the local member has links to, the one it prefers first.
    preferred: Vec<MemberNumber>,
    /// The forwarder that hands on to the local member, and since when.
    home: Option<(MemberNumber, Time)>,
    /// Members whose avatars are watched over a link of their own.
    close: BTreeSet<MemberNumber>,
    /// To whom the local member hands on, as it has told other forwarders.
    served: BTreeSet<MemberNumber>,
    /// To whom other forwarders hand on.
    serving: BTreeMap<MemberNumber, BTreeSet<MemberNumber>>,
    /// When all this is next looked after, and when others are told what was heard.
    due: Time,
    heard_due: Time,
}

impl Topology {
    pub(crate) fn new(forwarders: Vec<MemberNumber>) -> Self {
        Self {
            forwarders,
            ..Self::default()
        }
    }

    /// Whether everybody has a link to everybody.
    pub(crate) fn is_full_mesh(&self) -> bool {
        self.forwarders.is_empty()
    }

    pub(crate) fn is_forwarder(&self, number: MemberNumber) -> bool {
        self.forwarders.contains(&number)
    }

    pub(crate) fn forwarders(&self) -> &[MemberNumber] {
        &self.forwarders
    }

    pub(crate) fn home(&self) -> Option<MemberNumber> {
        self.home.map(|(home, _)| home)
    }

    pub(crate) fn serves_nobody(&self) -> bool {
        self.served.is_empty()
    }

    pub(crate) fn is_served(&self, number: MemberNumber) -> bool {
        self.served.contains(&number)
    }

    /// The forwarder that hands on to `number`, as far as others have told.
    pub(crate) fn server_of(&self, number: MemberNumber) -> Option<MemberNumber> {
        let mut serving = self.serving.iter();
        serving
            .find(|(_, served)| served.contains(&number))
            .map(|(forwarder, _)| *forwarder)
    }

    pub(crate) fn forget(&mut self, number: MemberNumber) {
        self.serving.remove(&number);
        self.close.remove(&number);
        self.due = Time(0);
    }
}

impl Inside {
    /// Whether the local member hands on between others.
    pub(crate) fn is_forwarder(&self) -> bool {
        self.topology.is_forwarder(self.admission.number)
    }

    /// Whether a member takes part in electing a host: those who have links to one another.
    pub(crate) fn is_elector(&self, number: MemberNumber) -> bool {
        self.topology.is_full_mesh() || self.topology.is_forwarder(number)
    }

    /// Looks after the links: who are forwarders, which of them is home, which links are needed for what.
    pub(crate) fn tend_topology(&mut self, core: &mut Core, now: Now) {
        let is_calm = self.topology.is_full_mesh() && self.roster.len() < FULL_MESH;
        if is_calm {
            return;
        }
        if now.time < self.topology.due {
            return core.alarm(self.topology.due);
        }
        self.topology.due = now.time + TOPOLOGY_INTERVAL;
        core.alarm(self.topology.due);
        if self.is_host() {
            self.name_forwarders(core, now);
        }
        self.arrange_links(core, now);
    }

    fn arrange_links(&mut self, core: &mut Core, now: Now) {
        self.choose_home(core, now);
        self.tend_needs(core, now);
        self.tell_served(core);
        self.compare_heard(core, now);
        self.hand_on_state();
        self.tend_follows(core);
        self.dial_due(core, now);
    }

    /// Looks after the links at the next occasion.
    pub(crate) fn tend_topology_soon(&mut self, core: &mut Core, now: Now) {
        self.topology.due = now.time;
        core.alarm(now.time);
    }

    // ---- the host ----

    /// Names as many forwarders as the members need: those that are, and then the best of the others.
    fn name_forwarders(&mut self, core: &mut Core, now: Now) {
        let members = self.roster.len() + 1;
        let is_large = members > FULL_MESH
            || !self.topology.is_full_mesh() && members > FULL_MESH - FULL_MESH / 4;
        let mut named = Vec::new();
        if is_large {
            let least = members.div_ceil(SERVED_MOST).max(FORWARDERS_LEAST);
            let usual = members.div_ceil(SERVED_USUAL).max(FORWARDERS_LEAST);
            named.push(self.admission.number);
            let mut present = self.topology.forwarders.clone();
            present.retain(|&number| {
                number != self.admission.number && self.can_forward(core, number)
            });
            named.extend(present.into_iter().take(usual - 1));
            if named.len() < least {
                let best = self.best_members(core, now);
                let others = best
                    .into_iter()
                    .filter(|&number| self.can_forward(core, number));
                for number in others {
                    if named.len() < usual && !named.contains(&number) {
                        named.push(number);
                    }
                }
            }
            named.truncate(FORWARDERS);
        }
        if named == self.topology.forwarders {
            return;
        }
        let message = Control::Forwarders(named.clone());
        self.tell_linked(core, &message);
        if !self.topology.is_full_mesh() {
            self.tell_all(core, &message);
        }
        self.forwarders_told(core, now, named);
    }

    /// Whether a member has a sound link from here, so that it can be a forwarder beside the host.
    fn can_forward(&self, core: &Core, number: MemberNumber) -> bool {
        let member = self.roster.get(number).filter(|member| member.is_linked);
        let link = member.and_then(|member| core.links.get(&member.admission.peer));
        link.is_some_and(|link| !link.straight.is_overdue())
    }

    // ---- everybody ----

    /// The host has named the forwarders.
    pub(crate) fn forwarders_told(
        &mut self,
        core: &mut Core,
        now: Now,
        forwarders: Vec<MemberNumber>,
    ) {
        if forwarders == self.topology.forwarders {
            return;
        }
        self.topology.forwarders = forwarders;
        self.topology.heard_due = now.time;
        let Topology {
            forwarders,
            serving,
            ..
        } = &mut self.topology;
        serving.retain(|number, _| forwarders.contains(number));
        self.arrange_links(core, now);
    }

    /// Takes the first of the preferred forwarders that answers as home; another than the present one only when that
    /// does not, or has been home for a while.
    fn choose_home(&mut self, core: &mut Core, now: Now) {
        if self.topology.is_full_mesh() || self.is_forwarder() {
            self.topology.home = None;
            self.topology.preferred.clear();
            return;
        }
        self.prefer_forwarders(core);
        let answers = |number: MemberNumber| self.can_forward(core, number);
        let first = self
            .topology
            .preferred
            .iter()
            .copied()
            .find(|&number| answers(number));
        let present = self.topology.home.filter(|(home, since)| {
            self.topology.is_forwarder(*home)
                && answers(*home)
                && now.time.since(*since) < HOME_STAY
        });
        if present.is_some() || first.is_none() {
            return;
        }
        if self.topology.home() != first {
            self.topology.home = first.map(|home| (home, now.time));
        }
    }

    /// Ranks the forwarders in an order of the local member's own, so that members spread evenly over them; those that were
    /// dialled in vain come last.
    fn prefer_forwarders(&mut self, core: &Core) {
        let mut ranked: Vec<_> = self
            .topology
            .forwarders
            .iter()
            .filter_map(|&number| self.roster.get(number))
            .map(|member| {
                let is_doubtful = !member.is_linked && member.redial.has_failed();
                let place = rendezvous(core.me(), member.admission.peer);
                (is_doubtful, place, member.admission.number)
            })
            .collect();
        ranked.sort_unstable();
        let numbers = ranked.into_iter().map(|(.., number)| number);
        self.topology.preferred = numbers.take(HOMES).collect();
    }

    /// For what the local member needs a link to another.
    pub(crate) fn need_of(&self, member: &Member) -> Need {
        let number = member.admission.number;
        if self.topology.is_full_mesh() {
            return Need::default();
        }
        let (poses, home) = (
            self.topology.close.contains(&number),
            self.topology.home() == Some(number),
        );
        let is_fellow = self.is_forwarder() && self.topology.is_forwarder(number);
        let is_preferred = self.topology.preferred.contains(&number);
        let open = poses || home || is_fellow || is_preferred || !member.outbox.is_empty();
        Need { open, poses, home }
    }

    /// Tells the others for what their links are needed, where that has changed, and closes those that nobody needs.
    fn tend_needs(&mut self, core: &mut Core, now: Now) {
        let mut idle = Vec::new();
        let mut homes = Vec::new();
        for member in self.roster.iter().filter(|member| member.is_linked) {
            let (peer, need) = (member.admission.peer, self.need_of(member));
            let Some(link) = core.links.get_mut(&peer) else {
                continue;
            };
            let is_news = std::mem::replace(&mut link.need, need) != need;
            if need.open || link.needed.open {
                link.idle_since = None;
            } else if now.time.since(*link.idle_since.get_or_insert(now.time)) >= IDLE_LINK {
                idle.push(peer);
            }
            if is_news {
                core.send(peer, &Control::Need(need));
                homes.extend(need.home.then_some(peer));
            }
        }
        for peer in homes {
            self.tell_heard(core, peer);
        }
        for peer in idle {
            core.close(peer, CloseReason::Done);
            self.unlink(core, now, peer);
            if let Some(member) = self.roster.by_peer_mut(peer) {
                member.redial.rest(now.time);
            }
        }
    }

    /// A member tells for what it needs the link.
    pub(crate) fn need_told(&mut self, core: &mut Core, now: Now, from: PeerId, need: Need) {
        let Some(link) = core.links.get_mut(&from) else {
            return;
        };
        link.needed = need;
        if need.home {
            self.tell_heard(core, from);
        }
        self.tend_topology_soon(core, now);
    }

    /// Tells the other forwarders to whom the local member hands on, if that has changed.
    fn tell_served(&mut self, core: &mut Core) {
        let served: BTreeSet<MemberNumber> = self
            .roster
            .iter()
            .filter(|member| is_at_home_here(core, member))
            .map(|member| member.admission.number)
            .collect();
        if served == self.topology.served {
            return;
        }
        self.topology.served = served;
        for peer in self.fellows() {
            self.tell_serving(core, peer);
        }
    }

    /// What others write is handed on as announcements are.
    fn hand_on_state(&mut self) {
        let hands_on = self.is_forwarder() || !self.topology.serves_nobody();
        let branches = if hands_on {
            self.branches(None)
        } else {
            Vec::new()
        };
        self.state.set_branches(branches.into_iter().collect());
    }

    /// Compares now and then what was heard with those who hand on to the local member: while others become forwarders,
    /// something may have passed it by.
    fn compare_heard(&mut self, core: &mut Core, now: Now) {
        if self.topology.is_full_mesh() || now.time < self.topology.heard_due {
            return;
        }
        self.topology.heard_due = now.time + HEARD_INTERVAL;
        for peer in self.fellows().into_iter().chain(self.home()) {
            self.tell_heard(core, peer);
        }
    }

    fn tell_serving(&self, core: &mut Core, peer: PeerId) {
        let served = self.topology.served.iter().copied().collect();
        core.send(peer, &Control::Serving(served));
    }

    /// Another forwarder tells to whom it hands on.
    pub(crate) fn serving_told(
        &mut self,
        core: &mut Core,
        from: PeerId,
        served: Vec<MemberNumber>,
    ) {
        let Some(number) = self.roster.number(from) else {
            return;
        };
        if !self.topology.is_forwarder(number) {
            core.counters.unauthorized += 1;
            return;
        }
        self.topology
            .serving
            .insert(number, served.into_iter().collect());
    }

    /// A link between members has opened.
    pub(crate) fn joined_up(&mut self, core: &mut Core, now: Now, peer: PeerId) {
        if self.topology.is_full_mesh() {
            return;
        }
        self.tend_topology_soon(core, now);
        if self.is_forwarder() && self.fellows().contains(&peer) {
            self.tell_serving(core, peer);
            self.tell_heard(core, peer);
        }
    }

    /// The other forwarders that are linked.
    pub(crate) fn fellows(&self) -> Vec<PeerId> {
        let numbers = self.topology.forwarders.iter();
        numbers
            .filter_map(|&number| self.roster.get(number))
            .filter(|member| member.is_linked && self.is_forwarder())
            .map(|member| member.admission.peer)
            .collect()
    }

    /// Those to whom the local member hands on.
    pub(crate) fn served(&self) -> Vec<PeerId> {
        let numbers = self.topology.served.iter();
        numbers
            .filter_map(|&number| self.roster.get(number))
            .filter(|member| member.is_linked)
            .map(|member| member.admission.peer)
            .collect()
    }

    /// The forwarder that hands on to the local member, if it is linked.
    pub(crate) fn home(&self) -> Option<PeerId> {
        let home = self.roster.get(self.topology.home()?)?;
        home.is_linked.then_some(home.admission.peer)
    }

    /// The linked member by way of whom `number` is reached, where there is no link to it.
    pub(crate) fn way_to(&self, number: MemberNumber) -> Option<PeerId> {
        if !self.is_forwarder() {
            return self.home();
        }
        let is_own = self.topology.is_served(number) || self.topology.is_forwarder(number);
        let next = if is_own {
            number
        } else {
            self.topology.server_of(number)?
        };
        let next = self.roster.get(next).filter(|next| next.is_linked)?;
        Some(next.admission.peer)
    }

    /// Whether `number` is held in the space by somebody: linked here, or served by a forwarder.
    pub(crate) fn is_held(&self, number: MemberNumber) -> bool {
        let is_linked = |number| {
            self.roster
                .get(number)
                .is_some_and(|member| member.is_linked)
        };
        is_linked(number)
            || self
                .topology
                .serving
                .iter()
                .any(|(forwarder, served)| served.contains(&number) && is_linked(*forwarder))
    }

    /// Chooses whose avatars are watched over links of their own: of those watched closely, the ones that are so already,
    /// and as many more as there is room for.
    pub(crate) fn keep_close(&mut self, watched: &BTreeSet<MemberNumber>) {
        let close = &mut self.topology.close;
        close.retain(|number| watched.contains(number));
        let others: Vec<_> = watched.difference(close).copied().collect();
        let room = CLOSE_LINKS.saturating_sub(close.len());
        close.extend(others.into_iter().take(room));
    }
}

/// Whether the local member hands on to another.
fn is_at_home_here(core: &Core, member: &Member) -> bool {
    let link = core.links.get(&member.admission.peer);
    member.is_linked && link.is_some_and(|link| link.needed.home)
}

/// How a forwarder ranks for a member: another order for each member, and the same wherever it is worked out.
fn rendezvous(member: PeerId, forwarder: PeerId) -> ContentHash {
    ContentHash::of(&[member.0, forwarder.0].concat())
}
