//! Quantiles of samples.

use std::time::Duration;

use serde::Serialize;

/// The value that the share `q` (0 to 1) of `samples` does not exceed, by the nearest-rank method; none of no samples.
pub fn quantile(samples: &[f64], q: f64) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// Times in milliseconds: the median, the 95th percentile and the worst.
#[derive(Debug, Serialize)]
pub struct Times {
    samples: usize,
    ms_p50: f64,
    ms_p95: f64,
    ms_worst: f64,
}

impl Times {
    /// Those of `samples`; none of no samples.
    pub fn of(samples: &[Duration]) -> Option<Self> {
        let samples: Vec<f64> = samples
            .iter()
            .map(|time| (time.as_secs_f64() * 1e4).round() / 10.0)
            .collect();
        Some(Self {
            samples: samples.len(),
            ms_p50: quantile(&samples, 0.5)?,
            ms_p95: quantile(&samples, 0.95)?,
            ms_worst: quantile(&samples, 1.0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_among_the_samples() {
        let samples: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        assert_eq!(quantile(&samples, 0.5), Some(10.0));
        assert_eq!(quantile(&samples, 0.95), Some(19.0));
        assert_eq!(quantile(&samples, 1.0), Some(20.0));
        assert_eq!(quantile(&samples, 0.0), Some(1.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
