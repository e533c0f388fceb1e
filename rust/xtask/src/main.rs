//! `cargo xtask`: sets up, runs, tests, benches, exports and packages the project.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::engine::Engine;
use xtask::engine::display::Display;
use xtask::export::{self, Platform};
use xtask::{bench, check, demo, package, prepare, process, test};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Sets up, runs, tests, exports and packages the project"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play the demo
    Demo(demo::Options),
    /// Run every test
    Test(test::Options),
    /// Measure one figure of the README; the last line is one JSON object
    Bench {
        /// Name of the bench
        name: String,
        /// Arguments for the bench
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Export the demo as a game into dist/
    Export {
        /// The platform to run on; by default this one
        #[arg(long, value_enum, default_value_t = Platform::HERE)]
        platform: Platform,
    },
    /// Write the addon with this platform's libraries into dist/
    Package,
    /// Run the Godot engine, with the addon staged into the projects
    Godot {
        /// Arguments for the engine
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Check format, lints, dependencies and scripts
    Check,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench { name, arguments } => bench::run(&name, &arguments),
        Command::Export { platform } => {
            let game = export::export(&Engine::find()?, platform)?;
            println!("{}", game.display());
            Ok(())
        }
        Command::Package => {
            println!("{}", package::package()?.display());
            Ok(())
        }
        Command::Godot { arguments } => godot(&arguments),
        Command::Check => check::check(),
    }
}

fn godot(arguments: &[OsString]) -> Result<()> {
    let engine = Engine::find()?;
    prepare::projects(&engine)?;
    let mut command = engine.command();
    let headless = arguments.iter().any(|argument| argument == "--headless");
    let display = if headless {
        None
    } else {
        Some(Display::open(&engine)?)
    };
    if let Some(display) = &display {
        display.apply(&mut command);
    }
    process::run(command.args(arguments))
}
