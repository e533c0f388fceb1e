//! Two people meet: everything that one sees of the other.

mod common;

use std::{sync::Arc, time::Duration};

use common::{FRAME, Player, two};
use glam::{Quat, Vec3};
use metaverse_avatar::{Pose, RootPose};
use metaverse_net::{PeerEvent, Picture, SendError};
use metaverse_protocol::{id::AvatarId, limits::MESSAGE_BYTES, name::Name};
use metaverse_space::{
    activity::{ActivityProfile, Tier},
    io::{Event, PathKind},
};

#[test]
fn they_see_each_other_in_the_same_space() {
    let (ada, ben) = (Player::start("Ada"), Player::start("Ben"));
    let (ada_id, ben_id) = (ada.online(), ben.online());
    let ada_joined = ada.create();
    assert_eq!(
        (ada_joined.members.len(), ada_joined.local),
        (1, ada_joined.host)
    );
    assert_eq!(ada_joined.description.name.as_str(), "The Garden");

    let ben_joined = ben.join(&ada.invite());
    assert_eq!(ben_joined.description, ada_joined.description);
    assert_eq!(ben_joined.host, ada_joined.local);
    let seen: Vec<_> = ben_joined
        .members
        .iter()
        .map(|member| (member.peer, member.number, member.name.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (ada_id, ada_joined.local, "Ada"),
            (ben_id, ben_joined.local, "Ben")
        ]
    );

    let ben_seen = ada.member_joined();
    assert_eq!(
        (ben_seen.peer, ben_seen.number, ben_seen.name.as_str()),
        (ben_id, ben_joined.local, "Ben")
    );
    assert_eq!(ada.peer.statistics().links, 1);
}

#[test]
fn they_learn_how_they_are_connected() {
    let (ada, _, ben, ben_joined) = two();
    let path = ada.space("a path", |event| match event {
        Event::PathChanged { number, path } => Some((number, path)),
        _ => None,
    });
    assert_eq!(path, (ben_joined.local, PathKind::Direct));
    let (number, time) = ada.space("a round trip", |event| match event {
        Event::RoundTrip { number, time } => Some((number, time)),
        _ => None,
    });
    assert_eq!(number, ben_joined.local);
    assert!(time < Duration::from_secs(1), "{time:?}");
    drop(ben);
}

#[test]
fn messages_come_whole_and_in_sequence() {
    let (ada, ada_joined, ben, ben_joined) = two();
    for number in 0..2_000_u32 {
        ada.send("count", &number.to_le_bytes(), None);
    }
    ada.send("large", &vec![7; MESSAGE_BYTES], Some(ben_joined.local));
    for number in 0..2_000_u32 {
        assert_eq!(
            ben.message(),
            (
                ada_joined.local,
                "count".to_owned(),
                number.to_le_bytes().to_vec()
            )
        );
    }
    let (from, private, data) = ben.space("the large one", |event| match event {
        Event::Message {
            from,
            private,
            data,
            ..
        } => Some((from, private, data)),
        _ => None,
    });
    assert_eq!(
        (from, private, data.len()),
        (ada_joined.local, true, MESSAGE_BYTES)
    );
    ben.send("answer", b"yes", None);
    assert_eq!(
        ada.message(),
        (ben_joined.local, "answer".to_owned(), b"yes".to_vec())
    );
}

#[test]
fn whoever_sends_as_fast_as_can_be_is_slowed_down_and_not_sent_away() {
    let (ada, ada_joined, ben, _) = two();
    let count = 12_000_u32;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..count {
                ada.send("count", &number.to_le_bytes(), None);
            }
            for _ in 0..40 {
                ada.send("large", &vec![1; MESSAGE_BYTES], None);
            }
        });
        for number in 0..count {
            assert_eq!(
                ben.message(),
                (
                    ada_joined.local,
                    "count".to_owned(),
                    number.to_le_bytes().to_vec()
                )
            );
        }
        for _ in 0..40 {
            assert_eq!(ben.message().2.len(), MESSAGE_BYTES);
        }
    });
    assert!(ada.peer.statistics().messages_busy > 0);
}

#[test]
fn a_message_that_cannot_be_sent_says_why() {
    let ada = Player::start("Ada");
    assert_eq!(
        ada.peer.send_message("topic", Vec::new(), None),
        Err(SendError::NotInSpace)
    );
    assert_eq!(ada.peer.create_invite(None, None), None);
    ada.create();
    assert_eq!(
        ada.peer.send_message(&"x".repeat(200), Vec::new(), None),
        Err(SendError::TooLarge)
    );
    assert_eq!(
        ada.peer
            .send_message("topic", vec![0; MESSAGE_BYTES + 1], None),
        Err(SendError::TooLarge)
    );
    // To an empty space: it is accepted, and nobody misses it.
    for _ in 0..5_000 {
        ada.send("topic", b"data", None);
    }
}

#[test]
fn the_picture_of_one_is_seen_by_the_other() {
    let ada = Player::start("Ada");
    let picture = Picture::Rgba {
        width: 64,
        height: 32,
        pixels: [200, 10, 10, 255].repeat(64 * 32),
    };
    ada.peer.set_profile(Name::clean("Ada L."), Some(picture));
    ada.create();
    let ben = Player::start("Ben");
    ben.join(&ada.invite());
    let (hash, width, height, rgba) = ben.wait("the picture", |event| match event {
        PeerEvent::Image {
            hash,
            width,
            height,
            rgba,
        } => Some((hash, width, height, rgba)),
        _ => None,
    });
    assert_eq!(rgba.len(), (4 * width * height) as usize);
    assert_eq!((width, height), (64, 32));
    assert!(rgba[0] > 150 && rgba[1] < 60, "{:?}", &rgba[..4]);

    ada.peer.set_profile(Name::clean("Countess"), None);
    let updated = ben.space("the new name", |event| match event {
        Event::MemberUpdated(member) if member.name.as_str() == "Countess" => Some(member),
        _ => None,
    });
    assert_eq!(updated.image, None);
    assert_ne!(Some(hash), updated.image);
}

fn standing(position: Vec3) -> Pose {
    Pose::rest(RootPose::new(position, Quat::IDENTITY).expect("a place"))
}

#[test]
fn the_movements_of_one_are_seen_by_the_other() {
    let (ada, ada_joined, ben, _) = two();
    let profile = ActivityProfile {
        near: Tier {
            rate: 60.0,
            ..ActivityProfile::PLAIN.near
        },
        ..ActivityProfile::PLAIN
    };
    ben.peer.watch(None, profile);
    assert!(ada.peer.show_avatar(AvatarId(0), Arc::default()));
    let (mut seen, mut poses) = (Vec::new(), Vec::new());
    for step in 0..200_u16 {
        let pose = standing(Vec3::new(f32::from(step), 1.0, -2.0));
        ada.peer.set_pose(AvatarId(0), ada.peer.now(), &pose);
        ada.peer.send_poses();
        std::thread::sleep(FRAME);
        ben.peer.take_poses(&mut poses);
        seen.append(&mut poses);
    }
    assert!(seen.len() > 30, "only {} poses came", seen.len());
    assert!(
        seen.iter()
            .all(|pose| pose.member == ada_joined.local && pose.avatar == AvatarId(0))
    );
    assert!(seen.is_sorted_by(
        |a, b| a.captured < b.captured && a.pose.root.position().x < b.pose.root.position().x
    ));
    let mut delays: Vec<_> = seen
        .iter()
        .map(|pose| pose.received.micros_after(pose.captured))
        .collect();
    delays.sort_unstable();
    let median = delays[delays.len() / 2];
    assert!(
        (-20_000..50_000).contains(&median),
        "a median delay of {median} us"
    );
}

#[test]
fn a_pose_shown_before_the_other_comes_is_seen_at_once() {
    let ada = Player::start("Ada");
    ada.create();
    assert!(ada.peer.show_avatar(AvatarId(5), Arc::default()));
    let pose = standing(Vec3::new(3.0, 0.0, 4.0));
    ada.peer.set_pose(AvatarId(5), ada.peer.now(), &pose);
    ada.peer.send_poses();
    let ben = Player::start("Ben");
    ben.join(&ada.invite());
    let pose = ben.pose();
    assert_eq!(pose.avatar, AvatarId(5));
    assert!(pose.pose.root.position().distance(Vec3::new(3.0, 0.0, 4.0)) < 0.02);
}

#[test]
fn leaving_is_clean_and_the_last_word_arrives() {
    let (ada, _, ben, ben_joined) = two();
    for number in 0..100_u8 {
        ben.send("last", &[number], None);
    }
    ben.peer.leave_space();
    assert_eq!(ben.left(), "");
    for number in 0..100 {
        assert_eq!(
            ada.message(),
            (ben_joined.local, "last".to_owned(), vec![number])
        );
    }
    assert_eq!(ada.member_left(), ben_joined.local);
    assert_eq!(
        ben.peer.send_message("late", Vec::new(), None),
        Err(SendError::NotInSpace)
    );
    assert_eq!(ben.peer.create_invite(None, None), None);
}

#[test]
fn one_whose_peer_is_dropped_is_gone_at_once() {
    let (ada, _, ben, ben_joined) = two();
    ben.peer.stop();
    let number = ada.wait_for(
        Duration::from_secs(2),
        "the departure",
        |event| match event {
            PeerEvent::Space(Event::MemberLeft { number, .. }) => Some(number),
            _ => None,
        },
    );
    assert_eq!(number, ben_joined.local);
}
