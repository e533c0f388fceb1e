//! Which way is best to each member, for each kind of traffic, and when it is left for another.

use metaverse_protocol::{
    control::Control,
    id::{MemberNumber, PeerId},
    quality::LinkQuality,
};

use super::Traffic;
use crate::{
    config::{CARRIER_DOUBT, DETOUR_GAIN, WAY_GAIN},
    core::Core,
    inside::Inside,
    io::{Event, Now},
    roster::Member,
    way::{Answers, Way},
};

/// Who can hand on, and what the way over it costs in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carrier {
    pub peer: PeerId,
    pub cost: f64,
}

impl Traffic {
    /// Seconds that a way counts which has this round trip, in seconds, and loses this share.
    fn cost(self, round_trip: f64, loss: f64) -> f64 {
        round_trip + self.loss_seconds() * loss
    }

    fn link_cost(self, link: LinkQuality) -> f64 {
        let round_trip = link.round_trip.time().as_secs_f64();
        self.cost(round_trip, link.loss.share().into())
    }

    /// Seconds that losing everything would count: what a lost pose is late by, and what a lost word is.
    fn loss_seconds(self) -> f64 {
        match self {
            Self::Realtime => 0.1,
            Self::Reliable => 2.0,
        }
    }
}

impl Inside {
    /// Looks after all ways: leaves those that answer no more, reports the own links, and looks for better ways.
    pub(crate) fn tend_routing(&mut self, core: &mut Core, now: Now) {
        let is_due = now.time >= self.routing.due;
        let is_shaken = self.doubt_silent_ways(core, now);
        self.report_links(core, now);
        if is_due || is_shaken {
            self.routing.doubts.retain(|_, until| now.time < *until);
            self.renew_ways(core, now);
        }
    }

    /// Notes the ways on which answers have become overdue; whether there are any.
    fn doubt_silent_ways(&mut self, core: &mut Core, now: Now) -> bool {
        let mut is_shaken = false;
        for (&peer, link) in &mut core.links {
            is_shaken |= link.straight.take_shaken();
            if !link.carried.take_shaken() {
                continue;
            }
            is_shaken = true;
            let carrier = link.way.carrier().and_then(|by| self.roster.number(by));
            if let (Some(carrier), Some(to)) = (carrier, self.roster.number(peer)) {
                let until = now.time + CARRIER_DOUBT;
                self.routing.doubts.insert((carrier, to), until);
            }
        }
        is_shaken
    }

    fn renew_ways(&mut self, core: &mut Core, now: Now) {
        for peer in self.roster.linked() {
            let way = self.best_way(core, now, peer);
            self.set_way(core, now, peer, way);
        }
    }

    /// The best way of poses to `peer`.
    fn best_way(&self, core: &Core, now: Now, peer: PeerId) -> Way {
        let (Some(link), Some(to)) = (core.links.get(&peer), self.roster.number(peer)) else {
            return Way::Straight;
        };
        let Some(carrier) = self.best_carrier(core, now, to, Traffic::Realtime, link.way.carrier())
        else {
            return Way::Straight;
        };
        let over = Way::Over {
            carrier: carrier.peer,
            to,
        };
        if !link.is_straight() || !link.straight.is_trusted(now.time) {
            return over;
        }
        let Some(quality) = link.quality(now.time) else {
            return Way::Straight;
        };
        let straight = Traffic::Realtime.link_cost(quality);
        if carrier.cost < straight * DETOUR_GAIN {
            over
        } else {
            Way::Straight
        }
    }

    /// Who carries best to the member `to`; another than `present` only if it is clearly better.
    pub(crate) fn best_carrier(
        &self,
        core: &Core,
        now: Now,
        to: MemberNumber,
        traffic: Traffic,
        present: Option<PeerId>,
    ) -> Option<Carrier> {
        let carriers: Vec<Carrier> = self
            .roster
            .iter()
            .filter(|member| member.is_linked)
            .filter_map(|member| self.carrier(core, now, member, to, traffic))
            .collect();
        let best = carriers.iter().min_by(|a, b| a.cost.total_cmp(&b.cost))?;
        let present = carriers
            .iter()
            .find(|carrier| Some(carrier.peer) == present);
        Some(match present {
            Some(present) if best.cost >= present.cost * WAY_GAIN => *present,
            _ => *best,
        })
    }

    /// `member` as a carrier to the member `to`, if it can be one.
    fn carrier(
        &self,
        core: &Core,
        now: Now,
        member: &Member,
        to: MemberNumber,
        traffic: Traffic,
    ) -> Option<Carrier> {
        let (number, peer) = (member.admission.number, member.admission.peer);
        let link = core.links.get(&peer)?;
        let is_usable = number != to
            && !link.straight.is_overdue()
            && !self.routing.doubts.contains_key(&(number, to));
        if !is_usable {
            return None;
        }
        let first = link.quality(now.time)?;
        let second = self.routing.link(number, to)?;
        let cost = traffic.link_cost(first) + traffic.link_cost(second);
        Some(Carrier { peer, cost })
    }

    /// Sends poses to `peer` this way from now on, and tells it.
    fn set_way(&mut self, core: &mut Core, now: Now, peer: PeerId, way: Way) {
        let Some(link) = core.links.get_mut(&peer) else {
            return;
        };
        if link.way == way {
            return;
        }
        let before = link.shown_path();
        link.way = way;
        link.carried = Answers::default();
        link.check(now.time);
        let path = link.shown_path();
        core.alarm(now.time);
        let over = way
            .carrier()
            .and_then(|carrier| self.roster.number(carrier));
        core.send(peer, &Control::Over(over));
        if let Some(number) = self.roster.number(peer).filter(|_| path != before) {
            core.event(Event::PathChanged { number, path });
        }
    }

    /// A member tells over whom its poses come.
    pub(crate) fn over_told(&self, core: &mut Core, from: PeerId, over: Option<MemberNumber>) {
        let carrier = over
            .and_then(|number| self.roster.get(number))
            .map(|member| member.admission.peer);
        if let Some(link) = core.links.get_mut(&from) {
            link.comes_over = carrier;
        }
    }
}
