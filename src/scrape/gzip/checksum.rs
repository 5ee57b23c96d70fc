//! CRC-32 of texts that stand one behind the other, without reading them again.

/// The polynomial of gzip's CRC, its lowest power in the highest bit.
const POLYNOMIAL: u32 = 0xedb8_8320;
/// The powers x⁰ and x⁸.
const ONE: u32 = 1 << 31;
const BYTE: u32 = 1 << 23;

/// What the end of a gzip member must know of a text.
///
/// Appending a text multiplies the CRC before it by a power of x that depends on the text's length
/// alone. It is kept, since to find it takes twenty times as long as to use it, and a large answer
/// has a hundred thousand texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scrape) struct Checksum {
    crc: u32,
    /// x to the number of bits.
    shift: u32,
    /// The number of bytes modulo 2³², as gzip keeps it.
    length: u32,
}

impl Default for Checksum {
    fn default() -> Self {
        Self { crc: 0, shift: ONE, length: 0 }
    }
}

impl Checksum {
    pub(in crate::scrape) fn of(text: &[u8]) -> Self {
        #[allow(clippy::cast_possible_truncation)] // gzip keeps the length modulo 2^32
        let length = text.len() as u32;
        Self { crc: crc32fast::hash(text), shift: shift(text.len()), length }
    }

    /// Takes in the text that follows.
    pub(in crate::scrape) fn append(&mut self, next: &Self) {
        self.crc = product(next.shift, self.crc) ^ next.crc;
        self.shift = product(next.shift, self.shift);
        self.length = self.length.wrapping_add(next.length);
    }

    /// The number of bytes, of a text below 4 GiB.
    pub(in crate::scrape) fn length(&self) -> u64 {
        self.length.into()
    }

    /// As a gzip member has it at its end.
    pub(super) fn to_bytes(self) -> [u8; 8] {
        (u64::from(self.length) << 32 | u64::from(self.crc)).to_le_bytes()
    }
}

/// x to the number of bits in so many bytes.
fn shift(bytes: usize) -> u32 {
    let (mut power, mut square, mut rest) = (ONE, BYTE, bytes);
    while rest > 0 {
        if rest & 1 == 1 {
            power = product(square, power);
        }
        square = product(square, square);
        rest >>= 1;
    }
    power
}

/// The product of two polynomials over the field of two elements, modulo gzip's.
#[inline]
fn product(a: u32, b: u32) -> u32 {
    let (mut product, mut shifted) = (0, b);
    for bit in (0..u32::BITS).rev() {
        product ^= shifted & (a >> bit & 1).wrapping_neg();
        shifted = shifted >> 1 ^ (POLYNOMIAL & (shifted & 1).wrapping_neg());
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn joins_as_if_the_texts_were_one(
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3_000), 0..6),
            middle in any::<prop::sample::Index>(),
        ) {
            let whole = Checksum::of(&texts.concat());
            let joined = |texts: &[Vec<u8>]| texts.iter().fold(Checksum::default(), |mut joined, text| {
                joined.append(&Checksum::of(text));
                joined
            });
            prop_assert_eq!(joined(&texts), whole);
            let (first, second) = texts.split_at(middle.index(texts.len() + 1));
            let mut halves = joined(first);
            halves.append(&joined(second));
            prop_assert_eq!(halves, whole);
        }
    }
}
