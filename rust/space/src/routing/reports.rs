//! What members tell each other of their links.

use std::collections::BTreeMap;

use metaverse_protocol::{
    control::Control,
    id::{MemberNumber, PeerId},
    quality::{LinkQuality, LinkReport},
};

use super::Routing;
use crate::{
    config::{REPORT_INTERVAL, REPORT_LOSS, REPORT_STEPS},
    core::Core,
    inside::Inside,
    io::Now,
};

impl Routing {
    /// What has changed since the others were told, by enough to tell, and is now taken as told.
    fn changes(&mut self, links: &BTreeMap<MemberNumber, LinkQuality>) -> Vec<LinkReport> {
        let gone = self.told.keys().filter(|to| !links.contains_key(to));
        let mut changes: Vec<LinkReport> = gone
            .map(|to| LinkReport {
                to: *to,
                quality: None,
            })
            .collect();
        for (to, quality) in links {
            if !self
                .told
                .get(to)
                .is_some_and(|told| is_like(*told, *quality))
            {
                changes.push(LinkReport {
                    to: *to,
                    quality: Some(*quality),
                });
            }
        }
        for LinkReport { to, quality } in &changes {
            match quality {
                Some(quality) => self.told.insert(*to, *quality),
                None => self.told.remove(to),
            };
        }
        changes
    }
}

/// Whether the difference is not worth telling.
fn is_like(told: LinkQuality, now: LinkQuality) -> bool {
    told.is_relayed == now.is_relayed
        && told.round_trip.steps_from(now.round_trip) < REPORT_STEPS
        && (told.loss.share() - now.loss.share()).abs() < REPORT_LOSS
}

impl Inside {
    /// Tells the others how good the own links are, where that has changed.
    pub(super) fn report_links(&mut self, core: &mut Core, now: Now) {
        if now.time < self.routing.due {
            return core.alarm(self.routing.due);
        }
        self.routing.due = now.time + REPORT_INTERVAL;
        core.alarm(self.routing.due);
        let links = self.own_links(core, now);
        let changes = self.routing.changes(&links);
        if changes.is_empty() {
            return;
        }
        let message = Control::Links(changes);
        for peer in self.roster.linked() {
            core.send(peer, &message);
        }
    }

    /// Tells a member that has just been linked what the others were told.
    pub(crate) fn tell_links(&self, core: &mut Core, peer: PeerId) {
        let links: Vec<LinkReport> = self
            .routing
            .told
            .iter()
            .map(|(to, quality)| LinkReport {
                to: *to,
                quality: Some(*quality),
            })
            .collect();
        if !links.is_empty() {
            core.send(peer, &Control::Links(links));
        }
    }

    /// The own links that need nobody's help and work.
    pub(crate) fn own_links(&self, core: &Core, now: Now) -> BTreeMap<MemberNumber, LinkQuality> {
        self.roster
            .iter()
            .filter(|member| member.is_linked)
            .filter_map(|member| {
                let link = core.links.get(&member.admission.peer)?;
                let quality = link.quality(now.time)?;
                (!link.straight.is_overdue()).then_some((member.admission.number, quality))
            })
            .collect()
    }

    /// A member tells of its links.
    pub(crate) fn links_told(&mut self, core: &mut Core, from: PeerId, reports: &[LinkReport]) {
        let Some(number) = self.roster.number(from) else {
            return;
        };
        let known = self.routing.reports.entry(number).or_default();
        for LinkReport { to, quality } in reports {
            let is_member = self.roster.get(*to).is_some() || *to == self.admission.number;
            match quality {
                Some(quality) if is_member && *to != number => {
                    known.insert(*to, *quality);
                }
                // It may know of somebody who has just come, or not yet know of who has gone.
                Some(_) => core.counters.ignored_reports += 1,
                None => {
                    known.remove(to);
                }
            }
        }
    }
}
