//! Members that replay recorded motion: company for a demo, and a crowd for a measurement.
//!
//! Each bot is a member of its own, over the real network. The first makes the space and writes its invite, unless there is
//! one to follow. They stay until the program's input ends.

mod bot;
mod invite;

use std::{fs, io, path::PathBuf, thread, time::Duration};

use anyhow::{Context, Result};
use clap::Parser;
use metaverse_motion::{Activity, Clip};

use crate::bot::Bot;

/// How long the motion is that stands in for a recorded one, in seconds.
const GENERATED_SECONDS: f64 = 60.0;
/// Poses a second.
const BEAT: Duration = Duration::from_millis(50);

#[derive(Parser)]
struct Arguments {
    /// How many
    #[arg(long, default_value_t = 1)]
    bots: u16,
    /// A BVH file to replay; several are dealt out in turn, and without one the bots move by themselves
    #[arg(long, value_name = "FILE")]
    motion: Vec<PathBuf>,
    /// The file with the invite: followed if it is there or comes, written with --create
    #[arg(long, value_name = "FILE")]
    invite: PathBuf,
    /// Make a space with this scene
    #[arg(long, value_name = "SCENE")]
    create: Option<String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let input = thread::spawn(|| io::copy(&mut io::stdin(), &mut io::sink()));
    let clips = clips(&arguments.motion)?;
    let mut bots = (0..arguments.bots)
        .map(|number| Bot::start(number, clips[usize::from(number) % clips.len()].clone()))
        .collect::<Result<Vec<_>>>()?;
    let mut newcomers = bots.iter_mut();
    if let Some(scene) = &arguments.create
        && let Some(first) = newcomers.next()
    {
        let text = first.create_space(scene)?;
        invite::write(&arguments.invite, &text)?;
    }
    let Some(text) = invite::wait_for(&arguments.invite, || input.is_finished()) else {
        return Ok(());
    };
    for bot in newcomers {
        bot.join_space(&text)?;
    }
    println!("{} bots are in the space.", bots.len());
    while !input.is_finished() {
        for bot in &mut bots {
            bot.move_on()?;
        }
        thread::sleep(BEAT);
    }
    Ok(())
}

fn clips(files: &[PathBuf]) -> Result<Vec<Clip>> {
    if files.is_empty() {
        let activities = Activity::ALL.into_iter();
        return Ok(activities
            .map(|activity| Clip::generate(activity, GENERATED_SECONDS))
            .collect());
    }
    files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            Clip::read(&text).with_context(|| file.display().to_string())
        })
        .collect()
}
