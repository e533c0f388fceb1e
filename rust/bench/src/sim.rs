//! Many members of a space on a simulated network: `cargo xtask bench sim -- [--members N] [--seconds 60]
//! [--scenario FILE] [--seed 1] [--plot DIR]`.

mod arguments;
mod chart;
mod crew;
mod plot;

use std::time::Instant;

use anyhow::{Context, Result};
use metaverse_sim::{Figures, Scenario, play};
use serde::Serialize;

use self::{arguments::Arguments, crew::Threads};

/// What is printed.
#[derive(Debug, Serialize)]
pub struct Outcome {
    #[serde(flatten)]
    figures: Figures,
    wall_seconds: f64,
    seed: u64,
}

/// Plays a scenario.
///
/// # Errors
/// When an argument is wrong, or the scenario cannot be played.
pub fn run(arguments: impl Iterator<Item = String>) -> Result<Outcome> {
    let arguments = Arguments::parse(arguments)?;
    let scenario = scenario(&arguments)?;
    let outcome = simulate(&scenario, &arguments)?;
    print(&outcome);
    if let Some(folder) = &arguments.plot {
        plot::write(folder, &scenario, &arguments, &outcome)?;
    }
    Ok(outcome)
}

fn scenario(arguments: &Arguments) -> Result<Scenario> {
    let mut scenario = match &arguments.scenario {
        Some(path) => {
            let name = || path.display().to_string();
            let text = std::fs::read_to_string(path).with_context(name)?;
            Scenario::read(&text).with_context(name)?
        }
        None => Scenario::usual()?,
    };
    if let Some(members) = arguments.members {
        scenario.members = members;
        scenario.check()?;
    }
    Ok(scenario)
}

fn simulate(scenario: &Scenario, arguments: &Arguments) -> Result<Outcome> {
    let begin = Instant::now();
    let crew = Threads::here();
    let figures = play(scenario, arguments.seed, arguments.seconds, &crew)?;
    Ok(Outcome {
        figures,
        wall_seconds: begin.elapsed().as_secs_f64(),
        seed: arguments.seed,
    })
}

/// A table for people.
fn print(outcome: &Outcome) {
    let figures = &outcome.figures;
    let row = |name: &str, value: Option<f64>, unit: &str| match value {
        Some(value) => println!("{name:<44}{value:>10.1} {unit}"),
        None => println!("{name:<44}{:>10}", "-"),
    };
    row("members", Some(figures.members as f64), "");
    row("uplink, median", figures.uplink_kbps_p50, "kbit/s");
    row("uplink, p95", figures.uplink_kbps_p95, "kbit/s");
    row(
        "uplink of carriers, p95",
        figures.forwarder_uplink_kbps_p95,
        "kbit/s",
    );
    row("age of near poses, p95", figures.near_age_ms_p95, "ms");
    row("age of middle poses, p95", figures.middle_age_ms_p95, "ms");
    row("age of far poses, p95", figures.far_age_ms_p95, "ms");
    row(
        "pairs that are reached",
        Some(figures.reachable_pairs * 100.0),
        "%",
    );
    let detour = figures.route_over_best_p95.map(|ratio| ratio * 100.0);
    row("round trip of ways against the best, p95", detour, "%");
    row(
        "gap of poses where a link dies, p95",
        figures.failover_ms_p95,
        "ms",
    );
    row(
        "next host after a crash, p95",
        figures.host_crash_ms_p95,
        "ms",
    );
    row("ghosts", Some(figures.ghosts as f64), "");
    row("duplicates", Some(figures.duplicates as f64), "");
    row("newcomers refused", Some(figures.refused as f64), "");
    row("members sent away", Some(figures.evicted as f64), "");
    for (name, count) in &figures.counters {
        row(&name.replace('_', " "), Some(*count as f64), "");
    }
    row(
        "virtual time, after all had come",
        Some(figures.seconds),
        "s",
    );
    row("time to simulate", Some(outcome.wall_seconds), "s");
}
