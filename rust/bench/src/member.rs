//! Members over the real network, in this process.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use metaverse_net::{Options, Peer, PeerEvent, Reach, SpaceSettings};
use metaverse_protocol::{
    name::{Name, Tag},
    profile::Visibility,
};
use metaverse_space::io::Event;

const CAPACITY: u16 = 32;
/// Longer than entering a space takes.
const ENTERING: Duration = Duration::from_mins(1);

/// A member of a new space, and how many there are.
pub fn create() -> Result<(Peer, usize)> {
    let peer = start()?;
    peer.create_space(SpaceSettings {
        name: Name::clean("Bench"),
        visibility: Visibility::Private,
        capacity: CAPACITY,
        activity: Tag::default(),
        scene: Tag::default(),
    });
    enter(peer)
}

/// A member of the space of an invite, and how many there are.
pub fn join(invite: &str) -> Result<(Peer, usize)> {
    let peer = start()?;
    peer.join_space(invite);
    enter(peer)
}

fn start() -> Result<Peer> {
    Ok(Peer::start(Options {
        secret: None,
        reach: Reach::LocalNetwork,
        name: Name::clean("bench"),
    })?)
}

fn enter(peer: Peer) -> Result<(Peer, usize)> {
    let since = Instant::now();
    loop {
        while let Some(event) = peer.next_event() {
            match event {
                PeerEvent::Space(Event::Joined { members, .. }) => {
                    return Ok((peer, members.len()));
                }
                PeerEvent::Space(Event::JoinFailed { message, .. })
                | PeerEvent::Failed(message) => bail!("the space was not entered: {message}"),
                _ => {}
            }
        }
        if since.elapsed() > ENTERING {
            bail!("the space was not entered: {:#?}", peer.statistics());
        }
        sleep(Duration::from_millis(1));
    }
}
