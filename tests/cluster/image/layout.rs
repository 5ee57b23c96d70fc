//! An OCI layout, read from its index downwards with all digests checked.

use flate2::read::GzDecoder;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A folder that holds a layout.
pub(super) struct Layout {
    pub(super) folder: PathBuf,
}

/// An image of one platform.
pub(super) struct Image {
    pub(super) config: Value,
    /// The tar archives of the file system, unpacked.
    pub(super) layers: Vec<Vec<u8>>,
}

impl Layout {
    /// Has the image built as a release has it, for this machine.
    pub(super) fn build(folder: &Path) -> Self {
        let build = script("build.sh");
        let output = Command::new(&build).arg(folder).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} ended with {}: {errors}", build.display(), output.status);
        Self { folder: folder.to_owned() }
    }

    /// Writes an image of binaries that are there.
    pub(super) fn write(folder: &Path, binaries: &[(&str, &Path)]) -> Result<Self, String> {
        let binaries = binaries.iter().map(|(platform, path)| format!("{platform}={}", path.display()));
        let output = Command::new(script("layout.py")).arg(folder).args(binaries).output().unwrap();
        if output.status.success() {
            Ok(Self { folder: folder.to_owned() })
        } else {
            Err(String::from_utf8(output.stderr).unwrap())
        }
    }

    /// The layout's own index.
    pub(super) fn top(&self) -> Value {
        self.json("index.json")
    }

    /// A JSON document of the folder.
    pub(super) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.folder.join(name)).unwrap()).unwrap()
    }

    /// The index of platforms, of which there is one.
    pub(super) fn index(&self) -> Value {
        let top = self.top();
        let [index] = &top["manifests"].as_array().unwrap()[..] else { panic!("{top}") };
        assert_eq!(index["mediaType"], "application/vnd.oci.image.index.v1+json");
        self.document(index)
    }

    /// The platforms that there is an image for.
    pub(super) fn platforms(&self) -> Vec<String> {
        let index = self.index();
        let platforms = index["manifests"].as_array().unwrap().iter().map(|image| &image["platform"]);
        platforms
            .map(|platform| format!("{}/{}", text(&platform["os"]), text(&platform["architecture"])))
            .collect()
    }

    /// The image of a platform.
    pub(super) fn image(&self, architecture: &str) -> Image {
        let index = self.index();
        let images = index["manifests"].as_array().unwrap();
        let ours = images.iter().find(|image| image["platform"]["architecture"] == architecture);
        let manifest = self.document(ours.unwrap_or_else(|| panic!("none for {architecture}: {index}")));
        let config = self.document(&manifest["config"]);
        let layers = manifest["layers"].as_array().unwrap();
        let identities = config["rootfs"]["diff_ids"].as_array().unwrap();
        assert_eq!(layers.len(), identities.len());
        let layers = layers.iter().zip(identities).map(|(layer, identity)| {
            assert_eq!(layer["mediaType"], "application/vnd.oci.image.layer.v1.tar+gzip");
            let mut archive = Vec::new();
            GzDecoder::new(&*self.blob(layer)).read_to_end(&mut archive).unwrap();
            assert_eq!(identity, &sha256(&archive));
            archive
        });
        Image { layers: layers.collect(), config }
    }

    /// How many bytes all blobs have.
    pub(super) fn size(&self) -> u64 {
        let blobs = fs::read_dir(self.folder.join("blobs/sha256")).unwrap();
        blobs.map(|blob| blob.unwrap().metadata().unwrap().len()).sum()
    }

    fn document(&self, descriptor: &Value) -> Value {
        serde_json::from_slice(&self.blob(descriptor)).unwrap()
    }

    /// What a descriptor stands for.
    fn blob(&self, descriptor: &Value) -> Vec<u8> {
        let hash = text(&descriptor["digest"]);
        let content = fs::read(self.folder.join("blobs").join(hash.replace(':', "/"))).unwrap();
        assert_eq!(descriptor["size"], content.len());
        assert_eq!(hash, sha256(&content));
        content
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/image").join(name)
}

fn sha256(content: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in digest(&SHA256, content).as_ref() {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
