//! Sets up, runs, tests, exports and packages the project. `cargo xtask` is the program; tests and benches use the library.

pub mod bench;
pub mod check;
pub mod demo;
pub mod engine;
pub mod export;
pub mod extension;
pub mod game;
pub mod log;
pub mod package;
pub mod prepare;
pub mod process;
mod progress;
pub mod project;
pub mod test;
pub mod workspace;
