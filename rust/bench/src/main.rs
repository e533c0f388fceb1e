//! Every figure the README quotes: `cargo xtask bench NAME`. The last line of the output is one JSON object.

mod machine;
mod meeting;
mod pose;
mod quantile;

use anyhow::{Result, bail};

const BENCHES: &str = "meeting, pose";

fn main() -> Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let result = match name.as_str() {
        "meeting" => serde_json::to_string(&meeting::run()?)?,
        "pose" => serde_json::to_string(&pose::run(std::env::args().skip(2))?)?,
        _ => bail!("there is no bench named {name:?}; there are: {BENCHES}"),
    };
    println!("{result}");
    Ok(())
}
