//! The configuration file.

use super::{
    Flag,
    effects::{exporter, file, render, sets},
};
use crate::process::{errors, request, run};

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "--config",
        effect: || {
            let (_folder, path) = file("resources: {nodes: {}}");
            let printed = render(&format!("--resources=pods --config={path}"));
            assert!(printed.contains("kube_node_info{") && !printed.contains("kube_pod_info{"), "{printed}");
        },
        refused: &["--config=MISSING", "--config=BROKEN", "--config"],
    },
    Flag {
        name: "--continue-without-config",
        effect: || {
            let printed = render("--resources=nodes --config=/nowhere --continue-without-config");
            assert!(printed.contains("kube_node_info{"), "{printed}");
        },
        refused: &["--continue-without-config=perhaps", "--continue-without-config="],
    },
    Flag {
        name: "--strict-config",
        effect: || {
            let (_folder, path) = file("resorces: {nodes: {}}");
            let flag = format!("--config={path}");
            render(&flag);
            let output = run(&["render", "-", &flag, "--strict-config"], b"");
            let said = errors(&output);
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(said.contains("file.yaml:1: resorces") && said.contains("resources"), "{said}");
        },
        refused: &["--strict-config=perhaps"],
    },
    Flag {
        name: "--enable-lifecycle",
        effect: || {
            sets("--enable-lifecycle", |c| c.lifecycle, [false, true]);
            for (flag, status) in [("--enable-lifecycle=false", 403), ("--enable-lifecycle", 200)] {
                let exporter = exporter(flag);
                let answer = request(exporter.telemetry, "POST", "/-/reload", "");
                assert_eq!(answer.status, status, "{flag}: {}", answer.text());
            }
        },
        refused: &["--enable-lifecycle=perhaps"],
    },
];
