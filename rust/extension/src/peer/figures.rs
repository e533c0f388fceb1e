//! Figures of a peer for the debugger's monitors and for the drawn network.

use godot::prelude::*;

use super::MetaversePeer;
use crate::{enums::PathKind, network::Network};

impl MetaversePeer {
    /// The network of the space that the peer is in.
    pub(crate) fn network(&self) -> Option<Network> {
        Network::of(self.session.as_ref()?)
    }

    pub(crate) fn count_members(&self) -> f64 {
        self.roster()
            .map_or(0.0, |roster| roster.members().count() as f64)
    }

    pub(crate) fn count_forwarded(&self) -> f64 {
        let is_forwarded = |member: &&Gd<_>| is_forwarded(member);
        self.roster().map_or(0.0, |roster| {
            roster.members().filter(is_forwarded).count() as f64
        })
    }

    pub(crate) fn median_round_trip_ms(&self) -> f64 {
        let Some(roster) = self.roster() else {
            return 0.0;
        };
        let members = roster.members().map(Gd::bind);
        let mut times: Vec<f64> = members
            .filter(|member| !member.is_local())
            .map(|member| member.round_trip_ms())
            .collect();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or_default()
    }

    pub(crate) fn count_carried(&self) -> f64 {
        let session = self.session.as_ref();
        session.map_or(0.0, |session| {
            session.net.statistics().space.packets_carried as f64
        })
    }
}

fn is_forwarded(member: &Gd<crate::member::MetaverseMember>) -> bool {
    member.bind().path() == PathKind::Forwarded
}
