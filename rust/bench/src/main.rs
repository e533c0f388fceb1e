//! Every figure the README quotes: `cargo xtask bench NAME`. The last line of the output is one JSON object.

mod closing;
mod godot_sync;
mod machine;
mod meeting;
mod namespace;
mod pose;
mod quantile;
mod shared_state;
mod vanish;

use anyhow::{Result, bail};

const BENCHES: &str = "closing, godot-sync, meeting, pose, shared-state, vanish";

fn main() -> Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let result = match name.as_str() {
        "closing" => serde_json::to_string(&closing::run()?)?,
        "godot-sync" => serde_json::to_string(&godot_sync::run()?)?,
        "vanish" => serde_json::to_string(&vanish::run()?)?,
        "meeting" => serde_json::to_string(&meeting::run()?)?,
        "pose" => serde_json::to_string(&pose::run(std::env::args().skip(2))?)?,
        "shared-state" => serde_json::to_string(&shared_state::run()?)?,
        _ => bail!("there is no bench named {name:?}; there are: {BENCHES}"),
    };
    println!("{result}");
    Ok(())
}
