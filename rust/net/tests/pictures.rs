//! Pictures that cannot be used are told to whoever chose them, and to nobody else.

mod common;

use common::Player;
use metaverse_net::Picture;
use metaverse_protocol::name::Name;
use metaverse_space::io::Event;

#[test]
fn a_picture_that_cannot_be_used_is_told_and_the_name_changes_all_the_same() {
    let (ada, ben) = (Player::start("Ada"), Player::start("Ben"));
    ada.create();
    ben.join(&ada.invite());
    let wrong = [
        Picture::Encoded(b"not a picture".to_vec()),
        Picture::Encoded(vec![0; 3 * 1024 * 1024]),
        Picture::Rgba {
            width: 5_000,
            height: 5_000,
            pixels: Vec::new(),
        },
        Picture::Rgba {
            width: 10,
            height: 10,
            pixels: vec![0; 7],
        },
        Picture::Rgba {
            width: u32::MAX,
            height: u32::MAX,
            pixels: vec![0; 4],
        },
    ];
    for (number, picture) in wrong.into_iter().enumerate() {
        let name = format!("Ada {number}");
        ada.peer.set_profile(Name::clean(&name), Some(picture));
        let message = ada.failed();
        assert!(message.ends_with('.'), "{message}");
        let image = ben.space("the new name", |event| match event {
            Event::MemberUpdated(member) if member.name.as_str() == name => Some(member.image),
            _ => None,
        });
        assert_eq!(image, None);
    }
}

#[test]
fn of_many_profiles_the_last_one_holds() {
    let (ada, ben) = (Player::start("Ada"), Player::start("Ben"));
    ada.create();
    ben.join(&ada.invite());
    for number in 0..200_u8 {
        let picture = Picture::Rgba {
            width: 256,
            height: 256,
            pixels: vec![number; 4 * 256 * 256],
        };
        ada.peer
            .set_profile(Name::clean(&format!("Ada {number}")), Some(picture));
    }
    ada.peer.set_profile(Name::clean("the last"), None);
    let image = ben.space("the last name", |event| match event {
        Event::MemberUpdated(member) if member.name.as_str() == "the last" => Some(member.image),
        _ => None,
    });
    assert_eq!(image, None);
}
