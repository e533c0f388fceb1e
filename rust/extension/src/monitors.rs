//! What a peer shows in Godot's debugger, under *Monitors*.

use godot::{classes::Performance, obj::InstanceId, prelude::*};

use crate::peer::MetaversePeer;

/// A figure of a peer.
type Figure = fn(&MetaversePeer) -> f64;

const FIGURES: [(&str, Figure); 4] = [
    ("members", MetaversePeer::count_members),
    ("forwarded members", MetaversePeer::count_forwarded),
    ("round trip ms", MetaversePeer::median_round_trip_ms),
    ("packets carried", MetaversePeer::count_carried),
];

/// The monitors of one peer; those of a second peer have its name in theirs.
#[derive(Default)]
pub(crate) struct Monitors {
    names: Vec<StringName>,
}

impl Monitors {
    pub(crate) fn add(&mut self, peer: &Gd<MetaversePeer>) {
        let mut performance = Performance::singleton();
        let plain = StringName::from("metaverse/members");
        let group = if performance.has_custom_monitor(&plain) {
            format!("metaverse {}", peer.get_name())
        } else {
            "metaverse".to_owned()
        };
        for (title, figure) in FIGURES {
            let name = StringName::from(&format!("{group}/{title}"));
            if performance.has_custom_monitor(&name) {
                continue;
            }
            let id = peer.instance_id();
            let callable = Callable::from_fn(title, move |_| read(id, figure));
            performance.add_custom_monitor(&name, &callable);
            self.names.push(name);
        }
    }

    pub(crate) fn remove(&mut self) {
        for name in self.names.drain(..) {
            Performance::singleton().remove_custom_monitor(&name);
        }
    }
}

fn read(peer: InstanceId, figure: Figure) -> f64 {
    Gd::<MetaversePeer>::try_from_instance_id(peer).map_or(0.0, |peer| figure(&peer.bind()))
}
