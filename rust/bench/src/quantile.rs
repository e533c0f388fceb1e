//! Quantiles of samples.

/// The value that the share `q` (0 to 1) of `samples` does not exceed, by the nearest-rank method; none of no samples.
pub fn quantile(samples: &[f64], q: f64) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
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
