//! Every decoder against bytes that nobody of ours has written, and against everything that we may write. A failure
//! prints the seed that repeats it (`BOLERO_RANDOM_SEED`).

mod parts;

use std::{fmt::Debug, time::Duration};

use bolero::check;
use metaverse_protocol::{
    announcement::AnnouncementFrame,
    codec::{self, DecodeError},
    control::{Bulk, Control, GameMessage},
    datagram::{BundleSequence, Datagram, Receipt},
    id::{PeerId, SpaceId},
    invite::Invite,
    lane::{self, Lane},
    limits::{
        CONTROL_BYTES, DATAGRAM_BYTES, FORWARD_HEADER_BYTES, IMAGE_BYTES, MESSAGE_BYTES,
        NAME_BYTES, NAME_CHARACTERS, REASON_BYTES, TAG_BYTES, TOPIC_BYTES,
    },
    name::{self, Name, Tag},
    profile::Profile,
    rights::{Certificate, Chain, Permission},
    sign::Signed,
    time::{Time, UnixSeconds},
};
use parts::{Damage, Parts};

const TEST_TIME: Duration = Duration::from_millis(400);
const CONTROL_KINDS: u8 = 25;
const ANNOUNCEMENT_KINDS: u8 = 3;
const BULK_KINDS: u8 = 3;

/// What decodes means the same when it is written again, in the same bytes or, where an integer took more than it
/// needed, in fewer.
fn assert_faithful<T: PartialEq + Debug>(
    bytes: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
    encode: impl Fn(&T) -> Vec<u8>,
) {
    let Ok(value) = decode(bytes) else { return };
    let again = encode(&value);
    assert!(
        again == bytes || again.len() < bytes.len(),
        "{value:?} was {bytes:?} and is written as {again:?}"
    );
    assert_eq!(decode(&again), Ok(value));
}

fn control_is_faithful(bytes: &[u8]) {
    assert_faithful(bytes, Control::decode, Control::encode);
    if let Ok(message) = Control::decode(bytes) {
        open_all(&message);
    }
}

/// Opens whatever is signed in a message: forged or not, it is a value or an error.
fn open_all(message: &Control) {
    let space = SpaceId([7; 32]);
    match message {
        Control::Join {
            space,
            permission,
            profile,
        } => {
            if let Ok(permission) = permission.open(*space) {
                assert_eq!(permission.space, *space);
            }
            if let Ok(profile) = profile.open() {
                assert!(profile.name.as_str().len() <= NAME_BYTES);
            }
        }
        Control::Admitted(record) => {
            assert!(
                record.admission.open(space).is_err(),
                "nobody has the key of this space"
            );
        }
        Control::HostClaim { chain, .. } => {
            assert!(
                *chain == Chain::default() || chain.holder(space).is_err(),
                "nobody has the key of this space"
            );
        }
        _ => {}
    }
}

fn game_message_is_faithful(bytes: &[u8]) {
    assert_faithful(bytes, GameMessage::decode, GameMessage::encode);
    if let Ok(message) = GameMessage::decode(bytes) {
        assert!(message.topic.len() <= TOPIC_BYTES && message.data.len() <= MESSAGE_BYTES);
    }
}

fn bulk_is_faithful(bytes: &[u8]) {
    assert_faithful(bytes, Bulk::decode, Bulk::encode);
    if let Ok(Bulk::Image { bytes, .. }) = Bulk::decode(bytes) {
        assert!(bytes.len() <= IMAGE_BYTES);
    }
}

fn announcement_is_faithful(bytes: &[u8]) {
    assert_faithful(bytes, AnnouncementFrame::decode, AnnouncementFrame::encode);
    if let Ok(AnnouncementFrame::Said(said)) = AnnouncementFrame::decode(bytes) {
        let opened = said.open(PeerId([7; 32]));
        assert!(opened.is_none(), "nobody has the key of this peer");
    }
}

fn datagram_is_faithful(bytes: &[u8]) {
    if let Ok(datagram) = Datagram::decode(bytes) {
        assert!(bytes.len() <= DATAGRAM_BYTES + FORWARD_HEADER_BYTES);
        assert_eq!(datagram.encode(), bytes);
    }
}

fn certificate_is_faithful(bytes: &[u8]) {
    type Of = Certificate<Permission>;
    assert_faithful(bytes, codec::decode::<Of, CONTROL_BYTES>, codec::encode);
    if let Ok(certificate) = codec::decode::<Of, CONTROL_BYTES>(bytes) {
        assert!(
            certificate.open(SpaceId([7; 32])).is_err(),
            "nobody has the key of this space"
        );
    }
}

fn profile_is_faithful(bytes: &[u8]) {
    assert_faithful(
        bytes,
        codec::decode::<Signed<Profile>, CONTROL_BYTES>,
        codec::encode,
    );
    let Ok(signed) = codec::decode::<Signed<Profile>, CONTROL_BYTES>(bytes) else {
        return;
    };
    if let Ok(profile) = signed.open() {
        assert!(profile.name.as_str().len() <= NAME_BYTES);
    }
}

#[test]
fn decoders_take_any_bytes() {
    check!().with_test_time(TEST_TIME).for_each(|bytes| {
        control_is_faithful(bytes);
        game_message_is_faithful(bytes);
        bulk_is_faithful(bytes);
        announcement_is_faithful(bytes);
        datagram_is_faithful(bytes);
        certificate_is_faithful(bytes);
        profile_is_faithful(bytes);
    });
}

#[test]
fn decoders_take_damaged_messages() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<(Parts, Damage)>()
        .for_each(|(parts, damage)| {
            control_is_faithful(
                &damage.done_to(parts.control(parts.kind % CONTROL_KINDS).encode()),
            );
            game_message_is_faithful(&damage.done_to(parts.game_message().encode()));
            bulk_is_faithful(&damage.done_to(parts.bulk(parts.kind % BULK_KINDS).encode()));
            announcement_is_faithful(
                &damage.done_to(parts.announcement(parts.kind % ANNOUNCEMENT_KINDS).encode()),
            );
            certificate_is_faithful(&damage.done_to(codec::encode(&parts.invite().permission)));
            profile_is_faithful(&damage.done_to(codec::encode(&parts.profile())));
        });
}

#[test]
fn messages_arrive_as_they_were_sent() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<Parts>()
        .for_each(|parts| {
            let control = parts.control(parts.kind % CONTROL_KINDS);
            assert_eq!(Control::decode(&control.encode()), Ok(control));
            let message = parts.game_message();
            assert_eq!(GameMessage::decode(&message.encode()), Ok(message));
            let bulk = parts.bulk(parts.kind % BULK_KINDS);
            assert_eq!(Bulk::decode(&bulk.encode()), Ok(bulk));
            let frame = parts.announcement(parts.kind % ANNOUNCEMENT_KINDS);
            assert_eq!(AnnouncementFrame::decode(&frame.encode()), Ok(frame));
        });
}

#[test]
fn the_parts_above_make_every_kind_of_message() {
    check!()
        .with_iterations(10)
        .with_type::<Parts>()
        .for_each(|parts| {
            for kind in 0..CONTROL_KINDS {
                assert_eq!(parts.control(kind).encode()[0], kind);
            }
            for kind in 0..BULK_KINDS {
                assert_eq!(parts.bulk(kind).encode()[0], kind);
            }
        });
    let is_unknown = |error: DecodeError| error.to_string().contains("variant index");
    assert!(is_unknown(
        Control::decode(&[CONTROL_KINDS]).expect_err("too short for any message")
    ));
    assert!(is_unknown(
        Bulk::decode(&[BULK_KINDS]).expect_err("too short for any message")
    ));
}

#[test]
fn datagrams_arrive_as_they_were_sent() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<Parts>()
        .for_each(|parts| {
            for datagram in [
                Datagram::Ping {
                    sent: Time(parts.large),
                },
                Datagram::Pong {
                    sent: Time(parts.large),
                    received: Time(u64::from(parts.middle)),
                },
                Datagram::Receipt(Receipt {
                    newest: BundleSequence::new(parts.small as u8),
                    before: parts.middle as u16,
                }),
            ] {
                assert_eq!(Datagram::decode(&datagram.encode()), Ok(datagram));
            }
        });
}

#[test]
fn frame_lengths_are_held_to_their_lane() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<([u8; lane::LENGTH_BYTES], u8)>()
        .for_each(|(header, tag)| {
            let Some(lane) = Lane::from_tag(*tag % 5) else {
                return;
            };
            match lane::frame_length(lane, *header) {
                Ok(length) => {
                    assert!(length <= lane.frame_limit());
                    assert_eq!(lane::frame_header(lane, length), Ok(*header));
                }
                Err(error) => assert_eq!(
                    (error.lane, error.length),
                    (lane, u32::from_le_bytes(*header) as usize)
                ),
            }
        });
}

#[test]
fn certificates_open_for_their_space_alone() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<Parts>()
        .for_each(|parts| {
            let certificate = parts.invite().permission;
            assert_eq!(certificate.open(parts.space()), Ok(parts.permission()));
            assert!(certificate.open(SpaceId(parts.id)).is_err());
        });
}

#[test]
fn what_is_signed_does_not_open_when_it_was_changed() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<(Parts, u16, u8)>()
        .for_each(|(parts, at, value)| {
            let signed = parts.profile();
            let mut bytes = codec::encode(&signed);
            let at = usize::from(*at) % bytes.len();
            bytes[at] ^= value;
            let Ok(changed) = codec::decode::<Signed<Profile>, CONTROL_BYTES>(&bytes) else {
                return;
            };
            assert!(changed == signed || changed.open().is_err());
        });
}

#[test]
fn invites_arrive_as_they_were_copied() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<Parts>()
        .for_each(|parts| {
            let mut invite = parts.invite();
            for contact in &mut invite.contacts {
                contact
                    .addresses
                    .retain(|address| !address.ip().is_loopback());
            }
            let text = format!("{}{}", invite.to_text(), parts.text);
            assert_eq!(Invite::from_text(&text, UnixSeconds(0)), Ok(invite));
        });
}

#[test]
fn damaged_invites_are_errors() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<(Parts, Damage)>()
        .for_each(|(parts, damage)| {
            let damaged = damage.done_to(parts.invite().to_text().into_bytes());
            let text = String::from_utf8_lossy(&damaged);
            if let Ok(invite) = Invite::from_text(&text, UnixSeconds(0)) {
                assert_eq!(invite.space, parts.space());
                assert_eq!(invite.permission.open(invite.space), Ok(parts.permission()));
            }
        });
}

#[test]
fn any_text_becomes_a_name_a_tag_and_a_reason() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<String>()
        .for_each(|text| {
            let (name, tag, reason) = (
                Name::clean(text),
                Tag::clean(text),
                name::clean_reason(text),
            );
            assert!(
                name.as_str().chars().count() <= NAME_CHARACTERS
                    && name.as_str().len() <= NAME_BYTES
            );
            assert!(tag.as_str().len() <= TAG_BYTES && reason.len() <= REASON_BYTES);
            assert!(!name.as_str().chars().any(char::is_control));
            assert_eq!(
                codec::decode::<Name, CONTROL_BYTES>(&codec::encode(text)).is_ok(),
                name.as_str() == text
            );
            assert_eq!(
                codec::decode::<Tag, CONTROL_BYTES>(&codec::encode(text)).is_ok(),
                tag.as_str() == text
            );
            assert_eq!(name::clean_reason(&reason), reason);
        });
}
