//! The end of the library, in a process of its own because it ends all peers.

mod common;

use std::time::{Duration, Instant};

use common::{Player, two};
use metaverse_net::PeerEvent;
use metaverse_space::io::Event;

#[test]
fn the_end_is_clean_in_every_state_and_a_new_beginning_is_possible() {
    let (ada, _, ben, _) = two();
    let idle = Player::start("idle");
    idle.online();
    let starting = Player::start("starting");
    let dropped = Player::start("dropped");
    drop(dropped);

    let begun = Instant::now();
    metaverse_net::shut_down(Duration::from_secs(1));
    assert!(
        begun.elapsed() < Duration::from_millis(1_500),
        "it took {:?}",
        begun.elapsed()
    );
    for player in [&ada, &ben] {
        player.wait("the farewell", |event| {
            matches!(event, PeerEvent::Space(Event::Left { .. })).then_some(())
        });
    }
    for player in [&ada, &ben, &idle, &starting] {
        player.wait("the end", |event| {
            (event == PeerEvent::Stopped).then_some(())
        });
        player.peer.leave_space();
        player.peer.join_space("");
    }
    metaverse_net::shut_down(Duration::from_secs(1));

    let (_ada, _, _ben, _) = two();
    metaverse_net::shut_down(Duration::from_secs(1));
}
