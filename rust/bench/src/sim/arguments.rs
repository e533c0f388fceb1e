//! The command line of the bench.

use std::{path::PathBuf, str::FromStr};

use anyhow::{Context, Result, bail, ensure};

/// What was asked for.
#[derive(Debug)]
pub struct Arguments {
    /// Instead of as many as the scenario says.
    pub members: Option<usize>,
    /// Virtual seconds after everybody has come.
    pub seconds: u32,
    pub scenario: Option<PathBuf>,
    pub seed: u64,
    /// The folder for drawings.
    pub plot: Option<PathBuf>,
}

impl Arguments {
    /// Reads the command line.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut parsed = Self {
            members: None,
            seconds: 60,
            scenario: None,
            seed: 1,
            plot: None,
        };
        while let Some(name) = arguments.next() {
            if name == "--" {
                continue;
            }
            let value = arguments
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--members" => parsed.members = Some(number(&name, &value)?),
                "--seconds" => parsed.seconds = number(&name, &value)?,
                "--scenario" => parsed.scenario = Some(value.into()),
                "--seed" => parsed.seed = number(&name, &value)?,
                "--plot" => parsed.plot = Some(value.into()),
                _ => bail!(
                    "{name} is not known: there are --members, --seconds, --scenario, --seed and --plot"
                ),
            }
        }
        ensure!(
            (1..=86_400).contains(&parsed.seconds),
            "--seconds is from 1 to 86400"
        );
        Ok(parsed)
    }
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T> {
    let number = value.parse().ok();
    number.with_context(|| format!("{name} {value} is not a number"))
}
