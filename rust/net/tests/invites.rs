//! Bad invites end in a code and a sentence; so does everything else that keeps somebody out.

mod common;

use std::time::{Duration, Instant};

use common::{Player, settings, two};
use metaverse_net::{Options, Peer, Reach, StartError};
use metaverse_protocol::{invite::Invite, time::UnixSeconds};
use metaverse_space::io::JoinError;

fn assert_sentence(message: &str) {
    assert!(
        message.ends_with('.') && message.starts_with(char::is_uppercase),
        "not a sentence: {message:?}"
    );
}

#[test]
fn what_is_no_invite_is_told_apart() {
    let host = Player::start("host");
    host.create();
    let invite = host.invite();
    let version = invite.replacen("metaverse-v1", "metaverse-v9", 1);
    let mut damaged = invite.clone().into_bytes();
    let middle = damaged.len() / 2;
    damaged[middle] = if damaged[middle] == b'a' { b'b' } else { b'a' };
    let damaged = String::from_utf8(damaged).expect("ASCII");
    let player = Player::start("player");
    for (text, expected) in [
        ("", JoinError::InvalidInvite),
        ("hello there", JoinError::InvalidInvite),
        (&invite[..invite.len() - 20], JoinError::InvalidInvite),
        (&damaged, JoinError::InvalidInvite),
        (&version, JoinError::Incompatible),
        (
            &"\u{202e}\0\u{ffff}".repeat(10_000),
            JoinError::InvalidInvite,
        ),
    ] {
        player.peer.join_space(text);
        let (error, message) = player.join_failed();
        assert_eq!(
            error,
            expected,
            "for {:?}: {message}",
            text.chars().take(60).collect::<String>()
        );
        assert_sentence(&message);
    }
    player.join(&invite);
}

#[test]
fn an_invite_ends_with_its_time() {
    let host = Player::start("host");
    host.create();
    let invite = host
        .peer
        .create_invite(None, Some(Duration::ZERO))
        .expect("in a space");
    while Invite::from_text(&invite, now()).is_ok() {
        std::thread::sleep(Duration::from_millis(50));
    }
    let player = Player::start("player");
    player.peer.join_space(&invite);
    let (error, message) = player.join_failed();
    assert_eq!(error, JoinError::Expired);
    assert_sentence(&message);
}

fn now() -> UnixSeconds {
    let elapsed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970");
    UnixSeconds(elapsed.as_secs())
}

#[test]
fn an_invite_ends_with_its_uses() {
    let host = Player::start("host");
    host.create();
    let invite = host.peer.create_invite(Some(1), None).expect("in a space");
    Player::start("first").join(&invite);
    let second = Player::start("second");
    second.peer.join_space(&invite);
    let (error, message) = second.join_failed();
    assert_eq!(error, JoinError::Expired);
    assert_sentence(&message);
}

#[test]
fn where_nobody_is_left_one_is_told_within_ten_seconds() {
    let host = Player::start("host");
    host.create();
    let invite = host.invite();
    host.peer.leave_space();
    host.left();
    let player = Player::start("player");
    let begun = Instant::now();
    player.peer.join_space(&invite);
    let (error, message) = player.join_failed();
    assert_eq!(error, JoinError::Unreachable);
    assert_sentence(&message);
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "it took {:?}",
        begun.elapsed()
    );
}

#[test]
fn an_address_that_is_silent_is_unreachable_within_ten_seconds() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let host = Player::start("host");
    host.create();
    let mut invite = Invite::from_text(&host.invite(), now()).expect("an invite");
    for contact in &mut invite.contacts {
        contact.addresses = vec![silent.local_addr().expect("bound")];
    }
    let player = Player::start("player");
    let begun = Instant::now();
    player.peer.join_space(&invite.to_text());
    let (error, message) = player.join_failed();
    assert_eq!(error, JoinError::Unreachable);
    assert_sentence(&message);
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "it took {:?}",
        begun.elapsed()
    );
}

#[test]
fn entering_can_be_given_up() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let host = Player::start("host");
    host.create();
    let mut invite = Invite::from_text(&host.invite(), now()).expect("an invite");
    for contact in &mut invite.contacts {
        contact.addresses = vec![silent.local_addr().expect("bound")];
    }
    let player = Player::start("player");
    // Before and after there is an endpoint.
    for _ in 0..2 {
        player.peer.join_space(&invite.to_text());
        player.peer.leave_space();
        let (error, message) = player.join_failed();
        assert_eq!(error, JoinError::Cancelled);
        assert_sentence(&message);
        player.online();
    }
    player.join(&host.invite());
}

#[test]
fn nobody_is_in_two_spaces() {
    let (ada, _, ben, _) = two();
    ben.peer.create_space(settings());
    let (_, message) = ben.join_failed();
    assert_sentence(&message);
    ben.peer.join_space(&ada.invite());
    let (_, message) = ben.join_failed();
    assert_sentence(&message);
    ben.send("still", b"here", None);
    assert_eq!(ada.message().1, "still");
}

#[test]
fn relay_only_needs_a_relay() {
    let error = Peer::start(Options {
        reach: Reach::RelayOnly,
        ..Options::default()
    })
    .expect_err("no relay");
    assert!(matches!(error, StartError::NoRelay));
    assert_sentence(&error.to_string());
}

#[test]
fn on_a_local_network_only_its_addresses_are_told() {
    let host = Player::on_the_local_network("host");
    host.create();
    let invite = Invite::from_text(&host.invite(), now()).expect("an invite");
    let addresses: Vec<_> = invite
        .contacts
        .iter()
        .flat_map(|contact| &contact.addresses)
        .collect();
    assert!(!addresses.is_empty());
    for address in addresses {
        match address.ip() {
            std::net::IpAddr::V4(ip) => assert!(
                ip.is_private() || ip.is_loopback() || ip.is_link_local(),
                "{ip}"
            ),
            std::net::IpAddr::V6(ip) => assert!(ip.is_unique_local() || ip.is_loopback(), "{ip}"),
        }
    }
    let player = Player::on_the_local_network("player");
    assert_eq!(player.join(&host.invite()).members.len(), 2);
}
