//! The shared values: written by nodes, told to nodes.

use godot::prelude::*;

use super::MetaversePeer;
use crate::{
    enums::State,
    frame_meter::FrameSpan,
    member::MetaverseMember,
    roster::Roster,
    shared_state::{MetaverseSharedState, SHARED_STATES},
    shared_values::{Changed, SharedValues, Told, WriteError},
};

/// A change as it is emitted.
struct Emitted {
    key: StringName,
    value: Variant,
    member: Option<Gd<MetaverseMember>>,
}

impl MetaversePeer {
    /// Writes a shared value for everyone, or erases it.
    pub(crate) fn write_shared(
        &mut self,
        key: &StringName,
        value: Option<&Variant>,
    ) -> Result<(), WriteError> {
        let session = self
            .session
            .as_mut()
            .filter(|_| self.state == State::InSpace)
            .ok_or(WriteError::NotInSpace)?;
        let roster = session.roster.as_ref().ok_or(WriteError::NotInSpace)?;
        let local = roster.local_number();
        session.shared.write(&session.net, local, key, value)
    }

    /// The shared values of the space one is in.
    pub(crate) fn shared(&mut self) -> Option<&mut SharedValues> {
        let session = self.session.as_mut()?;
        session.roster.is_some().then_some(&mut session.shared)
    }

    /// Tells this frame's share of what has changed. Runs the game's code, which may do anything.
    pub(super) fn tell_shared(this: &Gd<Self>) {
        if !this.is_instance_valid() {
            return;
        }
        let (changes, is_synchronized) = {
            let _span = FrameSpan::begin();
            this.clone().bind_mut().take_changes()
        };
        if changes.is_empty() && !is_synchronized {
            return;
        }
        let listeners = listeners(this);
        for Emitted { key, value, member } in changes {
            for listener in &listeners {
                if !is_still_in_space(this) {
                    return;
                }
                if listener.is_instance_valid() {
                    listener
                        .signals()
                        .changed()
                        .emit(&key, &value, member.as_ref());
                }
            }
        }
        for listener in &listeners {
            if is_synchronized && is_still_in_space(this) && listener.is_instance_valid() {
                listener.signals().synchronized().emit();
            }
        }
    }

    fn take_changes(&mut self) -> (Vec<Emitted>, bool) {
        let Some(shared) = self.shared() else {
            return (Vec::new(), false);
        };
        let Told {
            changes,
            is_synchronized,
        } = shared.tell();
        let roster = self.roster();
        let changes = changes
            .into_iter()
            .map(|change| emitted(change, roster))
            .collect();
        (changes, is_synchronized)
    }
}

fn emitted(change: Changed, roster: Option<&Roster>) -> Emitted {
    let Changed { key, value, writer } = change;
    let member = roster
        .zip(writer)
        .and_then(|(roster, writer)| roster.member(writer));
    Emitted { key, value, member }
}

fn is_still_in_space(peer: &Gd<MetaversePeer>) -> bool {
    peer.is_instance_valid() && peer.bind().state == State::InSpace
}

/// The nodes that show the shared values of a peer.
fn listeners(peer: &Gd<MetaversePeer>) -> Vec<Gd<MetaverseSharedState>> {
    if !peer.is_inside_tree() {
        return Vec::new();
    }
    let nodes = peer.get_tree().get_nodes_in_group(SHARED_STATES);
    nodes
        .iter_shared()
        .filter_map(|node| node.try_cast::<MetaverseSharedState>().ok())
        .filter(|node| node.clone().bind_mut().resolve_peer().as_ref() == Some(peer))
        .collect()
}
