//! What is to be known of usage, and how kubelets are asked.

use crate::{
    cli::{KubeletAccess, KubeletArgs, List, UsageArgs, UsageError},
    kubelets::{Access, Direct, Settings},
    selector::LabelSelector,
    usage::Terms,
    watch::Trust,
};
use std::time::Duration;

/// The shortest time between two questions to a kubelet.
const SHORTEST: Duration = Duration::from_secs(1);

/// The types of addresses that nodes have.
const ADDRESS_TYPES: [&str; 5] = ["Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"];

/// What the flags mean, where usage is asked for; mistakes are mistakes in any case. `node` is the one
/// node whose pods are exported.
pub(super) fn settings(args: UsageArgs, node: Option<&str>) -> Result<Option<Settings>, UsageError> {
    let UsageArgs { usage, usage_depth: depth, usage_span, metric_resolution, kubelets } = args;
    let terms = Terms { resolution: metric_resolution.0, depth, span: usage_span.0 };
    let timeout = kubelets.kubelet_request_timeout.0;
    if terms.resolution < SHORTEST {
        return Err(UsageError::new("--metric-resolution: at least 1s is needed"));
    }
    if timeout.is_zero() || timeout > terms.resolution * 9 / 10 {
        return Err(UsageError::new(
            "--kubelet-request-timeout: more than 0s and at most nine tenths of --metric-resolution are needed",
        ));
    }
    let selector: LabelSelector = kubelets
        .node_selector
        .parse()
        .map_err(|error| UsageError::new(format!("--node-selector: {error}")))?;
    let way = kubelets.kubelet_access;
    let direct = direct(kubelets)?;
    let access = match way {
        KubeletAccess::Proxy => Access::Proxy,
        KubeletAccess::Direct => Access::Direct(direct),
    };
    let selector = (selector != LabelSelector::default()).then(|| selector.to_string());
    let node = node.filter(|node| !node.is_empty()).map(str::to_owned);
    Ok(usage.0.then_some(Settings { terms, access, timeout, selector, node }))
}

fn direct(args: KubeletArgs) -> Result<Direct, UsageError> {
    let types: Vec<String> = List::all(&args.kubelet_preferred_address_types).map(str::to_owned).collect();
    if let Some(unknown) = types.iter().find(|known| !ADDRESS_TYPES.contains(&known.as_str())) {
        return Err(UsageError::new(format!(
            "--kubelet-preferred-address-types: \"{unknown}\" is none of {}",
            ADDRESS_TYPES.join(", ")
        )));
    }
    if types.is_empty() {
        return Err(UsageError::new("--kubelet-preferred-address-types: at least one type is needed"));
    }
    let (authority, any_certificate) = (args.kubelet_certificate_authority, args.kubelet_insecure_tls.0);
    if any_certificate && !authority.is_empty() {
        return Err(UsageError::new(
            "--kubelet-certificate-authority and --kubelet-insecure-tls contradict each other: give only one of them",
        ));
    }
    let (certificate, key) = (args.kubelet_client_certificate, args.kubelet_client_key);
    let certificate = match (certificate.is_empty(), key.is_empty()) {
        (true, true) => None,
        (false, false) => Some((certificate.into(), key.into())),
        (false, true) => {
            return Err(UsageError::new("--kubelet-client-certificate: its --kubelet-client-key is missing"));
        }
        (true, false) => {
            return Err(UsageError::new("--kubelet-client-key: its --kubelet-client-certificate is missing"));
        }
    };
    Ok(Direct {
        port: args.kubelet_port,
        status_port: args.kubelet_use_node_status_port.0,
        address_types: types,
        trust: Trust {
            any_certificate,
            authority: (!authority.is_empty()).then(|| authority.into()),
            certificate,
        },
    })
}
