//! Fuzz target of the whole machine: whatever a member sends, nothing panics and nobody else is harmed.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::World;
use metaverse_protocol::lane::Lane;
use metaverse_space::io::Input;

#[test]
fn a_member_may_send_anything() {
    bolero::check!()
        .with_iterations(300)
        .with_type::<Vec<(u8, Vec<u8>)>>()
        .for_each(|sent| {
            let mut world = World::meeting(1, 3);
            for (kind, bytes) in sent {
                let from = world.peer(2);
                let bytes = Bytes::copy_from_slice(bytes);
                let input = match Lane::from_tag(kind % 5) {
                    Some(lane) => Input::Frame { from, lane, bytes },
                    None => Input::Datagram { from, bytes },
                };
                world.input(0, input);
                world.run(Duration::from_millis(u64::from(kind / 5)));
            }
            world.say(0, None, "unharmed");
            world.run(Duration::from_secs(1));
            assert_eq!(
                world.heard(1).last().map(|(_, text)| text.as_str()),
                Some("unharmed")
            );
        });
}
