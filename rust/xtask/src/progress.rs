//! How far a long step is: a bar on a terminal, a line at every quarter elsewhere.

use std::cell::Cell;
use std::io::IsTerminal;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

/// The progress of one step.
pub struct Progress {
    title: String,
    bar: Option<ProgressBar>,
    total: u64,
    quarter: Cell<u64>,
}

impl Progress {
    /// A step of `total` bytes.
    pub fn bytes(title: &str, total: u64) -> Self {
        let described = format!("{title}, {}", HumanBytes(total));
        Self::new(
            described,
            total,
            "{msg} {wide_bar} {bytes}/{total_bytes}, {eta}",
        )
    }

    /// A step of `total` equal parts.
    pub fn steps(title: &str, total: u64) -> Self {
        Self::new(title.to_owned(), total, "{msg} {wide_bar} {pos}/{len}")
    }

    /// Says how many of the total are done.
    pub fn set(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            return;
        }
        let quarter = (4 * done).checked_div(self.total).unwrap_or(4).min(4);
        if quarter > self.quarter.get() {
            self.quarter.set(quarter);
            eprintln!("{}: {} %", self.title, 25 * quarter);
        }
    }

    /// Ends the step.
    pub fn finish(self) {
        self.set(self.total);
        if let Some(bar) = self.bar {
            bar.finish();
        }
    }

    fn new(title: String, total: u64, template: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total)
                .with_style(style)
                .with_message(title.clone())
        });
        Self {
            title,
            bar,
            total,
            quarter: Cell::new(0),
        }
    }
}
