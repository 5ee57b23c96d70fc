//! Whatever bytes come, decoding ends soon with an object or an error.

use super::fixture::Fixture;
use kstate::{
    catalog::{KINDS, Visitor, visit},
    resource::Resource,
    wire::{Context, LocalObject, decode_json},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// All kinds together.
const READ_CASES: usize = 100_000;
const JSON_CASES: usize = 10_000;

/// Nothing that is decoded may hold more bytes than this for each byte of its input. An element of
/// a list may come as two bytes.
const EXPANSION: usize = 1024;
const LONGEST: Duration = Duration::from_secs(2);

#[test]
fn what_is_read_is_an_object_or_an_error_however_corrupt() {
    corrupt(READ_CASES, Encoding::Read);
}

#[test]
fn corrupt_json_is_an_object_or_an_error() {
    corrupt(JSON_CASES, Encoding::Json);
}

fn corrupt(cases: usize, encoding: Encoding) {
    let cases = u32::try_from(cases.div_ceil(KINDS.len())).expect("there are few cases");
    for kind in KINDS {
        visit(kind.names.plural, &mut Corruption { cases, encoding }).expect("the kind is in the catalog");
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    /// That in which the exporter reads.
    Read,
    Json,
}

struct Corruption {
    cases: u32,
    encoding: Encoding,
}

impl Visitor for Corruption {
    type Output = ();

    fn visit<K: Resource>(&mut self) {
        let config = Config { cases: self.cases, failure_persistence: None, ..Config::default() };
        let (fixture, encoding) = (Fixture::read::<K>(), self.encoding);
        let originals = fixture.objects.iter().map(|(read, json)| match encoding {
            Encoding::Read => read.clone(),
            Encoding::Json => json.clone(),
        });
        let originals: Vec<Vec<u8>> = originals.collect();
        let cases = (any::<prop::sample::Index>(), prop::collection::vec(mutation(), 1..6));
        let errors = Cell::new(0);
        TestRunner::new(config)
            .run(&cases, |(which, mutations)| {
                let mut bytes = which.get(&originals).clone();
                for mutation in mutations {
                    mutation.apply(&mut bytes, &originals);
                }
                if !decodes::<K>(&fixture, &bytes, encoding)? {
                    errors.set(errors.get() + 1);
                }
                Ok(())
            })
            .unwrap_or_else(|e| panic!("{}: {e}", K::NAMES.plural));
        let errors = errors.get();
        assert!(errors > self.cases / 20, "{}: only {errors} mutations did harm", K::NAMES.plural);
        assert!(errors < self.cases, "{}: no mutation was harmless", K::NAMES.plural);
    }
}

/// Whether there is an object, once it is sure that there is no more of it than of the input.
fn decodes<K: Resource>(fixture: &Fixture, bytes: &[u8], encoding: Encoding) -> Result<bool, TestCaseError> {
    let start = Instant::now();
    let object: Result<K, _> = match encoding {
        Encoding::Read => fixture.decode(bytes, &Context::all()),
        Encoding::Json => decode_json(bytes, &Context::all()),
    };
    let took = start.elapsed();
    prop_assert!(took < LONGEST, "{took:?} for {} bytes", bytes.len());
    if let Ok(object) = &object {
        let held = LocalObject::heap_size(object);
        prop_assert!(held <= size_of::<K>() + EXPANSION * bytes.len(), "{held} of {} bytes", bytes.len());
    }
    Ok(object.is_ok())
}

/// One change to an encoded object. Positions are relative, so that they fit any length.
#[derive(Debug, Clone)]
enum Mutation {
    Flip {
        at: prop::sample::Index,
        bit: u8,
    },
    Set {
        at: prop::sample::Index,
        byte: u8,
    },
    Truncate {
        at: prop::sample::Index,
    },
    Insert {
        at: prop::sample::Index,
        bytes: Vec<u8>,
    },
    Remove {
        at: prop::sample::Index,
        length: usize,
    },
    Repeat {
        at: prop::sample::Index,
        length: usize,
        times: usize,
    },
    /// A length-delimited field's tag and a length that is not its own.
    Length {
        at: prop::sample::Index,
        number: u8,
        length: u64,
    },
    /// A piece of another object, or of the same one.
    Splice {
        at: prop::sample::Index,
        object: prop::sample::Index,
        from: prop::sample::Index,
        length: usize,
    },
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        4 => (at(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip { at, bit }),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set { at, byte }),
        1 => at().prop_map(|at| Mutation::Truncate { at }),
        2 => (at(), prop::collection::vec(any::<u8>(), 1..12))
            .prop_map(|(at, bytes)| Mutation::Insert { at, bytes }),
        1 => (at(), 1..64_usize).prop_map(|(at, length)| Mutation::Remove { at, length }),
        1 => (at(), 1..200_usize, 1..20_usize)
            .prop_map(|(at, length, times)| Mutation::Repeat { at, length, times }),
        2 => (at(), 1..16_u8, prop_oneof![0..300_u64, any::<u64>()])
            .prop_map(|(at, number, length)| Mutation::Length { at, number, length }),
        1 => (at(), at(), at(), 1..300_usize)
            .prop_map(|(at, object, from, length)| Mutation::Splice { at, object, from, length }),
    ]
}

impl Mutation {
    fn apply(self, bytes: &mut Vec<u8>, originals: &[Vec<u8>]) {
        if bytes.is_empty() {
            return;
        }
        let size = bytes.len();
        let piece = |from: usize, length: usize| from..size.min(from + length);
        match self {
            Self::Flip { at, bit } => bytes[at.index(size)] ^= 1 << bit,
            Self::Set { at, byte } => bytes[at.index(size)] = byte,
            Self::Truncate { at } => bytes.truncate(at.index(size)),
            Self::Insert { at, bytes: inserted } => insert(bytes, at.index(size), inserted),
            Self::Remove { at, length } => drop(bytes.drain(piece(at.index(size), length))),
            Self::Repeat { at, length, times } => {
                let at = at.index(size);
                insert(bytes, at, bytes[piece(at, length)].repeat(times));
            }
            Self::Length { at, number, length } => insert(bytes, at.index(size), field(number, length)),
            Self::Splice { at, object, from, length } => {
                let other = object.get(originals);
                let from = from.index(other.len());
                insert(bytes, at.index(size), other[from..other.len().min(from + length)].to_vec());
            }
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, inserted: Vec<u8>) {
    bytes.splice(at..at, inserted);
}

/// The head of a length-delimited field.
fn field(number: u8, mut length: u64) -> Vec<u8> {
    let mut head = vec![number << 3 | 2];
    while length >= 0x80 {
        head.push(u8::try_from(length & 0x7f).expect("seven bits") | 0x80);
        length >>= 7;
    }
    head.push(u8::try_from(length).expect("seven bits"));
    head
}
