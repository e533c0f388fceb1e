//! Whatever bytes come as a pose, it is one within bounds or an error.

use metaverse_protocol::time::Tick;
mod common;

use std::sync::Mutex;

use common::{arm, captured, moving};
use metaverse_avatar::{Decoded, Decoder, Encoder, Level, Pose};

/// A decoder that knows some poses, and payloads that it can decode.
fn conversation() -> (Decoder, Vec<(Tick, Vec<u8>)>) {
    let rig = arm();
    let mut encoder = Encoder::new(rig.clone());
    let mut decoder = Decoder::new(rig.clone());
    let mut payloads = Vec::new();
    for beat in 0..60 {
        let now = captured(beat);
        encoder
            .push(now, &moving(&rig, beat as f32 * 0.05))
            .expect("a pose");
        let references: Vec<_> = (0..beat.saturating_sub(1)).rev().map(captured).collect();
        let mut payload = Vec::new();
        encoder.encode(Level::Near, &references, &mut payload);
        decoder
            .decode(now, Level::Near, &payload)
            .expect("it decodes");
        payloads.push((now, payload));
    }
    (decoder, payloads)
}

fn assert_sound(pose: &Pose, decoder: &Decoder) {
    // A place at the very limit may be rounded to just beyond it; nothing else may be out of bounds.
    assert_eq!(pose.check(decoder.rig()), Ok(()));
    assert!(pose.root.position().is_finite() && pose.root.rotation().is_normalized());
}

fn feed(decoder: &mut Decoder, captured: Tick, level: Level, payload: &[u8]) {
    let rig = decoder.rig().clone();
    match decoder.decode(captured, level, payload) {
        Ok(Decoded::Near(pose)) => {
            let pose = pose.clone();
            assert_sound(&pose, &Decoder::new(rig));
        }
        Ok(Decoded::Middle(pose)) => {
            assert!(pose.hips_height.is_finite() && pose.head.is_normalized());
            for end in pose.ends {
                assert!(end.position.is_finite() && end.rotation.is_normalized());
            }
        }
        Ok(Decoded::Far(root)) => {
            assert!(root.position().is_finite() && root.rotation().is_normalized());
        }
        Err(_) => {}
    }
}

#[test]
fn any_bytes_are_a_pose_or_refused() {
    let decoder = Mutex::new(conversation().0);
    bolero::check!()
        .with_type::<(u16, u8, Vec<u8>)>()
        .for_each(|(captured, level, payload)| {
            let level = Level::ALL[usize::from(level % 3)];
            feed(
                &mut decoder.lock().expect("no case panicked"),
                Tick(*captured),
                level,
                payload,
            );
        });
}

#[test]
fn changed_payloads_are_poses_or_refused() {
    let (decoder, payloads) = conversation();
    let decoder = Mutex::new(decoder);
    bolero::check!()
        .with_type::<(u8, u16, u8, u16, u8)>()
        .for_each(|(which, at, byte, length, shift)| {
            let (captured, payload) = &payloads[usize::from(*which) % payloads.len()];
            let mut payload = payload.clone();
            let at = usize::from(*at) % payload.len();
            payload[at] = *byte;
            payload.truncate(1 + usize::from(*length) % payload.len());
            let captured = Tick(captured.0.wrapping_add(u16::from(*shift)));
            feed(
                &mut decoder.lock().expect("no case panicked"),
                captured,
                Level::Near,
                &payload,
            );
        });
}
