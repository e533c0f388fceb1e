//! The routing map as the game is shown it.

use std::time::Duration;

use metaverse_protocol::{id::MemberNumber, quality::LinkQuality};

use crate::{
    core::Core,
    inside::Inside,
    io::{Now, PathKind},
};

/// Kinds of traffic, by what a good way is for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Traffic {
    /// Poses and voice: what comes late is of no use.
    Realtime,
    /// Words and shared values: what is lost is sent again.
    Reliable,
}

/// A link between two members that needs no other's help.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MapLink {
    /// Who reports it.
    pub from: MemberNumber,
    /// To whom it leads.
    pub to: MemberNumber,
    /// [`PathKind::Direct`] or [`PathKind::Relay`].
    pub path: PathKind,
    /// How long a datagram takes there and back.
    pub round_trip: Duration,
    /// The share of datagrams, 0 to 1, that are lost on the way there and back.
    pub loss: f32,
}

/// The way that is used from the local member to another.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Route {
    /// To whom.
    pub to: MemberNumber,
    /// For what.
    pub traffic: Traffic,
    /// What kind of way it is.
    pub path: PathKind,
    /// Over whom, where it is [`PathKind::Forwarded`].
    pub over: Option<MemberNumber>,
    /// How long a datagram takes there and back; `None` as long as that is not known.
    pub round_trip: Option<Duration>,
    /// The share of datagrams, 0 to 1, that are lost on the way there and back.
    pub loss: f32,
}

/// Who is connected to whom, and the way from the local member to each other, as far as the local member knows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RoutingMap {
    /// The links, as each end reports them.
    pub links: Vec<MapLink>,
    /// The ways, by member.
    pub routes: Vec<Route>,
}

impl Inside {
    pub(crate) fn routing_map(&self, core: &Core, now: Now) -> RoutingMap {
        let own = self.own_links(core, now);
        let own = own
            .iter()
            .map(|(to, quality)| map_link(self.admission.number, *to, *quality));
        let others = self.routing.reports.iter().flat_map(|(from, links)| {
            links
                .iter()
                .map(|(to, quality)| map_link(*from, *to, *quality))
        });
        let members = self.roster.iter().map(|member| member.admission.number);
        RoutingMap {
            links: own.chain(others).collect(),
            routes: members
                .flat_map(|to| {
                    [Traffic::Realtime, Traffic::Reliable]
                        .map(|traffic| self.route(core, now, to, traffic))
                })
                .collect(),
        }
    }

    fn route(&self, core: &Core, now: Now, to: MemberNumber, traffic: Traffic) -> Route {
        let nowhere = Route {
            to,
            traffic,
            path: PathKind::Unknown,
            over: None,
            round_trip: None,
            loss: 0.0,
        };
        let peer = self.roster.get(to).map(|member| member.admission.peer);
        let Some((peer, link)) = peer.and_then(|peer| Some((peer, core.links.get(&peer)?))) else {
            return nowhere;
        };
        let carrier = match traffic {
            Traffic::Realtime => link.way.carrier(),
            Traffic::Reliable => (!link.is_straight())
                .then(|| self.carrier_to(core, now, peer))
                .flatten()
                .map(|(_, carrier)| carrier),
        };
        let over = carrier.and_then(|carrier| self.roster.number(carrier));
        let Some(over) = over else {
            return Route {
                path: link.path,
                round_trip: link.round_trip(),
                loss: link.quality(now.time).map_or(0.0, |link| link.loss.share()),
                ..nowhere
            };
        };
        let first = carrier
            .and_then(|carrier| core.links.get(&carrier))
            .and_then(|link| link.quality(now.time));
        let second = self.routing.link(over, to);
        let both = first.zip(second);
        Route {
            path: PathKind::Forwarded,
            over: Some(over),
            round_trip: both
                .map(|(first, second)| first.round_trip.time() + second.round_trip.time()),
            loss: both.map_or(0.0, |(first, second)| {
                first.loss.share() + second.loss.share()
            }),
            ..nowhere
        }
    }
}

fn map_link(from: MemberNumber, to: MemberNumber, quality: LinkQuality) -> MapLink {
    MapLink {
        from,
        to,
        path: if quality.is_relayed {
            PathKind::Relay
        } else {
            PathKind::Direct
        },
        round_trip: quality.round_trip.time(),
        loss: quality.loss.share(),
    }
}
