//! Certificates and keys in PEM.

use super::{Fault, files::Files};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _};

/// Text that stands in the configuration or in a file that it names; the file counts where both are
/// given, and what is empty is not given.
pub(super) struct Material {
    /// The key that it stands behind, and the file's name.
    pub(super) name: String,
    pub(super) pem: Vec<u8>,
}

impl Material {
    pub(super) fn find(
        (key, text): (&str, Option<&String>),
        (file_key, file): (&'static str, Option<&String>),
        files: &mut Files,
    ) -> Result<Option<Self>, Fault> {
        if let Some(file) = file.filter(|file| !file.is_empty()) {
            let pem = files.read(file_key, file)?;
            return Ok(Some(Self { name: format!("{file_key} {file}"), pem }));
        }
        let text = text.filter(|text| !text.is_empty());
        Ok(text.map(|text| Self { name: key.to_owned(), pem: text.clone().into_bytes() }))
    }

    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Fault> {
        let found: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&self.pem).collect();
        let found = found.map_err(|error| Fault::material(&self.name, error.to_string()))?;
        if found.is_empty() {
            return Err(Fault::material(&self.name, "no certificate is in it"));
        }
        Ok(found)
    }

    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, Fault> {
        PrivateKeyDer::from_pem_slice(&self.pem).map_err(|error| match error {
            pem::Error::NoItemsFound => Fault::material(&self.name, "no private key is in it"),
            other => Fault::material(&self.name, other.to_string()),
        })
    }
}
