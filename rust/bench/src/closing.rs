//! How long an exported game takes to end when it is closed, in every state, with a window and without.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use serde::Serialize;
use xtask::{
    game::{
        Game,
        closing::{Place, State, close_in},
    },
    prepare,
};

use crate::{machine::Machine, quantile::Times};

const ROUNDS: u32 = 6;
/// Each round closes so much later than the one before: the first frames of a space take longest.
const LATER: Duration = Duration::from_millis(700);
/// A process that has not ended by then annoys people.
const LIMIT: Duration = Duration::from_secs(2);

/// From the request to close until the process has ended, with status 0 and no error.
#[derive(Debug, Serialize)]
pub struct Figures {
    machine: Machine,
    rounds: u32,
    /// None without an X server that draws.
    windowed: Option<BTreeMap<State, Times>>,
    headless: BTreeMap<State, Times>,
    within_limit: bool,
}

/// Closes a game in every state, several times.
///
/// # Errors
/// When a game does not get into a state, does not end, or ends with an error.
pub fn run() -> Result<Figures> {
    let game = prepare::exported_demo()?;
    let mut worst = Duration::ZERO;
    let windowed = match Place::windowed(&game) {
        Ok(place) => Some(measure("with a window", &game, &place, &mut worst)?),
        Err(error) => {
            eprintln!("windows are NOT measured: {error:#}");
            None
        }
    };
    let headless = measure("without a window", &game, &Place::headless(), &mut worst)?;
    Ok(Figures {
        machine: Machine::here(),
        rounds: ROUNDS,
        windowed,
        headless,
        within_limit: worst <= LIMIT,
    })
}

fn measure(
    how: &str,
    game: &Game,
    place: &Place,
    worst: &mut Duration,
) -> Result<BTreeMap<State, Times>> {
    let mut figures = BTreeMap::new();
    for state in State::ALL {
        let times = (0..ROUNDS)
            .map(|round| close_in(state, round * LATER, game, place))
            .collect::<Result<Vec<_>>>()
            .with_context(|| format!("{state:?} {how}"))?;
        eprintln!("{state:?} {how}: {times:.2?}");
        *worst = times.iter().copied().fold(*worst, Duration::max);
        figures.insert(state, Times::of(&times).context("no rounds")?);
    }
    Ok(figures)
}
