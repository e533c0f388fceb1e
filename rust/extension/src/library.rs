//! The library's one entry point.

// Godot's entry point cannot be had without; nothing else is in this file.
#![allow(unsafe_code)]

use godot::{init::InitStage, prelude::*};

use crate::{config::SHUT_DOWN_TIMEOUT, enums};

struct Metaverse;

// SAFETY: Godot alone calls what this declares.
#[gdextension(entry_symbol = metaverse_init)]
unsafe impl ExtensionLibrary for Metaverse {
    fn on_stage_init(stage: InitStage) {
        if stage == InitStage::Scene {
            enums::register();
        }
    }

    fn on_stage_deinit(stage: InitStage) {
        // The scene tree is gone by now, and every peer with it: what is left is to let their farewells go out.
        if stage == InitStage::Scene {
            metaverse_net::shut_down(SHUT_DOWN_TIMEOUT);
        }
    }
}
