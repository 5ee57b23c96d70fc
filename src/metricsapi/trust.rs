//! Who vouches for users: authorities of certificates, and the names of headers.

use crate::{
    web::{Authorities, Fault},
    wire::{Atom, Map, ObjectMeta},
};
use std::{fs, io, path::PathBuf};

crate::wire! {
    /// `v1.ConfigMap`, of which it is known that it holds no secrets:
    /// `extension-apiserver-authentication` in `kube-system`.
    pub struct AuthenticationMap {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What aggregated API servers have to know.
        data: Map<Atom, Box<str>> = 2,
    }
}
crate::local_object!(AuthenticationMap);

/// Whom to believe who somebody is.
#[derive(Debug, Default)]
pub struct Trust {
    /// Who issues certificates to users.
    pub(super) clients: Option<Authorities>,
    /// Who may say in headers who asks.
    pub(super) front: Option<Front>,
}

/// Somebody in front, the API server, that says who asks.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) authorities: Authorities,
    /// The common names that its certificate may have; any where there are none.
    pub(super) names: Vec<String>,
    pub(super) user: Vec<String>,
    pub(super) uid: Vec<String>,
    pub(super) group: Vec<String>,
    pub(super) extra: Vec<String>,
}

/// What is said by flags in place of the `ConfigMap`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustFiles {
    /// A file with the authorities of users' certificates.
    pub clients: Option<PathBuf>,
    /// A file with those of the certificate of whoever is in front.
    pub front: Option<PathBuf>,
    /// The common names that its certificate may have.
    pub names: Vec<String>,
    /// Headers with the name of the user, the usual ones where there are none.
    pub user: Vec<String>,
    /// With the user's UID.
    pub uid: Vec<String>,
    /// With groups.
    pub group: Vec<String>,
    /// The beginnings of headers with what else is known.
    pub extra: Vec<String>,
    /// Whether nothing else is asked.
    pub alone: bool,
}

/// What can't be understood of it.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Certificates.
    #[error("{0}")]
    Certificates(#[source] Fault),
    /// A list.
    #[error("{0} is no list of texts in JSON: {1}")]
    List(&'static str, #[source] serde_json::Error),
    /// A file.
    #[error("{0} {path}: {2}", path = .1.display())]
    File(&'static str, PathBuf, #[source] io::Error),
}

impl Trust {
    /// What the `ConfigMap` says, where it is there, and what flags say in its place.
    pub fn new(map: Option<&AuthenticationMap>, files: &TrustFiles) -> Result<Self, TrustError> {
        let map = map.filter(|_| !files.alone);
        let said = |key: &'static str| map.and_then(|map| map.data.get(key)).filter(|text| !text.is_empty());
        let authorities = |key| {
            let parsed = said(key).map(|pem| Authorities::parse(key, pem.as_bytes()));
            parsed.transpose().map_err(TrustError::Certificates)
        };
        let list = |key| match said(key) {
            Some(json) => serde_json::from_str(json).map_err(|error| TrustError::List(key, error)),
            None => Ok(Vec::new()),
        };
        let clients = match &files.clients {
            Some(path) => Some(read("--client-ca-file", path)?),
            None => authorities("client-ca-file")?,
        };
        let front = if let Some(path) = &files.front {
            let usual = |given: &[String], usual: &str| {
                if given.is_empty() { vec![usual.to_owned()] } else { given.to_vec() }
            };
            Some(Front {
                authorities: read("--requestheader-client-ca-file", path)?,
                names: files.names.clone(),
                user: usual(&files.user, "x-remote-user"),
                uid: usual(&files.uid, "x-remote-uid"),
                group: usual(&files.group, "x-remote-group"),
                extra: usual(&files.extra, "x-remote-extra-"),
            })
        } else if let Some(authorities) = authorities("requestheader-client-ca-file")? {
            Some(Front {
                authorities,
                names: list("requestheader-allowed-names")?,
                user: list("requestheader-username-headers")?,
                uid: list("requestheader-uid-headers")?,
                group: list("requestheader-group-headers")?,
                extra: list("requestheader-extra-headers-prefix")?,
            })
        } else {
            None
        };
        Ok(Self { clients, front })
    }
}

impl TrustFiles {
    /// The files, whose changes are to be followed.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.clients.iter().chain(&self.front)
    }
}

fn read(flag: &'static str, path: &PathBuf) -> Result<Authorities, TrustError> {
    let pem = fs::read(path).map_err(|error| TrustError::File(flag, path.clone(), error))?;
    Authorities::parse(flag, &pem).map_err(TrustError::Certificates)
}
