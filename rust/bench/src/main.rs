//! Every figure the README quotes: `cargo xtask bench NAME`. The last line of the output is one JSON object.

mod closing;
mod machine;
mod meeting;
mod quantile;
mod vanish;

use anyhow::{Result, bail};

const BENCHES: &str = "closing, meeting, vanish";

fn main() -> Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let result = match name.as_str() {
        "closing" => serde_json::to_string(&closing::run()?)?,
        "vanish" => serde_json::to_string(&vanish::run()?)?,
        "meeting" => serde_json::to_string(&meeting::run()?)?,
        _ => bail!("there is no bench named {name:?}; there are: {BENCHES}"),
    };
    println!("{result}");
    Ok(())
}
