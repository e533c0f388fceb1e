//! Every figure the README quotes: `cargo xtask bench NAME`. The last line of the output is one JSON object.

mod activities;
mod closing;
mod godot_sync;
mod machine;
mod meeting;
mod member;
mod namespace;
mod playback;
mod pose;
mod program;
mod quantile;
mod shared_state;
mod sim;
mod vanish;

use anyhow::{Result, bail};

const BENCHES: &str =
    "activities, closing, godot-sync, meeting, playback, pose, shared-state, sim, vanish";

fn main() -> Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let result = match name.as_str() {
        "activities" => serde_json::to_string(&activities::run()?)?,
        "closing" => serde_json::to_string(&closing::run()?)?,
        "godot-sync" => serde_json::to_string(&godot_sync::run()?)?,
        "vanish" => serde_json::to_string(&vanish::run()?)?,
        "meeting" => serde_json::to_string(&meeting::run()?)?,
        "playback" => serde_json::to_string(&playback::run()?)?,
        "pose" => serde_json::to_string(&pose::run(std::env::args().skip(2))?)?,
        "shared-state" => serde_json::to_string(&shared_state::run()?)?,
        "sim" => serde_json::to_string(&sim::run(std::env::args().skip(2))?)?,
        _ => bail!("there is no bench named {name:?}; there are: {BENCHES}"),
    };
    println!("{result}");
    Ok(())
}
