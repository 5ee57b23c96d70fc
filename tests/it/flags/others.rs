//! What is not here, and what ends at once.

use super::{
    Flag,
    effects::{config, exporter, file, sets},
};
use crate::process::run;
use kstate::config::{CustomResources, Definition};

const UNEXPORTED: &str = "Custom resources are not exported yet";

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "--custom-resource-state-config",
        effect: || {
            let definition = Definition::Inline("spec:".to_owned());
            let kept = CustomResources { definition, optional: false };
            let flags = "--custom-resource-state-config=spec: --custom-resource-state-config-file=/nowhere";
            sets(flags, |c| c.custom_resources, [None, Some(kept)]);
        },
        refused: &["--custom-resource-state-config=a:[", "--custom-resource-state-config"],
    },
    Flag {
        name: "--custom-resource-state-config-file",
        effect: || {
            let (_folder, path) = file("kind: CustomResourceStateMetrics\nspec: {resources: []}\n");
            let flag = format!("--custom-resource-state-config-file={path}");
            let kept = CustomResources { definition: Definition::File(path.into()), optional: false };
            sets(&flag, |c| c.custom_resources, [None, Some(kept)]);
            let log = exporter(&flag).server.log();
            assert_eq!(log.lines().filter(|line| line.contains(UNEXPORTED)).count(), 1, "{log}");
        },
        refused: &[
            "--custom-resource-state-config-file=MISSING",
            "--custom-resource-state-config-file=BROKEN",
            "--custom-resource-state-config-file=/",
        ],
    },
    Flag {
        name: "--continue-without-custom-resource-state-config-file",
        effect: || {
            let flags = "--custom-resource-state-config-file=/nowhere/x --continue-without-custom-resource-state-config-file";
            assert!(config(flags).custom_resources.unwrap().optional);
        },
        refused: &["--continue-without-custom-resource-state-config-file=2"],
    },
    Flag {
        name: "--custom-resource-state-only",
        effect: || assert!(config("--custom-resource-state-only=false").custom_resources.is_none()),
        // There would be nothing to export.
        refused: &["--custom-resource-state-only", "--custom-resource-state-only=2"],
    },
    Flag {
        name: "--auto-gomemlimit",
        effect: || {
            assert!(config("--auto-gomemlimit=false").remarks.is_empty());
            let log = exporter("--auto-gomemlimit").server.log();
            assert_eq!(log.matches("--auto-gomemlimit has no effect").count(), 1, "{log}");
        },
        refused: &["--auto-gomemlimit=2"],
    },
    Flag {
        name: "--auto-gomemlimit-ratio",
        effect: || assert!(config("--auto-gomemlimit-ratio=0.5").remarks.is_empty()),
        refused: &[
            "--auto-gomemlimit-ratio=0",
            "--auto-gomemlimit-ratio=-0.5",
            "--auto-gomemlimit-ratio=1.1",
            "--auto-gomemlimit-ratio=NaN",
            "--auto-gomemlimit-ratio=most",
        ],
    },
    Flag {
        name: "--help",
        effect: || {
            for line in ["--help", "-h", "--help=true", "--port=8080 --help"] {
                let output = run(&line.split(' ').collect::<Vec<_>>(), b"");
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(output.status.success() && text.contains("--resources <LIST>"), "{line}: {text}");
            }
            assert_eq!(config("--help=false --port=1").serving.main.1, 1);
        },
        refused: &["--help=maybe", "-h=maybe"],
    },
    Flag {
        name: "--version",
        effect: || {
            for line in ["--version", "-V"] {
                let output = run(&[line], b"");
                assert_eq!(output.stdout, format!("kstate {}\n", env!("CARGO_PKG_VERSION")).as_bytes());
            }
        },
        refused: &[],
    },
];
