//! The files of a web configuration, read and remembered.

use super::Fault;
use crate::files::Fingerprint;
use std::path::{Path, PathBuf};

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
        Self { folder, read: Fingerprint::default() }
    }

    /// The configuration file itself.
    pub(super) fn read_first(&mut self, file: &Path) -> Result<Vec<u8>, Fault> {
        self.read.read(file).map_err(Fault::Unreadable)
    }

    /// A file that stands behind a key.
    pub(super) fn read(&mut self, key: &'static str, file: &str) -> Result<Vec<u8>, Fault> {
        let path = self.folder.join(file);
        self.read.read(&path).map_err(|source| Fault::Named { key, path, source })
    }

    /// A file that a flag names.
    pub(super) fn text(&mut self, flag: &'static str, path: &Path) -> Result<String, Fault> {
        let named = |source| Fault::Named { key: flag, path: path.to_owned(), source };
        let bytes = self.read.read(path).map_err(named)?;
        String::from_utf8(bytes).map_err(|_| Fault::material(flag, "the file is no text"))
    }

    /// What was read.
    pub(super) fn fingerprint(self) -> Fingerprint {
        self.read
    }
}
