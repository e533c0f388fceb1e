//! The routing map: who is connected to whom and how well, as members report it, and which way is best to each.

mod map;
mod reports;
mod ways;

use std::collections::BTreeMap;

use metaverse_protocol::{id::MemberNumber, quality::LinkQuality, time::Time};

pub use map::{MapLink, Route, RoutingMap, Traffic};

/// What is known of the links among the members.
#[derive(Debug, Default)]
pub(crate) struct Routing {
    /// What each member says of its links.
    reports: BTreeMap<MemberNumber, BTreeMap<MemberNumber, LinkQuality>>,
    /// What the others were told of the own links.
    told: BTreeMap<MemberNumber, LinkQuality>,
    /// Until when a carrier, the first, is passed over for a member.
    doubts: BTreeMap<(MemberNumber, MemberNumber), Time>,
    /// When the own links are looked at next, to tell the others.
    due: Time,
}

impl Routing {
    /// Forgets a member that is gone.
    pub(crate) fn forget(&mut self, number: MemberNumber) {
        self.reports.remove(&number);
        self.told.remove(&number);
        for links in self.reports.values_mut() {
            links.remove(&number);
        }
        self.doubts
            .retain(|(carrier, to), _| *carrier != number && *to != number);
    }

    /// The links that a member reports.
    pub(crate) fn links_of(&self, number: MemberNumber) -> Vec<LinkQuality> {
        let links = self.reports.get(&number);
        links.map_or_else(Vec::new, |links| links.values().copied().collect())
    }

    /// How good the link between two others is, by the worse of what both say; `None` if one of them denies it. Where
    /// `b` has told nothing of any link, `a` is believed: it may be that nothing but that link leads to `b`.
    fn link(&self, a: MemberNumber, b: MemberNumber) -> Option<LinkQuality> {
        let there = self.reports.get(&a)?.get(&b)?;
        let Some(of_b) = self.reports.get(&b) else {
            return Some(*there);
        };
        let back = of_b.get(&a)?;
        Some(LinkQuality {
            is_relayed: there.is_relayed || back.is_relayed,
            round_trip: there.round_trip.max(back.round_trip),
            loss: there.loss.max(back.loss),
        })
    }
}
