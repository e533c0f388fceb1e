//! A process that is killed says nothing to anybody, and is gone all the same.

mod common;

use std::{
    env,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use common::{LONG, Player};
use metaverse_net::PeerEvent;
use metaverse_protocol::id::MemberNumber;
use metaverse_space::io::Event;

const INVITE: &str = "METAVERSE_TEST_INVITE";

/// This very test, run by another process, is the victim: it enters and waits for its end.
fn is_the_victim() -> bool {
    let Ok(invite) = env::var(INVITE) else {
        return false;
    };
    let victim = Player::start("victim");
    victim.join(&invite);
    std::thread::sleep(2 * LONG);
    true
}

fn victim(test: &str, invite: &str) -> Child {
    Command::new(env::current_exe().expect("a path"))
        .args(["--exact", test])
        .env(INVITE, invite)
        .stdout(Stdio::null())
        .spawn()
        .expect("a process")
}

fn assert_gone_within_five_seconds(player: &Player, since: Instant, victim: MemberNumber) {
    let number = player.wait_for(
        Duration::from_secs(6),
        "the departure",
        |event| match event {
            PeerEvent::Space(Event::MemberLeft { number, .. }) => Some(number),
            _ => None,
        },
    );
    assert_eq!(number, victim);
    assert!(
        since.elapsed() < Duration::from_secs(5),
        "it took {:?}",
        since.elapsed()
    );
}

#[test]
fn a_killed_member_is_off_all_lists_within_five_seconds() {
    if is_the_victim() {
        return;
    }
    let (host, member) = (Player::start("host"), Player::start("member"));
    host.create();
    member.join(&host.invite());
    host.member_joined();
    let mut process = victim(
        "a_killed_member_is_off_all_lists_within_five_seconds",
        &host.invite(),
    );
    let number = host.member_joined().number;
    assert_eq!(member.member_joined().number, number);
    process.kill().expect("it lives");
    process.wait().expect("it ends");
    let since = Instant::now();
    assert_gone_within_five_seconds(&host, since, number);
    assert_gone_within_five_seconds(&member, since, number);
    host.send("still", b"here", None);
    assert_eq!(member.message().1, "still");
}
