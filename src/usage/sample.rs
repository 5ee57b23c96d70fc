//! One sample of the history, in six bytes.

/// What was used on average while its step lasted, and the most memory of it. Both are floating-point
/// numbers of 24 bits, exact to eight in a million: of 32 bits neither the sign nor the last seven of
/// the fraction are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample([u8; 6]);

/// The bits that are left out at the end.
const DROPPED: u32 = 7;

impl Sample {
    /// Nothing was measured.
    pub(super) const NONE: Self = Self([u8::MAX; 6]);

    /// A sample of nanocores and bytes.
    pub(super) fn new(cpu: u64, memory: u64) -> Self {
        let [cpu, memory] = [cpu, memory].map(|value| short(value).to_le_bytes());
        Self([cpu[0], cpu[1], cpu[2], memory[0], memory[1], memory[2]])
    }

    /// Nanocores and bytes, if anything was measured.
    pub(super) fn get(self) -> Option<(u64, u64)> {
        let value = |at: usize| long([self.0[at], self.0[at + 1], self.0[at + 2], 0]);
        (self != Self::NONE).then(|| (value(0), value(3)))
    }

    /// With one measurement more, after `count` others.
    pub(super) fn and(self, count: u16, cpu: u64, memory: u64) -> Self {
        let Some((mean, most)) = self.get().filter(|_| count > 0) else { return Self::new(cpu, memory) };
        let (count, sum) = (u128::from(count), u128::from(mean) * u128::from(count) + u128::from(cpu));
        // A mean is no more than the largest of its terms.
        Self::new(u64::try_from(sum / (count + 1)).unwrap_or(u64::MAX), most.max(memory))
    }
}

fn short(value: u64) -> u32 {
    ((value as f32).to_bits() + (1 << (DROPPED - 1))) >> DROPPED
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // none has a fraction or a sign
fn long(bytes: [u8; 4]) -> u64 {
    f32::from_bits(u32::from_le_bytes(bytes) << DROPPED) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn samples_keep_five_digits(cpu: u64, memory: u64, shift in 0..64_u32) {
            let (cpu, memory) = (cpu >> shift, memory >> shift);
            let (cpu_kept, memory_kept) = Sample::new(cpu, memory).get().unwrap();
            for (kept, value) in [(cpu_kept, cpu), (memory_kept, memory)] {
                prop_assert!(kept.abs_diff(value) as f64 <= value as f64 * 8e-6, "{kept} for {value}");
            }
        }
    }

    #[test]
    fn a_sample_is_the_mean_and_the_most_of_what_it_stands_for() {
        assert_eq!(Sample::NONE.get(), None);
        assert_eq!(Sample::new(0, 0).get(), Some((0, 0)));
        let mut sample = Sample::NONE;
        for (count, (cpu, memory)) in (0..).zip([(10, 100), (20, 400), (60, 200)]) {
            sample = sample.and(count, cpu, memory);
        }
        assert_eq!(sample.get(), Some((30, 400)));
    }
}
