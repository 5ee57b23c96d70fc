//! Figures over the samples of a span.

/// What was used in a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// In nanocores. Each sample is the mean of what was measured while its step lasted.
    pub cpu: Statistics,
    /// In bytes of the working set. Each sample is the most of what was measured while its step lasted.
    pub memory: Statistics,
    /// The number of samples, at least one.
    pub samples: usize,
}

/// Figures of a number of samples. Percentiles are the nearest sample that as many are not above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // there is no more to say of them
pub struct Statistics {
    pub minimum: u64,
    pub maximum: u64,
    pub mean: u64,
    pub p50: u64,
    pub p90: u64,
    pub p95: u64,
    pub p99: u64,
}

impl History {
    /// Of processor time and memory; none of no samples.
    pub(super) fn of(samples: impl Iterator<Item = (u64, u64)>) -> Option<Self> {
        let (cpu, memory): (Vec<u64>, Vec<u64>) = samples.unzip();
        let samples = cpu.len();
        Some(Self { cpu: Statistics::of(cpu)?, memory: Statistics::of(memory)?, samples })
    }
}

impl Statistics {
    fn of(mut values: Vec<u64>) -> Option<Self> {
        values.sort_unstable();
        let (&minimum, &maximum) = (values.first()?, values.last()?);
        let sum: u128 = values.iter().copied().map(u128::from).sum();
        let mean = u64::try_from(sum / values.len() as u128).unwrap_or(u64::MAX);
        let percentile = |percent: usize| values[(values.len() * percent).div_ceil(100) - 1];
        let [p50, p90, p95, p99] = [50, 90, 95, 99].map(percentile);
        Some(Self { minimum, maximum, mean, p50, p90, p95, p99 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let history = History::of((1..=20).rev().map(|i| (i * 100, i))).unwrap();
        let cpu = Statistics {
            minimum: 100,
            maximum: 2000,
            mean: 1050,
            p50: 1000,
            p90: 1800,
            p95: 1900,
            p99: 2000,
        };
        assert_eq!((history.cpu, history.memory.p95, history.samples), (cpu, 19, 20));
        let one = History::of(std::iter::once((7, 8))).unwrap();
        assert_eq!((one.cpu.minimum, one.cpu.p50, one.cpu.p99, one.memory.mean), (7, 7, 7, 8));
        assert_eq!(History::of(std::iter::empty()), None);
        let large = History::of([(u64::MAX, 0), (u64::MAX, 0)].into_iter()).unwrap();
        assert_eq!(large.cpu.mean, u64::MAX);
    }
}
