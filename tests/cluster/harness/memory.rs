//! What a process holds in its memory.

use regex::bytes::Regex;
use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
};

/// As much of the memory is searched at a time, in bytes.
const PIECE: usize = 8 << 20;
/// Pieces overlap by so many bytes, since the text may lie across an edge.
const OVERLAP: usize = 256;

/// Whether a text is anywhere in the memory of a process, freed memory included.
pub(crate) fn holds(process: u32, text: &str) -> bool {
    let text = Regex::new(&regex::escape(text)).unwrap();
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut buffer = vec![0; PIECE];
    let (mut read, mut found) = (0, false);
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (start, end) = words.next().unwrap().split_once('-').unwrap();
        if !words.next().unwrap().starts_with('r') {
            continue;
        }
        let [mut at, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        while at < end {
            let length = usize::try_from(end - at).unwrap().min(PIECE);
            // Pages of the kernel can't be read, and others may be gone by now.
            let Ok(length) = memory.read_at(&mut buffer[..length], at) else { break };
            found |= text.is_match(&buffer[..length]);
            read += length;
            if length <= OVERLAP {
                break;
            }
            at += (length - OVERLAP) as u64;
        }
    }
    assert!(read > 4 << 20, "only {read} bytes of the process can be read");
    found
}
