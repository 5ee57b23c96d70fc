//! gzip out of segments that are compressed each on their own.
//!
//! A segment is raw deflate that ends with a full flush: it stands on a byte boundary and refers
//! to nothing before it, so that segments can be joined, in any order, inside one gzip member.

mod checksum;

pub(super) use checksum::Checksum;

use flate2::{Compress, Compression, FlushCompress};

/// Level 2 of zlib-rs: a third smaller than level 1 for little more time.
const LEVEL: u32 = 2;

/// The start of a gzip member: deflate, no time, unknown system.
pub(super) const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// An empty final block, which ends the deflate stream of a member.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Compresses segments.
pub(super) struct Compressor {
    deflate: Compress,
    /// A fixed room to compress into: a vector's spare room would be filled with zeros first.
    room: Box<[u8]>,
}

impl Default for Compressor {
    fn default() -> Self {
        Self { deflate: Compress::new(Compression::new(LEVEL), false), room: vec![0; 64 << 10].into() }
    }
}

impl Compressor {
    /// Appends the segment for `text` and returns what the member's end must know of it.
    pub(super) fn segment(&mut self, text: &[u8], out: &mut Vec<u8>) -> Checksum {
        let mut rest = text;
        loop {
            let (read, written) = (self.deflate.total_in(), self.deflate.total_out());
            self.deflate
                .compress(rest, &mut self.room, FlushCompress::Full)
                .expect("deflating has no errors but for misuse");
            let advanced =
                |from: u64, to: u64| usize::try_from(to - from).expect("no more than the buffers hold");
            rest = &rest[advanced(read, self.deflate.total_in())..];
            let written = advanced(written, self.deflate.total_out());
            out.extend_from_slice(&self.room[..written]);
            // Only a flush that left room is complete.
            if rest.is_empty() && written < self.room.len() {
                break;
            }
        }
        Checksum::of(text)
    }
}

/// The end of a gzip member.
pub(super) fn trailer(checksum: Checksum) -> Vec<u8> {
    [&LAST_BLOCK[..], &checksum.to_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use proptest::prelude::*;
    use std::io::Read as _;

    proptest! {
        #[test]
        fn segments_join_to_one_member(
            texts in prop::collection::vec(prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u8>(), 0..200_000)], 0..5),
            order in any::<bool>(),
        ) {
            let mut compressor = Compressor::default();
            let mut segments: Vec<(Vec<u8>, Checksum, &[u8])> = texts.iter().map(|text| {
                let mut out = Vec::new();
                let checksum = compressor.segment(text, &mut out);
                (out, checksum, &text[..])
            }).collect();
            if order {
                segments.reverse();
            }
            let (mut member, mut checksum, mut want) = (HEADER.to_vec(), Checksum::default(), Vec::new());
            for (segment, sum, text) in &segments {
                member.extend_from_slice(segment);
                checksum.append(sum);
                want.extend_from_slice(text);
            }
            member.extend(trailer(checksum));
            let mut got = Vec::new();
            GzDecoder::new(&member[..]).read_to_end(&mut got).unwrap();
            prop_assert!(got == want);
        }
    }
}
