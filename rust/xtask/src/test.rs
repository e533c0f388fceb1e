//! `cargo xtask test`: every test there is, and one line at the end.

mod in_engine;
mod tally;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::engine::Engine;
use crate::export::{self, Platform};
use crate::test::tally::Tally;
use crate::{prepare, workspace};

/// The package whose tests cross processes. The names of those that take long, or need the exported game, begin with [`SLOW`].
const PRODUCT_TESTS: &str = "metaverse-tests";
const SLOW: &str = "slow_";

/// What to test.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Leave out the tests that take long or need the exported game
    #[arg(long)]
    quick: bool,
    /// Only the tests with this in their names
    filter: Option<String>,
}

/// Runs the tests of the crates, those in the engine and those across processes.
///
/// # Errors
/// When something cannot be built or a test fails.
pub fn run(options: &Options) -> Result<()> {
    let engine = Engine::find()?;
    prepare::projects(&engine)?;
    if !options.quick {
        export::export(&engine, Platform::HERE)?;
    }

    let mut tally = Tally::default();
    let mut failures = Vec::new();
    let mut record = |step: &str, outcome: Result<Tally>| match outcome {
        Ok(counted) => tally += counted,
        Err(error) => failures.push(format!("{step}: {error:#}")),
    };
    record("crates", run_cargo(crates(options)));
    record(
        "in the engine",
        in_engine::run(&engine, options.filter.as_deref()),
    );
    record("across processes", run_cargo(product(options)));

    for failure in &failures {
        eprintln!("{failure}");
    }
    println!("{tally}");
    if !failures.is_empty() || tally.failed > 0 {
        bail!("the tests failed");
    }
    Ok(())
}

fn crates(options: &Options) -> Command {
    let mut command = workspace::cargo();
    command.args([
        "test",
        "--workspace",
        "--exclude",
        PRODUCT_TESTS,
        "--no-fail-fast",
    ]);
    command.args(&options.filter);
    command
}

fn product(options: &Options) -> Command {
    let mut command = workspace::cargo();
    let (name, value) = prepare::done_variable();
    command
        .env(name, value)
        .args(["test", "--package", PRODUCT_TESTS, "--no-fail-fast"]);
    command.args(&options.filter);
    // Each of them plays several games: one at a time leaves each its share of the machine.
    command.args(["--", "--test-threads", "1"]);
    if options.quick {
        command.args(["--skip", SLOW]);
    }
    command
}

/// Runs cargo's tests, shows their output, and counts them.
fn run_cargo(mut command: Command) -> Result<Tally> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let mut tally = Tally::default();
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        println!("{line}");
        if let Some(counted) = Tally::of_cargo(&line) {
            tally += counted;
        }
    }
    let status = child.wait()?;
    if !status.success() && tally.failed == 0 {
        bail!("cargo test failed ({status})");
    }
    Ok(tally)
}
