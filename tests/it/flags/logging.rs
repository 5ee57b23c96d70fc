//! How the process logs.

use super::{
    Flag,
    effects::{exporter, logging},
};
use crate::process::{errors, run};
use kstate::config::Severity;

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "--v",
        effect: || {
            assert!(!log("").contains("The whole set was read."));
            assert!(log("-v=4").contains("The whole set was read."));
            for line in ["--v=4", "--v 4", "-v4", "-v 4", "-v=1 --v=4"] {
                assert_eq!(logging(line).verbosity, 4, "{line}");
            }
        },
        refused: &["-v=high", "--v=1.5", "-v"],
    },
    Flag {
        name: "--log-format",
        effect: || {
            let said = warning(&["--log-format=json"]);
            let line: serde_json::Value = serde_json::from_str(&said).unwrap();
            assert_eq!(line["level"], "WARN", "{said}");
        },
        refused: &["--log-format=xml"],
    },
    Flag {
        name: "--vmodule",
        effect: || {
            let log = log("--vmodule=journal=4,nothing*=9");
            assert!(log.contains("DEBUG") && log.contains("The whole set was read."), "{log}");
            assert_eq!(logging("--vmodule=").modules, []);
        },
        refused: &["--vmodule=journal", "--vmodule=journal=x", "--vmodule==4", "--vmodule=a=-1"],
    },
    Flag {
        name: "--skip_headers",
        effect: || {
            let log = log("--skip_headers");
            assert!(log.lines().any(|line| line.starts_with("Listening. main=")), "{log}");
            assert!(!log.contains("INFO"), "{log}");
        },
        refused: &["--skip_headers=some"],
    },
    Flag {
        name: "--add_dir_header",
        effect: || assert!(log("--add_dir_header").contains("src/app/ports.rs:")),
        refused: &["--add_dir_header=some"],
    },
    Flag {
        name: "--stderrthreshold",
        effect: || {
            for (value, least) in [
                ("INFO", Severity::Any),
                ("0", Severity::Any),
                ("warning", Severity::Warning),
                ("2", Severity::Error),
                ("FATAL", Severity::Fatal),
            ] {
                assert_eq!(logging(&format!("--stderrthreshold={value}")).least, least);
            }
            for (value, said) in [("WARNING", 1), ("ERROR", 0)] {
                assert_eq!(warning(&[&format!("--stderrthreshold={value}")]).lines().count(), said);
            }
        },
        refused: &["--stderrthreshold=LOUD", "--stderrthreshold=4", "--stderrthreshold="],
    },
    Flag {
        name: "--legacy_stderr_threshold_behavior",
        effect: || {
            let least = |line: &str| logging(&format!("--stderrthreshold=ERROR {line}")).least;
            assert_eq!(least("--legacy_stderr_threshold_behavior"), Severity::Any);
            assert_eq!(least("--legacy_stderr_threshold_behavior=false"), Severity::Error);
            let typed = ["--stderrthreshold=ERROR", "--legacy_stderr_threshold_behavior"];
            assert_eq!(warning(&typed).lines().count(), 1);
        },
        refused: &["--legacy_stderr_threshold_behavior=old"],
    },
    Flag {
        name: "--logtostderr",
        effect: || {
            assert_eq!(logging("--logtostderr --logtostderr=true").remark, None);
            without_effect("--logtostderr=false", "--logtostderr=false");
        },
        refused: &["--logtostderr=2"],
    },
    Flag {
        name: "--alsologtostderr",
        effect: || without_effect("--alsologtostderr", "--alsologtostderr"),
        refused: &["--alsologtostderr=2"],
    },
    Flag {
        name: "--alsologtostderrthreshold",
        effect: || without_effect("--alsologtostderrthreshold=ERROR", "--alsologtostderrthreshold"),
        refused: &["--alsologtostderrthreshold=LOUD"],
    },
    Flag {
        name: "--log_backtrace_at",
        effect: || without_effect("--log_backtrace_at=file.go:234", "--log_backtrace_at"),
        refused: &["--log_backtrace_at=file.go", "--log_backtrace_at=file.go:0", "--log_backtrace_at=:1"],
    },
    Flag {
        name: "--log_dir",
        effect: || without_effect("--log_dir=/tmp", "--log_dir"),
        refused: &["--log_dir"],
    },
    Flag {
        name: "--log_file",
        effect: || {
            without_effect("--log_file=/nowhere/x", "--log_file");
            // One line tells of all of them.
            let log = log("--log_file=/nowhere/x --one_output --logtostderr=false");
            let said: Vec<&str> = log.lines().filter(|line| line.contains("No effect:")).collect();
            assert_eq!(said.len(), 1, "{log}");
            assert!(said[0].contains("--log_file, --one_output, --logtostderr=false."), "{said:?}");
        },
        refused: &["--log_file"],
    },
    Flag {
        name: "--log_file_max_size",
        effect: || without_effect("--log_file_max_size=1800", "--log_file_max_size"),
        refused: &["--log_file_max_size=big", "--log_file_max_size=-1"],
    },
    Flag {
        name: "--one_output",
        effect: || without_effect("--one_output", "--one_output"),
        refused: &["--one_output=2"],
    },
    Flag {
        name: "--skip_log_headers",
        effect: || without_effect("--skip_log_headers", "--skip_log_headers"),
        refused: &["--skip_log_headers=2"],
    },
];

/// What an exporter logs until it is ready.
fn log(line: &str) -> String {
    exporter(line).server.log()
}

/// What a command says that has nothing to log but one warning.
fn warning(flags: &[&str]) -> String {
    errors(&run(&[flags, &["--log_file=x", "version"]].concat(), b""))
}

fn without_effect(line: &str, named: &str) {
    assert_eq!(logging("").remark, None);
    let remark = logging(line).remark.unwrap();
    assert_eq!(remark, format!("No effect: {named}. All log lines go to standard error."));
}
