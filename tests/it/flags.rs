//! Every flag of the exporter: read, effective, and refused in one line where its value makes no
//! sense.

mod connection;
mod effects;
mod file;
mod logging;
mod metrics_api;
mod others;
mod selection;
mod serving;
mod usage;

use crate::process::{errors, kstate};
use clap::CommandFactory as _;
use kstate::cli::Cli;
use std::{
    collections::BTreeSet,
    fs,
    panic::catch_unwind,
    process::{Output, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How long a command may take to see that it makes no sense.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is tested of a flag.
struct Flag {
    /// As it is typed.
    name: &'static str,
    /// Panics where a value that makes sense is not read or has no effect.
    effect: fn(),
    /// Arguments that make no sense, separated by spaces. `MISSING` is the path of a file that isn't
    /// there, `BROKEN` that of one that is no YAML.
    refused: &'static [&'static str],
}

/// The flags of kube-state-metrics 2.20.
const KNOWN: &[&str] = &[
    "--add_dir_header",
    "--alsologtostderr",
    "--alsologtostderrthreshold",
    "--apiserver",
    "--auth-filter",
    "--auto-gomemlimit",
    "--auto-gomemlimit-ratio",
    "--config",
    "--continue-without-config",
    "--continue-without-custom-resource-state-config-file",
    "--custom-resource-state-config",
    "--custom-resource-state-config-file",
    "--custom-resource-state-only",
    "--enable-gzip-encoding",
    "--help",
    "--host",
    "--kubeconfig",
    "--legacy_stderr_threshold_behavior",
    "--log_backtrace_at",
    "--log_dir",
    "--log_file",
    "--log_file_max_size",
    "--logtostderr",
    "--metric-allowlist",
    "--metric-annotations-allowlist",
    "--metric-denylist",
    "--metric-labels-allowlist",
    "--metric-opt-in-list",
    "--namespaces",
    "--namespaces-denylist",
    "--node",
    "--object-limit",
    "--one_output",
    "--pod",
    "--pod-namespace",
    "--port",
    "--resources",
    "--server-idle-timeout",
    "--server-read-header-timeout",
    "--server-read-timeout",
    "--server-write-timeout",
    "--shard",
    "--skip_headers",
    "--skip_log_headers",
    "--stderrthreshold",
    "--telemetry-host",
    "--telemetry-port",
    "--tls-config",
    "--total-shards",
    "--track-unscheduled-pods",
    "--use-apiserver-cache",
    "--v",
    "--vmodule",
];

fn flags() -> impl Iterator<Item = &'static Flag> {
    let tables = [
        file::FLAGS,
        connection::FLAGS,
        selection::FLAGS,
        serving::FLAGS,
        usage::FLAGS,
        metrics_api::FLAGS,
        logging::FLAGS,
        others::FLAGS,
    ];
    tables.into_iter().flatten()
}

#[test]
fn the_table_has_every_flag() {
    let table: BTreeSet<String> = flags().map(|flag| flag.name.to_owned()).collect();
    assert_eq!(table.len(), flags().count(), "a flag stands in the table twice");
    let mut command = Cli::command();
    command.build();
    let mut declared = BTreeSet::new();
    for argument in command.get_arguments() {
        let names = argument.get_long_and_visible_aliases().into_iter().flatten();
        declared.extend(names.chain(argument.get_all_aliases().into_iter().flatten()));
    }
    let declared: BTreeSet<String> = declared.iter().map(|name| format!("--{name}")).collect();
    assert_eq!(table, declared);
    let missing: Vec<_> = KNOWN.iter().filter(|flag| !declared.contains(**flag)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn values_that_make_sense_have_their_effect() {
    let wrong = of_all(&flags().collect::<Vec<_>>(), |flag| {
        // The panic's own message is printed already.
        catch_unwind(flag.effect).err().map(|_| flag.name.to_owned())
    });
    assert!(wrong.is_empty(), "without their effect: {wrong:?}");
}

#[test]
fn values_that_make_no_sense_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (missing, broken) = (path("missing"), path("broken"));
    fs::write(&broken, "clusters: [\n").unwrap();
    let cases: Vec<(&str, &str)> =
        flags().flat_map(|flag| flag.refused.iter().map(|line| (flag.name, *line))).collect();
    assert!(cases.len() > 100, "{} cases", cases.len());
    let wrong = of_all(&cases, |(flag, line)| {
        let line = line.replace("MISSING", &missing).replace("BROKEN", &broken);
        let entry_point = ["--port=0", "--telemetry-port=0"];
        let arguments: Vec<&str> = entry_point.into_iter().chain(line.split(' ')).collect();
        let output = refused(&arguments);
        let errors = errors(&output);
        // Of a configuration file the file and its line are told, not the flag.
        let named =
            if *flag == "--config" && !line.ends_with(*flag) { folder.path().to_str() } else { Some(*flag) };
        let named = named.is_some_and(|named| errors.contains(named));
        let said = errors.lines().count() == 1 && errors.starts_with("kstate: ") && named;
        (output.status.code() != Some(2) || !said).then(|| format!("{line}: {}\n{errors}", output.status))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The end of a command, which comes soon where its flags make no sense; others are killed.
fn refused(arguments: &[&str]) -> Output {
    let mut child = kstate(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().unwrap()
}

/// Runs a check on everything, several at a time, and returns what is wrong.
fn of_all<T: Sync>(items: &[T], check: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    const AT_A_TIME: usize = 4;
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(complaint) = check(item) {
                        wrong.lock().unwrap().push(complaint);
                    }
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}
