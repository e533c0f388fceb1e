//! The network of a space as it is shown: who is there, how they are reached, and who carries.

use godot::prelude::*;
use metaverse_protocol::id::MemberNumber;
use metaverse_space::{Route, Traffic};

use crate::{enums::PathKind, member::MetaverseMember, session::Session};

/// Whom one is with, and how they are connected.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Network {
    /// Everyone, the local player first and the others by number.
    pub(crate) people: Vec<Person>,
    /// The ways from the local player to each other, then what the others report.
    pub(crate) ways: Vec<Way>,
}

/// A member.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Person {
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) is_local: bool,
    pub(crate) is_host: bool,
}

/// How one member reaches another.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Way {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) path: PathKind,
    /// The number of who hands on; 0 for nobody.
    pub(crate) over: i64,
    pub(crate) round_trip_ms: f64,
    pub(crate) loss: f64,
}

impl Network {
    /// The network of the space that a session is in.
    pub(crate) fn of(session: &Session) -> Option<Self> {
        let roster = session.roster.as_ref()?;
        let local = roster.local_number();
        let map = session.net.routing_map();
        let mut people: Vec<Person> = roster
            .members()
            .map(|member| person(&member.bind()))
            .collect();
        people.sort_by_key(|person| (!person.is_local, person.number));
        let members = roster.members().map(Gd::bind);
        let own = members
            .filter(|member| !member.is_local() && member.path() != PathKind::Unknown)
            .map(|member| {
                let is_route = |route: &&Route| {
                    route.to == member.number() && route.traffic == Traffic::Realtime
                };
                own_way(local, &member, map.routes.iter().find(is_route))
            });
        let reported = map
            .links
            .iter()
            .filter(|link| link.from != local)
            .map(|link| Way {
                from: link.from.0.into(),
                to: link.to.0.into(),
                path: link.path.into(),
                over: 0,
                round_trip_ms: link.round_trip.as_secs_f64() * 1e3,
                loss: link.loss.into(),
            });
        Some(Self {
            ways: own.chain(reported).collect(),
            people,
        })
    }

    /// For scripts.
    pub(crate) fn dictionaries(&self) -> Array<VarDictionary> {
        self.ways
            .iter()
            .map(|way| {
                vdict! {
                    "from" => way.from,
                    "to" => way.to,
                    "path" => way.path,
                    "over" => way.over,
                    "round_trip_ms" => way.round_trip_ms,
                    "loss" => way.loss,
                }
            })
            .collect()
    }

    /// The same with numbers as they are shown, so that what looks the same is the same.
    pub(crate) fn shown(mut self) -> Self {
        for way in &mut self.ways {
            way.round_trip_ms = way.round_trip_ms.ceil();
            way.loss = 0.0;
        }
        self
    }

    pub(crate) fn local(&self) -> i64 {
        self.people.first().map_or(0, |person| person.number)
    }

    /// Whether a member hands on for the local player.
    pub(crate) fn carries(&self, number: i64) -> bool {
        self.ways
            .iter()
            .any(|way| way.over == number && way.from == self.local())
    }
}

fn person(member: &MetaverseMember) -> Person {
    Person {
        number: member.number().0.into(),
        name: member.name().to_string(),
        is_local: member.is_local(),
        is_host: member.is_host(),
    }
}

fn own_way(local: MemberNumber, member: &MetaverseMember, route: Option<&Route>) -> Way {
    let over = route.and_then(|route| route.over);
    let carried = route.filter(|route| route.over.is_some());
    let round_trip_ms = carried
        .and_then(|route| route.round_trip)
        .map_or(member.round_trip_ms(), |time| time.as_secs_f64() * 1e3);
    Way {
        from: local.0.into(),
        to: member.number().0.into(),
        path: member.path(),
        over: over.map_or(0, |over| over.0.into()),
        round_trip_ms,
        loss: route.map_or(0.0, |route| route.loss.into()),
    }
}
