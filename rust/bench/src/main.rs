//! Every figure the README quotes: `cargo xtask bench NAME`. The last line of the output is one JSON object.

mod machine;
mod meeting;
mod quantile;
mod shared_state;

use anyhow::{Result, bail};

const BENCHES: &str = "meeting, shared-state";

fn main() -> Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let result = match name.as_str() {
        "meeting" => serde_json::to_string(&meeting::run()?)?,
        "shared-state" => serde_json::to_string(&shared_state::run()?)?,
        _ => bail!("there is no bench named {name:?}; there are: {BENCHES}"),
    };
    println!("{result}");
    Ok(())
}
