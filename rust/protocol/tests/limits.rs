//! The largest of everything that may be said, against the limit on what is read.

use std::{net::SocketAddr, slice};

use metaverse_protocol::{
    control::{Bulk, Control, Follow, GameMessage, Listed, Side, Welcome},
    datagram::{BUNDLE_HEADER_BYTES, Bundle, BundleSequence, Datagram, PoseEntry},
    id::{AvatarId, ContentHash, Epoch, MemberNumber, SpaceId},
    lane::Lane,
    limits::{
        ADDRESSES, AVATARS, CHAIN_LINKS, DATAGRAM_BYTES, FOLLOWS, FORWARDERS, IMAGE_BYTES, MEMBERS,
        MESSAGE_BYTES, NAME_CHARACTERS, REASON_BYTES, ROSTER_PAGE, TOPIC_BYTES, WITNESSES,
    },
    name::{Name, Tag, clean_reason},
    profile::{MemberRecord, Profile, SpaceDescription, Visibility},
    rights::{Admission, Certificate, Chain, Permission, Standing},
    sign::{Identity, Signed},
    time::{Tick, UnixSeconds},
    vote::Vote,
};

fn identity(seed: u8) -> Identity {
    Identity::from_secret(&[seed; 32])
}

/// The space whose key has the seed 0.
fn space() -> SpaceId {
    identity(0).space_id()
}

/// A chain of `links` delegations, and who holds it.
fn chain(links: usize) -> (Chain, Identity) {
    let mut chain = Chain::default();
    let mut holder = identity(0);
    for seed in 1..=links as u8 {
        let delegate = identity(seed);
        chain = chain
            .delegate(&holder, space(), delegate.peer_id())
            .expect("not yet full");
        holder = delegate;
    }
    (chain, holder)
}

fn profile() -> Signed<Profile> {
    let address: SocketAddr = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"
        .parse()
        .expect("an address");
    let profile = Profile {
        revision: u32::MAX,
        name: Name::clean(&"\u{1F600}".repeat(NAME_CHARACTERS)),
        image: Some(ContentHash([255; 32])),
        addresses: vec![address; ADDRESSES],
    };
    assert!(profile.is_within_limits());
    Signed::new(&identity(200), &profile)
}

fn vote() -> Signed<Vote> {
    let vote = Vote {
        space: space(),
        epoch: Epoch(u32::MAX),
        round: u32::MAX,
        candidate: identity(200).peer_id(),
    };
    Signed::new(&identity(200), &vote)
}

/// The largest record of a member that was admitted by the holder of a chain of `links`.
fn record(links: usize) -> MemberRecord {
    let (chain, host) = chain(links);
    let admission = Admission {
        space: space(),
        peer: identity(200).peer_id(),
        number: MemberNumber(u16::MAX),
        standing: Standing {
            epoch: Epoch(u32::MAX),
            sequence: u32::MAX,
        },
    };
    MemberRecord {
        admission: Certificate::new(chain, &host, &admission),
        profile: profile(),
    }
}

/// The largest welcome that names so many members, all admitted by the holder of a chain of `links`.
fn welcome(members: usize, links: usize, permissions: u64) -> Control {
    let description = SpaceDescription {
        id: space(),
        name: Name::clean(&"\u{1F600}".repeat(NAME_CHARACTERS)),
        visibility: Visibility::Private,
        capacity: u16::MAX,
        activity: Tag::clean(&"x".repeat(100)),
        scene: Tag::clean(&"x".repeat(100)),
    };
    let record = record(links);
    Control::Welcome(Box::new(Welcome {
        description: Certificate::new(Chain::default(), &identity(0), &description),
        admission: record.admission.clone(),
        chain: chain((links + 1).min(CHAIN_LINKS)).0,
        epoch: Epoch(u32::MAX),
        host: MemberNumber(u16::MAX),
        latest: Standing {
            epoch: Epoch(u32::MAX),
            sequence: u32::MAX,
        },
        space_time: u64::MAX,
        roster: vec![
            Listed {
                record,
                announced: u64::MAX
            };
            members
        ],
        more: u16::MAX,
        forwarders: vec![MemberNumber(u16::MAX); FORWARDERS],
        permissions_used: (0..permissions)
            .map(|serial| (u64::MAX - serial, u32::MAX))
            .collect(),
    }))
}

fn assert_travels(message: &Control) {
    let bytes = message.encode();
    assert!(
        bytes.len() <= Lane::Control.frame_limit(),
        "{} bytes",
        bytes.len()
    );
    assert!(
        Control::decode(&bytes).as_ref() == Ok(message),
        "{} bytes do not decode",
        bytes.len()
    );
}

#[test]
fn a_welcome_names_members_after_as_many_hosts_as_there_can_be() {
    assert_travels(&welcome(ROSTER_PAGE, CHAIN_LINKS, 1_000));
}

#[test]
fn the_largest_of_the_other_control_messages_travel() {
    let (chain, holder) = chain(CHAIN_LINKS);
    let permission = Permission {
        space: space(),
        serial: u64::MAX,
        uses: Some(u32::MAX),
        expires: Some(UnixSeconds(u64::MAX)),
    };
    let reason = clean_reason(&"x".repeat(10_000));
    assert_eq!(reason.len(), REASON_BYTES);
    for message in [
        Control::Join {
            space: space(),
            permission: Certificate::new(chain.clone(), &holder, &permission),
            profile: profile(),
        },
        Control::Meet {
            record: Box::new(record(CHAIN_LINKS)),
            number: MemberNumber(u16::MAX),
            received: u64::MAX,
            available: u64::MAX,
        },
        Control::Admitted(record(CHAIN_LINKS)),
        Control::HostClaim {
            epoch: Epoch(u32::MAX),
            chain,
            votes: vec![vote(); WITNESSES],
        },
        Control::Vote(vote()),
        Control::Removed {
            number: MemberNumber(u16::MAX),
            may_return: true,
            reason: reason.clone(),
        },
        Control::Roster(vec![
            Listed {
                record: record(CHAIN_LINKS),
                announced: u64::MAX
            };
            ROSTER_PAGE
        ]),
        Control::Forwarders(vec![MemberNumber(u16::MAX); FORWARDERS]),
        Control::Serving(vec![MemberNumber(u16::MAX); MEMBERS]),
        Control::Follow(vec![
            Follow {
                member: MemberNumber(u16::MAX),
                avatar: AvatarId(AVATARS as u16 - 1),
                level: u8::MAX,
                rate: u8::MAX,
            };
            FOLLOWS
        ]),
        Control::Side {
            side: Side {
                host: identity(200).peer_id(),
                epoch: Epoch(u32::MAX),
                followers: u16::MAX,
            },
            record: Some(Box::new(record(CHAIN_LINKS))),
        },
        Control::Leave { reason },
        Control::Profile(profile()),
    ] {
        assert_travels(&message);
    }
}

#[test]
fn the_largest_profile_opens() {
    assert!(profile().open().is_ok());
}

#[test]
fn the_largest_game_message_travels_and_no_larger_one() {
    let message = |topic, data| GameMessage {
        topic: "t".repeat(topic),
        private: true,
        data: vec![255; data],
    };
    let largest = message(TOPIC_BYTES, MESSAGE_BYTES);
    let bytes = largest.encode();
    assert!(bytes.len() <= Lane::Message.frame_limit());
    assert!(GameMessage::decode(&bytes) == Ok(largest));
    for larger in [message(TOPIC_BYTES + 1, 0), message(0, MESSAGE_BYTES + 1)] {
        assert!(GameMessage::decode(&larger.encode()).is_err());
    }
}

#[test]
fn the_largest_image_travels_and_no_larger_one() {
    let image = |length| Bulk::Image {
        hash: ContentHash([255; 32]),
        bytes: vec![255; length],
    };
    let bytes = image(IMAGE_BYTES).encode();
    assert!(bytes.len() <= Lane::Bulk.frame_limit());
    assert!(Bulk::decode(&bytes) == Ok(image(IMAGE_BYTES)));
    assert!(Bulk::decode(&image(IMAGE_BYTES + 1).encode()).is_err());
}

#[test]
fn the_largest_pose_travels_and_no_larger_one() {
    let pushed = |length: usize| {
        let mut bundle = Bundle::new(BundleSequence::default(), Tick(u16::MAX));
        let entry = PoseEntry {
            avatar: AvatarId(AVATARS as u16 - 1),
            level: 3,
            payload: &vec![255; length],
        };
        bundle.push(entry).then(|| bundle.finish()).flatten()
    };
    let longest = DATAGRAM_BYTES - BUNDLE_HEADER_BYTES - 1;
    let bytes = pushed(longest).expect("room");
    assert_eq!(bytes.len(), DATAGRAM_BYTES);
    assert!(Datagram::decode(&bytes).is_ok());
    assert!(pushed(longest + 1).is_none());
    let longer = [bytes.as_slice(), slice::from_ref(&0)].concat();
    assert!(Datagram::decode(&longer).is_err());
}
