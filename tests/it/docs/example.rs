//! An example of a family out of its golden file.

use crate::exposition::{Family, Sample};

/// As many samples of one object as an example has.
const SHOWN: usize = 5;

/// Samples of the object that shows most, with as few empty labels and zeros as possible. `identity`
/// is the number of labels that tell objects apart.
pub(super) fn of(family: &Family, identity: usize) -> String {
    let of_one = |a: &Sample, b: &Sample| a.labels.iter().take(identity).eq(b.labels.iter().take(identity));
    let groups = family.samples.chunk_by(of_one);
    let best = groups.min_by_key(|group| blanks(group)).expect("every family has samples");
    let mut text: String = best.iter().take(SHOWN).map(|sample| sample.line.clone() + "\n").collect();
    if best.len() > SHOWN {
        text += "…\n";
    }
    text
}

/// What a reader learns nothing from, of the samples that are shown.
fn blanks(samples: &[Sample]) -> (usize, bool) {
    let shown = &samples[..samples.len().min(SHOWN)];
    let empty = shown.iter().flat_map(|sample| &sample.labels).filter(|(_, value)| value.is_empty()).count();
    (empty, shown.iter().all(|sample| sample.line.ends_with(" 0")))
}
