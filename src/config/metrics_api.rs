//! What the flags of the resource metrics API mean.

use super::Choice;
use crate::{
    cli::{List, MetricsApiArgs, UsageError},
    metricsapi::TrustFiles,
    web::{Certificate, CertificateFiles},
};
use std::{net::IpAddr, path::PathBuf};

/// The kinds of which it tells, with all of their labels.
const KINDS: [&str; 2] = ["nodes", "pods"];

/// The resource metrics API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsApi {
    /// Host and port.
    pub address: (IpAddr, u16),
    /// How connections are made secure.
    pub tls: ServingTls,
    /// What is said of who vouches for users.
    pub trust: TrustFiles,
}

/// How connections are made secure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServingTls {
    /// The certificate and its key; one is made where there are none.
    pub files: Option<CertificateFiles>,
    /// The least version; the usual one where it is empty.
    pub min_version: String,
    /// Suites for older versions; the usual ones where there are none.
    pub cipher_suites: Vec<String>,
}

/// What flags say of the API; `None` where it is not to be served. What of them has no effect is
/// remarked.
pub(super) fn metrics_api(
    args: MetricsApiArgs,
    selection: &mut Choice,
    replica: bool,
    remarks: &mut Vec<String>,
) -> Result<Option<MetricsApi>, UsageError> {
    let file = |name: &str| (!name.is_empty()).then(|| PathBuf::from(name));
    let list = |lists: &[List]| List::all(lists).map(str::to_owned).collect::<Vec<_>>();
    let files = match (file(&args.tls_cert_file), file(&args.tls_private_key_file)) {
        (Some(certificate), Some(key)) => Some(CertificateFiles { certificate, key }),
        (None, None) => None,
        (Some(_), None) => return Err(UsageError::new("--tls-cert-file needs --tls-private-key-file")),
        (None, Some(_)) => return Err(UsageError::new("--tls-private-key-file needs --tls-cert-file")),
    };
    let tls =
        ServingTls { files, min_version: args.tls_min_version, cipher_suites: list(&args.tls_cipher_suites) };
    tls.check()?;
    if !args.resource_metrics_api.0 {
        return Ok(None);
    }
    let without_effect = [
        ("--authentication-kubeconfig", &args.authentication_kubeconfig),
        ("--authorization-kubeconfig", &args.authorization_kubeconfig),
    ];
    for (flag, _) in without_effect.into_iter().filter(|(_, file)| !file.is_empty()) {
        remarks.push(format!(
            "{flag} has no effect: reviews are asked for over the connection that objects are read from."
        ));
    }
    check(selection, replica)?;
    for kind in selection.kinds.clone().into_iter().filter(|kind| KINDS.contains(&kind.names.plural)) {
        selection.keep_labels(kind);
    }
    Ok(Some(MetricsApi {
        address: (args.bind_address.0, args.secure_port),
        tls,
        trust: TrustFiles {
            clients: file(&args.client_ca_file),
            front: file(&args.requestheader_client_ca_file),
            names: list(&args.requestheader_allowed_names),
            user: list(&args.requestheader_username_headers),
            uid: list(&args.requestheader_uid_headers),
            group: list(&args.requestheader_group_headers),
            extra: list(&args.requestheader_extra_headers_prefix),
            alone: args.authentication_skip_lookup.0,
        },
    }))
}

/// Whoever asks for all of a cluster must get it, whichever replica is asked.
fn check(selection: &Choice, replica: bool) -> Result<(), UsageError> {
    let scope = &selection.scope;
    let part = [
        ("--total-shards", scope.shard.total > 1),
        ("--pod", replica),
        ("--node", scope.node.is_some()),
        ("--object-limit", scope.limit.is_some()),
    ];
    if let Some((flag, _)) = part.into_iter().find(|(_, given)| *given) {
        return Err(UsageError::new(format!(
            "--resource-metrics-api needs all nodes and pods, of which {flag} leaves a part"
        )));
    }
    for plural in KINDS {
        if !selection.kinds.iter().any(|kind| kind.names.plural == plural) {
            return Err(UsageError::new(format!(
                "--resource-metrics-api needs {plural}, of which no family is exported: see --resources and --metric-denylist"
            )));
        }
    }
    Ok(())
}

impl ServingTls {
    fn check(&self) -> Result<(), UsageError> {
        let Self { min_version, cipher_suites, .. } = self;
        let files = CertificateFiles { certificate: PathBuf::new(), key: PathBuf::new() };
        let spoken = Certificate::of_files(files).speaking(min_version, cipher_suites);
        spoken
            .map(drop)
            .map_err(|wrong| UsageError::new(format!("--tls-min-version or --tls-cipher-suites: {wrong}")))
    }
}
