//! Files that are read, and whether they are still the same.

use super::Fault;
use ring::digest::{SHA256, digest};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Reads files and remembers what they held.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    read: Fingerprint,
}

impl Files {
    /// Relative paths begin in the folder of `file`.
    pub(super) fn beside(file: &Path) -> Self {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder, read: Fingerprint(Vec::new()) }
    }

    /// The configuration file itself.
    pub(super) fn read_first(&mut self, file: &Path) -> Result<Vec<u8>, Fault> {
        self.remembered(file.to_owned()).map_err(Fault::Unreadable)
    }

    /// A file that stands behind a key.
    pub(super) fn read(&mut self, key: &'static str, file: &str) -> Result<Vec<u8>, Fault> {
        let path = self.folder.join(file);
        self.remembered(path.clone()).map_err(|source| Fault::Named { key, path, source })
    }

    /// What was read.
    pub(super) fn fingerprint(self) -> Fingerprint {
        self.read
    }

    fn remembered(&mut self, path: PathBuf) -> io::Result<Vec<u8>> {
        let content = fs::read(&path);
        self.read.0.push((path, content.as_ref().ok().map(|bytes| hash(bytes))));
        content
    }
}

/// Files and hashes of what they held: a key needn't stay in memory to be compared.
#[derive(Debug)]
pub(super) struct Fingerprint(Vec<(PathBuf, Option<Hash>)>);

type Hash = [u8; 32];

impl Fingerprint {
    /// Whether all files are as they were. Reads them, as changes within one tick of the file
    /// system's clock show in nothing else.
    pub(super) fn holds(&self) -> bool {
        self.0.iter().all(|(path, held)| fs::read(path).ok().map(|bytes| hash(&bytes)) == *held)
    }
}

fn hash(bytes: &[u8]) -> Hash {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes")
}
