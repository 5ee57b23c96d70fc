//! What nodes and containers use.

use super::{
    Flag,
    effects::{config, sets},
};
use kstate::{
    config::Config,
    kubelets::{Access, Direct, Settings},
};
use std::time::Duration;

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "--usage",
        effect: || {
            sets("--usage", |c| c.usage.is_some(), [false, true]);
            assert!(config("--usage --usage=false").usage.is_none());
            let node = |line| settings(config(line)).node;
            assert_eq!(node("--usage --node=n1").as_deref(), Some("n1"));
            assert_eq!((node("--usage"), node("--usage --node=")), (None, None));
        },
        refused: &["--usage=perhaps", "--usage="],
    },
    Flag {
        name: "--usage-depth",
        effect: || is("--usage-depth=30", |settings| settings.terms.depth, [15, 30]),
        refused: &["--usage-depth=0", "--usage-depth=10001", "--usage-depth=many"],
    },
    Flag {
        name: "--usage-span",
        effect: || is("--usage-span=1h", |settings| settings.terms.span, [MINUTE * 15, MINUTE * 60]),
        refused: &["--usage-span=long", "--usage-span=-1m"],
    },
    Flag {
        name: "--metric-resolution",
        effect: || {
            let seconds = |settings: Settings| settings.terms.resolution.as_secs();
            is("--metric-resolution=60s", seconds, [15, 60]);
        },
        refused: &["--metric-resolution=fine", "--kubelet-request-timeout=800ms --metric-resolution=999ms"],
    },
    Flag {
        name: "--kubelet-access",
        effect: || {
            let proxied = |settings: Settings| settings.access == Access::Proxy;
            is("--kubelet-access=proxy", proxied, [false, true]);
        },
        refused: &["--kubelet-access=tunnel", "--kubelet-access="],
    },
    Flag {
        name: "--kubelet-insecure-tls",
        effect: || is("--kubelet-insecure-tls", |it| direct(it).trust.any_certificate, [false, true]),
        refused: &["--kubelet-insecure-tls=2", "--kubelet-insecure-tls --kubelet-certificate-authority=/a"],
    },
    Flag {
        name: "--kubelet-use-node-status-port",
        effect: || is("--kubelet-use-node-status-port", |it| direct(it).status_port, [false, true]),
        refused: &["--kubelet-use-node-status-port=2"],
    },
    Flag {
        name: "--kubelet-port",
        effect: || is("--kubelet-port=10251", |it| direct(it).port, [10_250, 10_251]),
        refused: &["--kubelet-port=0", "--kubelet-port=65536", "--kubelet-port=https"],
    },
    Flag {
        name: "--kubelet-preferred-address-types",
        effect: || {
            let types = |settings| direct(settings).address_types.join(" ");
            let usual = "Hostname InternalDNS InternalIP ExternalDNS ExternalIP";
            let flags = "--kubelet-preferred-address-types=InternalIP,ExternalIP --kubelet-preferred-address-types Hostname";
            is(flags, types, [usual.to_owned(), "InternalIP ExternalIP Hostname".to_owned()]);
        },
        refused: &["--kubelet-preferred-address-types=IP", "--kubelet-preferred-address-types="],
    },
    Flag {
        name: "--kubelet-certificate-authority",
        effect: || {
            let authority = |settings| direct(settings).trust.authority;
            is("--kubelet-certificate-authority=/ca.crt", authority, [None, Some("/ca.crt".into())]);
        },
        refused: &[
            "--usage --kubelet-certificate-authority=MISSING",
            "--usage --kubelet-certificate-authority=BROKEN",
        ],
    },
    Flag {
        name: "--kubelet-client-certificate",
        effect: || {
            let certificate = |settings| direct(settings).trust.certificate;
            let flags = "--kubelet-client-certificate=/a.crt --kubelet-client-key=/a.key";
            is(flags, certificate, [None, Some(("/a.crt".into(), "/a.key".into()))]);
        },
        refused: &[
            "--kubelet-client-certificate=/a.crt",
            "--usage --kubelet-client-key=/a.key --kubelet-client-certificate=BROKEN",
        ],
    },
    Flag {
        name: "--kubelet-client-key",
        effect: || {
            let key = |settings| direct(settings).trust.certificate.map(|(_, key)| key);
            let flags = "--kubelet-client-certificate=/a.crt --kubelet-client-key=/a.key";
            is(flags, key, [None, Some("/a.key".into())]);
        },
        refused: &["--kubelet-client-key=/a.key"],
    },
    Flag {
        name: "--kubelet-request-timeout",
        effect: || {
            let seconds = |settings: Settings| settings.timeout.as_secs();
            is("--kubelet-request-timeout=5s", seconds, [10, 5]);
        },
        refused: &[
            "--kubelet-request-timeout=0",
            "--kubelet-request-timeout=14s",
            "--kubelet-request-timeout=soon",
        ],
    },
    Flag {
        name: "--node-selector",
        effect: || {
            let selector = |settings: Settings| settings.selector;
            is("--node-selector=pool=a,!spot", selector, [None, Some("pool in (a),!spot".to_owned())]);
        },
        refused: &["--node-selector=(a)", "--node-selector=!", "--node-selector==b", "--node-selector=a>b"],
    },
];

const MINUTE: Duration = Duration::from_mins(1);

fn settings(config: Config) -> Settings {
    config.usage.unwrap()
}

fn direct(settings: Settings) -> Direct {
    let Access::Direct(direct) = settings.access else { panic!("{settings:?}") };
    direct
}

/// Compares what is asked for without and with flags.
fn is<T: PartialEq + std::fmt::Debug>(line: &str, of: fn(Settings) -> T, [without, with]: [T; 2]) {
    assert_eq!(of(settings(config("--usage"))), without);
    assert_eq!(of(settings(config(&format!("--usage {line}")))), with, "{line}");
}
