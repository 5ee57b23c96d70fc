//! Files that are read, and whether they still hold the same.

use ring::digest::{SHA256, digest};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Files and hashes of what they held: a key needn't stay in memory to be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint(Vec<(PathBuf, Option<Hash>)>);

type Hash = [u8; 32];

impl Fingerprint {
    /// What these files hold now.
    pub fn of<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Self {
        let mut fingerprint = Self::default();
        for file in files {
            // One that can't be read is part of it, too.
            let _ = fingerprint.read(file.as_ref());
        }
        fingerprint
    }

    /// Reads one more file.
    pub fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        let content = fs::read(path);
        self.0.push((path.to_owned(), content.as_ref().ok().map(|bytes| hash(bytes))));
        content
    }

    /// Whether all files are as they were. Reads them, as changes within one tick of the file
    /// system's clock show in nothing else, and neither do all that are made through links or from
    /// another machine.
    pub fn holds(&self) -> bool {
        self.0.iter().all(|(path, held)| fs::read(path).ok().map(|bytes| hash(&bytes)) == *held)
    }
}

fn hash(bytes: &[u8]) -> Hash {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_change_appear_or_go_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "1").unwrap();
        fs::create_dir(path("x")).unwrap();
        fs::create_dir(path("y")).unwrap();
        fs::write(path("x/c"), "1").unwrap();
        fs::write(path("y/c"), "2").unwrap();
        let link = |target: &str| {
            let _ = fs::remove_file(path("..data"));
            std::os::unix::fs::symlink(path(target), path("..data")).unwrap();
        };
        link("x");
        let held = Fingerprint::of([path("a"), path("b"), path("..data/c")]);
        assert!(held.holds());
        for (change, undo) in [
            (
                &(|| fs::write(path("a"), "2").unwrap()) as &dyn Fn(),
                &(|| fs::write(path("a"), "1").unwrap()) as &dyn Fn(),
            ),
            (&|| fs::write(path("b"), "").unwrap(), &|| fs::remove_file(path("b")).unwrap()),
            (&|| link("y"), &|| link("x")),
        ] {
            change();
            assert!(!held.holds());
            undo();
            assert!(held.holds());
        }
    }
}
