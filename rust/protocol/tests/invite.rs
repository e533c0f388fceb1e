//! Invites as people copy, paste, break and forge them.

use std::{net::SocketAddr, time::Instant};

use data_encoding::BASE32_NOPAD;
use metaverse_protocol::{
    codec,
    id::SpaceId,
    invite::{Invite, InviteError},
    limits::{CHAIN_LINKS, INVITE_ADDRESSES, INVITE_CONTACTS, INVITE_TEXT_BYTES},
    profile::Contact,
    rights::{Certificate, Chain, Permission},
    sign::Identity,
    time::UnixSeconds,
};
use proptest::prelude::*;

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

fn identity(seed: u8) -> Identity {
    Identity::from_secret(&[seed; 32])
}

fn permission(space: SpaceId, expires: Option<UnixSeconds>) -> Permission {
    Permission {
        space,
        serial: 0x0123_4567_89AB_CDEF,
        uses: Some(3),
        expires,
    }
}

fn contact(seed: u8, addresses: usize) -> Contact {
    let addresses = (0..addresses)
        .map(|i| SocketAddr::from(([192, 168, seed, i as u8], 40_000)))
        .collect();
    Contact {
        peer: identity(seed).peer_id(),
        addresses,
    }
}

/// An invite that the space's own key has signed.
fn invite_of(space: &Identity, expires: Option<UnixSeconds>) -> Invite {
    let id = space.space_id();
    Invite {
        space: id,
        permission: Certificate::new(Chain::default(), space, &permission(id, expires)),
        contacts: vec![contact(2, 2), contact(3, 1)],
    }
}

fn invite() -> Invite {
    invite_of(&identity(1), None)
}

/// The largest invite there is.
fn largest_invite() -> Invite {
    let space = identity(1);
    let mut chain = Chain::default();
    let mut issuer = space.clone();
    for seed in 0..CHAIN_LINKS as u8 {
        let delegate = identity(100 + seed);
        chain = chain
            .delegate(&issuer, space.space_id(), delegate.peer_id())
            .expect("not yet full");
        issuer = delegate;
    }
    let permission = Permission {
        space: space.space_id(),
        serial: u64::MAX,
        uses: Some(u32::MAX),
        expires: Some(UnixSeconds(u64::MAX)),
    };
    let address = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"
        .parse()
        .expect("an address");
    let contact = Contact {
        peer: issuer.peer_id(),
        addresses: vec![address; INVITE_ADDRESSES],
    };
    Invite {
        space: space.space_id(),
        permission: Certificate::new(chain, &issuer, &permission),
        contacts: vec![contact; INVITE_CONTACTS],
    }
}

/// Any content in the outer form of an invite: length, checksum, letters.
fn sealed(content: &[u8]) -> String {
    let checksum = blake3::hash(content);
    let bytes = [
        &(content.len() as u16).to_le_bytes(),
        &checksum.as_bytes()[..4],
        content,
    ]
    .concat();
    format!(
        "metaverse-v1-{}",
        BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
    )
}

fn read(text: &str) -> Result<Invite, InviteError> {
    Invite::from_text(text, NOW)
}

#[test]
fn what_is_written_is_read() {
    for invite in [
        invite(),
        invite_of(&identity(9), Some(NOW)),
        largest_invite(),
    ] {
        assert_eq!(read(&invite.to_text()), Ok(invite));
    }
}

#[test]
fn an_invite_is_one_word_of_plain_letters() {
    let text = largest_invite().to_text();
    let letters = text.strip_prefix("metaverse-v1-").expect("the prefix");
    assert!(
        letters
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    );
}

#[test]
fn chat_and_mail_programs_do_no_harm() {
    let text = invite().to_text();
    let wrapped = |with: &str| {
        text.as_bytes()
            .chunks(60)
            .map(String::from_utf8_lossy)
            .collect::<Vec<_>>()
            .join(with)
    };
    for pasted in [
        format!("  {text}\n\n"),
        text.to_uppercase(),
        wrapped("\n"),
        wrapped("\r\n  "),
        format!("> {}", wrapped("\n> ")),
        format!(">> | {}", wrapped("\n>> | ")),
        wrapped("\u{200b}"),
        wrapped("\u{a0}\u{feff}\u{ad}"),
        format!("Come in: {text}. See you there!"),
        format!("(\"{text}\")"),
        format!("**`{text}`**"),
        format!("{text}Seeyouthere2234567"),
        format!("Müller schrieb – «{text}» …"),
        format!("Paste what begins with metaverse-v, here it is: {text}"),
        format!("metaverse-v1 - that is the version.\n{text}"),
        format!("METAVERSE-V1-{}", &text["metaverse-v1-".len()..]),
    ] {
        assert_eq!(read(&pasted), Ok(invite()), "{pasted}");
    }
}

#[test]
fn of_several_invites_the_first_usable_one_counts() {
    let (good, other) = (invite(), invite_of(&identity(9), None));
    let expired = invite_of(&identity(8), Some(UnixSeconds(NOW.0 - 1))).to_text();
    let (text, second) = (good.to_text(), other.to_text());
    let half = &text[..text.len() / 2];
    assert_eq!(read(&format!("{text} {second}")), Ok(good.clone()));
    assert_eq!(read(&format!("{text}{second}")), Ok(good.clone()));
    assert_eq!(read(&format!("{second}\n{text}")), Ok(other));
    assert_eq!(read(&format!("{expired}\n{text}")), Ok(good.clone()));
    assert_eq!(read(&format!("{half}\n{text}")), Ok(good.clone()));
    assert_eq!(read(&format!("metaverse-v2-abc {text}")), Ok(good));
    assert_eq!(
        read(&format!("metaverse-v? {expired} {half}")),
        Err(InviteError::Expired)
    );
}

#[test]
fn nothing_and_something_else_are_told_apart() {
    for text in ["", "  \n\t ", "\u{200b}\u{feff}", ">>> !"] {
        assert_eq!(read(text), Err(InviteError::Empty), "{text:?}");
    }
    for text in [
        "hello",
        "https://example.org/metaverse",
        "metaverse-vx-abc",
        "metaverse-v-abc",
        "metaverse-v1x",
    ] {
        assert_eq!(read(text), Err(InviteError::NotAnInvite), "{text:?}");
    }
}

#[test]
fn another_version_is_named() {
    let text = invite().to_text().replacen("v1", "v2", 1);
    assert_eq!(read(&text), Err(InviteError::Version(2)));
    assert!(
        read(&text)
            .expect_err("another version")
            .to_string()
            .contains("another version (2)")
    );
    assert_eq!(
        read("metaverse-v99999999999999999999-abc"),
        Err(InviteError::NotAnInvite)
    );
}

#[test]
fn a_truncated_invite_is_called_so() {
    let text = invite().to_text();
    let prefix = "metaverse-v".len();
    for length in prefix..text.len() {
        assert_eq!(
            read(&text[..length]),
            Err(InviteError::Truncated),
            "{length} letters"
        );
        let error = read(&format!("{} - more?", &text[..length])).expect_err("not whole");
        assert!(
            matches!(
                error,
                InviteError::Truncated | InviteError::Damaged | InviteError::NotAnInvite
            ),
            "{length} letters and prose: {error:?}"
        );
    }
    for length in 1..prefix {
        assert_eq!(
            read(&text[..length]),
            Err(InviteError::NotAnInvite),
            "{length} letters"
        );
    }
}

#[test]
fn one_changed_letter_is_noticed() {
    let text = invite().to_text();
    let behind = "metaverse-v1-".len();
    for at in behind..text.len() {
        for letter in ["a", "7", "q", "0", "-", "ö", ""] {
            if &text[at..=at] == letter {
                continue;
            }
            let changed = format!("{}{letter}{}", &text[..at], &text[at + 1..]);
            let error = read(&changed).expect_err("changed");
            assert!(
                matches!(error, InviteError::Damaged | InviteError::Truncated),
                "{at} to {letter:?}: {error:?}"
            );
        }
    }
}

#[test]
fn forged_permissions_are_invalid() {
    let (space, stranger) = (identity(1), identity(7));
    let (id, expected) = (space.space_id(), "whoever signed it had no right to");
    let own_chain = Chain::default()
        .delegate(&stranger, id, stranger.peer_id())
        .expect("short");
    for permission in [
        Certificate::new(Chain::default(), &stranger, &permission(id, None)),
        Certificate::new(own_chain, &stranger, &permission(id, None)),
    ] {
        let text = Invite {
            permission,
            ..invite()
        }
        .to_text();
        assert_eq!(read(&text), Err(InviteError::Invalid(expected.to_owned())));
    }

    let mut content = codec::encode(&invite());
    let serial = 0x0123_4567_89AB_CDEF_u64.to_le_bytes();
    let at = content
        .windows(8)
        .position(|window| window == serial)
        .expect("the serial number");
    content[at] ^= 1;
    assert_eq!(
        read(&sealed(&content)),
        Err(InviteError::Invalid("the signature is wrong".to_owned()))
    );
}

#[test]
fn a_permission_for_another_space_is_invalid() {
    let (ours, theirs) = (identity(1), identity(9));
    let of_theirs = invite_of(&theirs, None).permission;
    let signed_by_ours = Certificate::new(
        Chain::default(),
        &ours,
        &permission(theirs.space_id(), None),
    );
    for permission in [of_theirs, signed_by_ours] {
        let text = Invite {
            permission,
            ..invite()
        }
        .to_text();
        assert!(matches!(read(&text), Err(InviteError::Invalid(_))));
    }
}

#[test]
fn an_invite_ends_after_its_last_second() {
    let text = invite_of(&identity(1), Some(NOW)).to_text();
    assert!(Invite::from_text(&text, NOW).is_ok());
    assert_eq!(
        Invite::from_text(&text, UnixSeconds(NOW.0 + 1)),
        Err(InviteError::Expired)
    );
}

#[test]
fn contacts_are_few_and_those_of_this_machine_come_last() {
    let loopback = SocketAddr::from(([127, 0, 0, 1], 1));
    let mut many = invite();
    many.contacts = (0..9).map(|seed| contact(seed, 9)).collect();
    many.contacts[0].addresses[0] = loopback;
    let read_back = read(&many.to_text()).expect("cut to its limits");
    assert_eq!(read_back.contacts.len(), INVITE_CONTACTS);
    assert!(
        read_back
            .contacts
            .iter()
            .all(|contact| contact.addresses.len() == INVITE_ADDRESSES)
    );
    assert!(!read_back.contacts[0].addresses.contains(&loopback));

    let unlisted = Invite {
        contacts: vec![],
        ..invite()
    };
    assert!(matches!(
        read(&unlisted.to_text()),
        Err(InviteError::Invalid(_))
    ));
    for contacts in [
        vec![contact(1, 1); INVITE_CONTACTS + 1],
        vec![contact(1, INVITE_ADDRESSES + 1)],
    ] {
        let content = codec::encode(&Invite {
            contacts,
            ..invite()
        });
        assert!(matches!(
            read(&sealed(&content)),
            Err(InviteError::Invalid(_))
        ));
    }
}

#[test]
fn whole_nonsense_is_invalid() {
    for content in [
        vec![],
        vec![0xFF; 300],
        [codec::encode(&invite()), vec![0]].concat(),
    ] {
        assert!(matches!(
            read(&sealed(&content)),
            Err(InviteError::Invalid(_))
        ));
    }
    assert_eq!(read(&sealed(&[0; 5_000])), Err(InviteError::Damaged));
}

#[test]
fn a_book_is_an_error_and_not_a_wait() {
    let letters = "metaverse-v1-77aaaaaa";
    for junk in [
        "x",
        "metaverse-v",
        "metaverse-v1-",
        "metaverse-v11",
        letters,
        "\u{10FFFF}",
        "-",
    ] {
        let text = junk.repeat(4 * INVITE_TEXT_BYTES / junk.len());
        let begin = Instant::now();
        assert!(read(&text).is_err());
        assert!(
            begin.elapsed().as_millis() < 500,
            "{junk:?} took {:?}",
            begin.elapsed()
        );
    }
    let text = format!("{}{}", "x".repeat(INVITE_TEXT_BYTES), invite().to_text());
    assert_eq!(read(&text), Err(InviteError::NotAnInvite));
}

proptest! {
    #[test]
    fn any_text_is_an_error_or_an_invite(text in any::<String>(), at in any::<prop::sample::Index>()) {
        prop_assert!(read(&text).is_err());
        let whole = invite().to_text();
        let at = at.index(whole.len());
        let broken = format!("{}{text}{}", &whole[..at], &whole[at..]);
        if let Ok(read) = read(&broken) {
            prop_assert_eq!(read, invite());
        }
    }
}
