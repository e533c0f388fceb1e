//! The machine that a figure was measured on.

use serde::Serialize;

/// What a reader needs to compare.
#[derive(Debug, Serialize)]
pub struct Machine {
    cores: usize,
    cpu: String,
    os: &'static str,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: cpu().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            os: std::env::consts::OS,
        }
    }
}

fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
