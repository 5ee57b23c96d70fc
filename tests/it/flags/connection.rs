//! How to reach the API server.

use super::{
    Flag,
    effects::{config, file, sets},
};
use crate::world::{Exporter, cluster, url};
use std::time::Duration;

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "--apiserver",
        effect: || {
            let url = url();
            let own = format!("--apiserver={url}");
            let exporter = reading(&[&own]);
            assert!(exporter.scrape().contains("kube_node_info{"));
        },
        refused: &["--apiserver=::::", "--apiserver=ftp://x", "--apiserver=:6443", "--apiserver"],
    },
    Flag {
        name: "--kubeconfig",
        effect: || {
            let (_folder, path) = file(&cluster().kubeconfig());
            let exporter = reading(&["--kubeconfig", &path]);
            assert!(exporter.scrape().contains("kube_node_info{"));
        },
        refused: &["--kubeconfig=MISSING", "--kubeconfig=BROKEN", "--kubeconfig BROKEN", "--kubeconfig"],
    },
    Flag {
        name: "--initial-read-timeout",
        effect: || {
            let seconds = |s| Duration::from_secs(s);
            sets("--initial-read-timeout=5s", |c| c.initial_read_timeout, [seconds(120), seconds(5)]);
        },
        refused: &["--initial-read-timeout=soon", "--initial-read-timeout=-1s", "--initial-read-timeout="],
    },
    Flag {
        name: "--use-apiserver-cache",
        effect: || {
            sets("--use-apiserver-cache", |c| c.selection.scope.cached, [false, true]);
            assert!(!config("--use-apiserver-cache --use-apiserver-cache=0").selection.scope.cached);
            // By this limit the list is known among those of other exporters.
            for (flag, limit, cached) in
                [("--use-apiserver-cache", "77", true), ("--use-apiserver-cache=false", "78", false)]
            {
                let limited = format!("--object-limit={limit}");
                let _exporter = Exporter::start(&[flag, &limited, "--resources=nodes"]);
                let ours = |request: &&String| request.contains(&format!("limit={limit}"));
                let requests = cluster().faults().requests();
                let list = requests.iter().find(ours).unwrap();
                assert_eq!(list.contains("resourceVersion=0"), cached, "{list}");
            }
        },
        refused: &["--use-apiserver-cache=perhaps", "--use-apiserver-cache="],
    },
    Flag {
        name: "--object-limit",
        effect: || {
            let exporter = Exporter::start(&["--resources=pods", "--object-limit=3"]);
            let value = |name: &str| exporter.self_metric(&format!("{name}{{resource=\"*v1.Pod\"}}"));
            assert_eq!(value("kube_state_metrics_list_objects_limit").as_deref(), Some("3"));
            assert_eq!(value("kube_state_metrics_list_objects").as_deref(), Some("3"));
            let pods = exporter.scrape();
            assert_eq!(pods.lines().filter(|line| line.starts_with("kube_pod_info{")).count(), 3);
            let unlimited = Exporter::start(&["--resources=pods", "--object-limit=0"]);
            let limit = unlimited.self_metric("kube_state_metrics_list_objects_limit{resource=\"*v1.Pod\"}");
            assert_eq!(limit, None);
        },
        refused: &[
            "--object-limit=-1",
            "--object-limit -1",
            "--object-limit=many",
            "--object-limit=1.5",
            "--object-limit=9223372036854775808",
        ],
    },
];

/// An exporter with nothing but free ports besides these arguments.
fn reading(arguments: &[&str]) -> Exporter {
    let ports = ["--host=127.0.0.1", "--port=0", "--telemetry-port=0", "--resources=nodes"];
    Exporter::start_as_is(&[&ports[..], arguments].concat())
}
