//! Drawings of a simulation: uplink against members, freshness against distance, and how soon what broke was mended.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use metaverse_sim::Scenario;

use super::{Arguments, Outcome, chart::Chart, simulate};

/// Parts of the members with which the scenario is played again, for the curve of uplinks.
const PARTS: [usize; 3] = [8, 4, 2];

/// Draws into the folder.
pub fn write(
    folder: &Path,
    scenario: &Scenario,
    arguments: &Arguments,
    outcome: &Outcome,
) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let charts = [
        ("uplink.svg", uplink(scenario, arguments, outcome)?),
        ("freshness.svg", freshness(outcome)),
        ("hand-over.svg", hand_over(outcome)),
    ];
    for (name, chart) in charts {
        let path = folder.join(name);
        fs::write(&path, chart.draw()?).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn uplink(scenario: &Scenario, arguments: &Arguments, outcome: &Outcome) -> Result<Chart> {
    let mut outcomes = Vec::new();
    for part in PARTS {
        let mut scenario = scenario.clone();
        scenario.members /= part;
        if scenario.check().is_ok() {
            outcomes.push(simulate(&scenario, arguments)?);
        }
    }
    let all = || {
        outcomes
            .iter()
            .chain([outcome])
            .map(|outcome| &outcome.figures)
    };
    let curve = |of: fn(&metaverse_sim::Figures) -> Option<f64>| {
        all()
            .filter_map(|figures| Some((figures.members as f64, of(figures)?)))
            .collect()
    };
    Ok(Chart {
        title: "What a member sends",
        x: "members",
        y: "kbit/s with all headers",
        curves: vec![
            ("median", curve(|figures| figures.uplink_kbps_p50)),
            ("p95", curve(|figures| figures.uplink_kbps_p95)),
            (
                "p95 of carriers",
                curve(|figures| figures.forwarder_uplink_kbps_p95),
            ),
        ],
    })
}

fn freshness(outcome: &Outcome) -> Chart {
    let ages = &outcome.figures.ages_by_metres;
    let curve = |of: fn(&(f64, f64, f64)) -> f64| ages.iter().map(|age| (age.0, of(age))).collect();
    Chart {
        title: "How old a pose is, beyond the direct delay",
        x: "metres to the avatar",
        y: "ms since capture",
        curves: vec![("median", curve(|age| age.1)), ("p95", curve(|age| age.2))],
    }
}

fn hand_over(outcome: &Outcome) -> Chart {
    let figures = &outcome.figures;
    Chart {
        title: "How soon what broke was mended",
        x: "ms at most",
        y: "% of cases",
        curves: vec![
            ("poses over another way", shares(&figures.failovers_ms)),
            ("the next host", shares(&figures.host_crashes_ms)),
        ],
    }
}

/// The share of samples, in percent, that each one is not exceeded by.
fn shares(samples: &[f64]) -> Vec<(f64, f64)> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let share = |(place, sample): (usize, &f64)| (*sample, (place + 1) as f64 * 100.0 / count);
    sorted.iter().enumerate().map(share).collect()
}
