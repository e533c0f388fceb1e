//! Once warm, neither side of the pose codec allocates.

#![expect(unsafe_code, reason = "an allocator that counts is an unsafe trait")]

use metaverse_protocol::time::Tick;
mod common;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use common::{captured, moving, rig};
use metaverse_avatar::{Decoder, Encoder, Level, limits::PAYLOAD_BYTES};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn a_warm_codec_does_not_allocate() {
    let rig = rig();
    let poses: Vec<_> = (0..300)
        .map(|beat| moving(&rig, beat as f32 * 0.05))
        .collect();
    let mut encoder = Encoder::new(rig.clone());
    let mut decoder = Decoder::new(rig);
    let mut payload = Vec::with_capacity(PAYLOAD_BYTES);
    let mut references: Vec<Tick> = Vec::with_capacity(64);
    for (beat, pose) in poses.iter().enumerate() {
        if beat == 100 {
            ALLOCATIONS.with(|count| count.set(0));
        }
        encoder.push(captured(beat), pose).expect("a pose");
        references.clear();
        references.extend((0..beat.saturating_sub(1)).rev().take(40).map(captured));
        for level in Level::ALL {
            for references in [&references[..], &[]] {
                payload.clear();
                encoder.encode(level, references, &mut payload);
                decoder
                    .decode(captured(beat), level, &payload)
                    .expect("it decodes");
            }
        }
    }
    assert_eq!(ALLOCATIONS.with(Cell::get), 0);
}
