//! The command line of the bench.

use std::{path::PathBuf, str::FromStr};

use anyhow::{Context, Result, bail, ensure};

use super::play::Setting;

/// What was asked for.
#[derive(Debug)]
pub struct Arguments {
    pub clips: Vec<PathBuf>,
    pub svg: Option<PathBuf>,
    rate: f64,
    confirm_delay_ms: f64,
    loss: f64,
}

impl Arguments {
    /// Reads the command line.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut parsed = Self {
            clips: Vec::new(),
            svg: None,
            rate: 20.0,
            confirm_delay_ms: 100.0,
            loss: 0.0,
        };
        while let Some(name) = arguments.next() {
            if name == "--" {
                continue;
            }
            let value = arguments
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--clip" => parsed.clips.push(value.into()),
                "--svg" => parsed.svg = Some(value.into()),
                "--rate" => parsed.rate = number(&name, &value)?,
                "--confirm-delay-ms" => parsed.confirm_delay_ms = number(&name, &value)?,
                "--loss" => parsed.loss = number(&name, &value)?,
                _ => bail!(
                    "{name} is not known: there are --clip, --rate, --confirm-delay-ms, --loss and --svg"
                ),
            }
        }
        ensure!(
            (1.0..=60.0).contains(&parsed.rate),
            "--rate is from 1 to 60"
        );
        ensure!(
            (0.0..=2000.0).contains(&parsed.confirm_delay_ms),
            "--confirm-delay-ms is from 0 to 2000"
        );
        ensure!(
            (0.0..=0.9).contains(&parsed.loss),
            "--loss is from 0 to 0.9"
        );
        Ok(parsed)
    }

    /// How to play.
    pub fn setting(&self) -> Setting {
        Setting {
            rate: self.rate,
            confirm_delay: self.confirm_delay_ms / 1000.0,
            loss: self.loss,
        }
    }
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T> {
    let number = value.parse().ok();
    number.with_context(|| format!("{name} {value} is not a number"))
}
