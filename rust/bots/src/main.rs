//! Members that replay recorded motion: company for a demo, and a crowd for a measurement.
//!
//! Each bot is a member of its own, over the real network. The first makes the space and writes its invite, unless there is
//! one to follow. They stay until the program's input ends.

mod bot;
mod ground;
mod invite;
mod portrait;
mod replay;
mod report;

use std::{
    fs, io,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Parser;
use metaverse_avatar::Rig;
use metaverse_motion::{Activity, Clip};

use crate::{bot::Bot, replay::Loop};

/// How long the motion is that stands in for a recorded one, in seconds.
const GENERATED_SECONDS: f64 = 60.0;
/// Poses a second.
const BEAT: Duration = Duration::from_millis(50);
/// How often it is looked whether there is another invite to follow.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Parser)]
struct Arguments {
    /// How many
    #[arg(long, default_value_t = 1)]
    bots: u16,
    /// A BVH file to replay; several are dealt out in turn, and without one the bots move by themselves
    #[arg(long, value_name = "FILE")]
    motion: Vec<PathBuf>,
    /// The file with the invite: followed if it is there, comes or changes; written with --create
    #[arg(long, value_name = "FILE")]
    invite: PathBuf,
    /// Make a space with this scene
    #[arg(long, value_name = "SCENE")]
    create: Option<String>,
    /// Keep what they saw in this file, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let input = thread::spawn(|| io::copy(&mut io::stdin(), &mut io::sink()));
    let motions = motions(&arguments.motion)?;
    let mut bots = (0..arguments.bots)
        .map(|number| {
            let motion = &motions[usize::from(number) % motions.len()];
            Bot::start(number, arguments.bots, Arc::clone(motion))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut newcomers = bots.iter_mut();
    if let Some(scene) = &arguments.create
        && let Some(first) = newcomers.next()
    {
        let text = first.create_space(scene)?;
        invite::write(&arguments.invite, &text)?;
    }
    if let Some(mut text) = invite::wait_for(&arguments.invite, || input.is_finished()) {
        for bot in newcomers {
            bot.join_space(&text)?;
        }
        println!("{} bots are in the space.", bots.len());
        let mut looked = Instant::now();
        while !input.is_finished() {
            if looked.elapsed() > LOOK {
                looked = Instant::now();
                follow(&arguments, &mut text, &mut bots)?;
                report(&arguments, &bots)?;
            }
            for bot in &mut bots {
                bot.move_on()?;
            }
            thread::sleep(BEAT);
        }
    }
    report(&arguments, &bots)
}

fn report(arguments: &Arguments, bots: &[Bot]) -> Result<()> {
    let Some(path) = &arguments.report else {
        return Ok(());
    };
    report::write(path, &bots.iter().map(Bot::report).collect::<Vec<_>>())
}

/// Goes where another invite leads, once there is one.
fn follow(arguments: &Arguments, text: &mut String, bots: &mut [Bot]) -> Result<()> {
    let Some(new) = invite::read(&arguments.invite).filter(|new| new != text) else {
        return Ok(());
    };
    for bot in bots {
        bot.join_space(&new)?;
    }
    *text = new;
    Ok(())
}

/// What the bots replay: recorded motion as a figure of the demo makes it, or what the project generates.
fn motions(files: &[PathBuf]) -> Result<Vec<Arc<Loop>>> {
    if files.is_empty() {
        let clips = Activity::ALL.map(|activity| Clip::generate(activity, GENERATED_SECONDS));
        return clips
            .into_iter()
            .map(|clip| Ok(Arc::new(Loop::new(clip)?)))
            .collect();
    }
    files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let clip = Clip::read(&text).with_context(|| file.display().to_string())?;
            Ok(Arc::new(Loop::new(clip.retarget(&Rig::humanoid())?)?))
        })
        .collect()
}
