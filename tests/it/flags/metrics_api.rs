//! The resource metrics API.

use super::{
    Flag,
    effects::{config, sets},
};
use kstate::{config::MetricsApi, metricsapi::TrustFiles, web::CertificateFiles};
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "--resource-metrics-api",
        effect: || {
            sets(
                "--resource-metrics-api",
                |c| (c.metrics_api.is_some(), c.usage.is_some()),
                [(false, false), (true, true)],
            );
        },
        refused: &[
            "--resource-metrics-api=perhaps",
            "--resource-metrics-api --resources=services",
            "--resource-metrics-api --metric-denylist=kube_pod_|kube_node_",
            "--resource-metrics-api --total-shards=2",
            "--resource-metrics-api --node=n1",
            "--resource-metrics-api --object-limit=5",
            "--resource-metrics-api --pod=a-0 --pod-namespace=b",
        ],
    },
    Flag {
        name: "--bind-address",
        effect: || {
            let host = |line| api(line).address.0;
            assert_eq!(
                (host(""), host("--bind-address=127.0.0.2")),
                (Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::new(127, 0, 0, 2).into())
            );
        },
        refused: &["--bind-address=no_host!"],
    },
    Flag {
        name: "--secure-port",
        effect: || assert_eq!((api("").address.1, api("--secure-port=4443").address.1), (10250, 4443)),
        refused: &["--secure-port=65536", "--secure-port=https"],
    },
    Flag {
        name: "--tls-cert-file",
        effect: || {
            let files = CertificateFiles { certificate: "/a".into(), key: "/b".into() };
            assert_eq!(api("--tls-cert-file=/a --tls-private-key-file=/b").tls.files, Some(files));
            assert_eq!(api("").tls.files, None);
        },
        refused: &[
            "--tls-cert-file=/a",
            "--resource-metrics-api --secure-port=0 --tls-cert-file=MISSING --tls-private-key-file=MISSING",
        ],
    },
    Flag {
        name: "--tls-private-key-file",
        effect: || {
            assert_eq!(
                api("--tls-cert-file=/a --tls-private-key-file=/b").tls.files.unwrap().key.to_str(),
                Some("/b")
            );
        },
        refused: &["--tls-private-key-file=/b"],
    },
    Flag {
        name: "--tls-min-version",
        effect: || assert_eq!(api("--tls-min-version=VersionTLS13").tls.min_version, "VersionTLS13"),
        refused: &["--tls-min-version=VersionTLS11", "--tls-min-version=1.3"],
    },
    Flag {
        name: "--tls-cipher-suites",
        effect: || {
            let suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
            assert_eq!(api(&format!("--tls-cipher-suites={suite}")).tls.cipher_suites, [suite]);
        },
        refused: &["--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA", "--tls-cipher-suites=AES"],
    },
    Flag {
        name: "--cert-dir",
        effect: || assert_eq!(api("--cert-dir=/tmp"), api("")),
        refused: &["--cert-dir"],
    },
    Flag {
        name: "--client-ca-file",
        effect: || assert_eq!(trust("--client-ca-file=/a").clients, Some("/a".into())),
        refused: &[
            "--client-ca-file",
            "--resource-metrics-api --secure-port=0 --client-ca-file=MISSING",
            "--resource-metrics-api --secure-port=0 --client-ca-file=BROKEN",
        ],
    },
    Flag {
        name: "--requestheader-client-ca-file",
        effect: || assert_eq!(trust("--requestheader-client-ca-file=/a").front, Some("/a".into())),
        refused: &["--resource-metrics-api --secure-port=0 --requestheader-client-ca-file=MISSING"],
    },
    Flag {
        name: "--requestheader-allowed-names",
        effect: || {
            assert_eq!(
                trust("--requestheader-allowed-names=a,b --requestheader-allowed-names=c").names,
                ["a", "b", "c"]
            );
        },
        refused: &["--requestheader-allowed-names"],
    },
    Flag {
        name: "--requestheader-username-headers",
        effect: || assert_eq!(trust("--requestheader-username-headers=X-User").user, ["X-User"]),
        refused: &["--requestheader-username-headers"],
    },
    Flag {
        name: "--requestheader-uid-headers",
        effect: || assert_eq!(trust("--requestheader-uid-headers=X-Uid").uid, ["X-Uid"]),
        refused: &["--requestheader-uid-headers"],
    },
    Flag {
        name: "--requestheader-group-headers",
        effect: || assert_eq!(trust("--requestheader-group-headers=X-Group").group, ["X-Group"]),
        refused: &["--requestheader-group-headers"],
    },
    Flag {
        name: "--requestheader-extra-headers-prefix",
        effect: || assert_eq!(trust("--requestheader-extra-headers-prefix=X-More-").extra, ["X-More-"]),
        refused: &["--requestheader-extra-headers-prefix"],
    },
    Flag {
        name: "--authentication-skip-lookup",
        effect: || assert!(trust("--authentication-skip-lookup").alone && !trust("").alone),
        refused: &["--authentication-skip-lookup=some"],
    },
    Flag {
        name: "--authentication-kubeconfig",
        effect: || without_effect("--authentication-kubeconfig"),
        refused: &["--authentication-kubeconfig"],
    },
    Flag {
        name: "--authorization-kubeconfig",
        effect: || without_effect("--authorization-kubeconfig"),
        refused: &["--authorization-kubeconfig"],
    },
];

fn api(line: &str) -> MetricsApi {
    config(&format!("--resource-metrics-api {line}")).metrics_api.unwrap()
}

fn trust(line: &str) -> TrustFiles {
    api(line).trust
}

/// A flag that is only remarked on.
fn without_effect(flag: &str) {
    let with = config(&format!("--resource-metrics-api {flag}=/a"));
    assert_eq!(with.metrics_api, Some(api("")));
    assert!(with.remarks.iter().any(|remark| remark.starts_with(flag)), "{:?}", with.remarks);
    assert!(config(&format!("{flag}=/a")).remarks.is_empty());
}
