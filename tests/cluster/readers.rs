//! Answers with gzip, read by the programs that people read them with.

use crate::harness::{Exporter, assert_promtool_is_silent, component};
use flate2::bufread::GzDecoder;
use std::{collections::HashSet, fs, io::Read as _, path::PathBuf, process::Command, time::Duration};
use tempfile::TempDir;

/// Between two scrapes of a cluster that changes.
const PAUSE: Duration = Duration::from_millis(100);

const FORMATS: [&str; 3] = [
    "text/plain;version=0.0.4",
    "application/openmetrics-text;version=1.0.0",
    "application/openmetrics-text;version=0.0.1",
];

/// Everything, some of it in each way, and nothing.
const PAGES: [&str; 7] = [
    "/metrics",
    "/metrics?family=kube_pod_info,kube_node_*",
    "/metrics?namespace=kube-system",
    "/metrics?exclude_resources=pods",
    "/metrics?part=2&of=3",
    "/metrics?family=kube_pod_status_*&part=1&of=2",
    "/metrics?resources=",
];

/// Each file is one member as two modules read it, of which the first would go on with another member.
const PYTHON: &str = r#"
import gzip, sys, zlib
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        packed = file.read()
    with gzip.open(path) as file:
        text = file.read()
    member = zlib.decompressobj(wbits=31)
    assert member.decompress(packed) == text, f"{path}: the modules differ"
    assert member.eof and not member.unused_data, f"{path}: {len(member.unused_data)} bytes too many"
    sys.stdout.buffer.write(text)
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_reader_finds_the_plain_text_in_gzip() {
    for kept in ["256Mi", "30Ki", "0"] {
        let kept = format!("--gzip-cache-size={kept}");
        // Nothing changes, so that answers can be compared.
        let exporter = Exporter::start_demonstration(&["--updates-per-second=0", &kept]).await;
        let mut answers = Answers::new();
        for format in FORMATS {
            let mut plain = Vec::new();
            for page in PAGES {
                let text = exporter.get(page, &[("accept", format)]).await.body;
                // What is compressed for it, and what is kept since, if anything is.
                for _ in 0..2 {
                    assert!(answers.ask(&exporter, format, page).await == *text, "{kept} {format} {page}");
                }
                plain.extend_from_slice(&text);
            }
            assert!(plain.len() > 1_000_000 && plain.ends_with(b"# EOF\n") == (format != FORMATS[0]));
            let urls = PAGES.map(|page| exporter.url(page));
            let accept = format!("Accept: {format}");
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--show-error", "--fail", "--compressed", "--header", &accept]);
            assert_prints(curl.args(&urls), &plain);
            for how in ["prometheus", "net/http"] {
                assert_prints(go(how).arg(format).args(&urls), &plain);
            }
        }
        answers.assert_read();
        let [hits, misses] = ["hits", "misses"].map(|what| format!("kstate_gzip_cache_{what}_total"));
        let count = async |name: &str| exporter.self_metric(name).await.unwrap();
        let (hits, misses) = (count(&hits).await, count(&misses).await);
        assert_eq!((hits > 0.0, misses > 0.0), (!kept.ends_with("=0"), !kept.ends_with("=0")), "{kept}");
        exporter.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reader_takes_the_answers_of_a_cluster_that_changes() {
    let exporter =
        Exporter::start_demonstration(&["--updates-per-second=300", "--gzip-cache-size=100Ki"]).await;
    let mut answers = Answers::new();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for round in 0..30 {
        let format = FORMATS[round % FORMATS.len()];
        last = answers.ask(&exporter, format, PAGES[0]).await;
        answers.ask(&exporter, format, PAGES[round % PAGES.len()]).await;
        if round == 0 {
            first.clone_from(&last);
        }
        tokio::time::sleep(PAUSE).await;
    }
    answers.assert_read();
    let lines = |text| String::from_utf8(text).unwrap().lines().map(str::to_owned).collect::<HashSet<_>>();
    assert_promtool_is_silent(&String::from_utf8(last.clone()).unwrap());
    let (first, last) = (lines(first), lines(last));
    assert!(first.symmetric_difference(&last).count() > 100, "hardly anything has changed");
    exporter.stop();
}

/// Answers with gzip as they came.
struct Answers {
    folder: TempDir,
    files: Vec<PathBuf>,
    /// Of all of them.
    text: Vec<u8>,
}

impl Answers {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), files: Vec::new(), text: Vec::new() }
    }

    /// Asks for a page with gzip, keeps the answer and returns its text.
    async fn ask(&mut self, exporter: &Exporter, format: &str, page: &str) -> Vec<u8> {
        let answer = exporter.get(page, &[("accept", format), ("accept-encoding", "gzip")]).await;
        assert_eq!(answer.headers["content-encoding"], "gzip", "{page}");
        let file = self.folder.path().join(format!("{}.gz", self.files.len()));
        fs::write(&file, &answer.body).unwrap();
        self.files.push(file);
        let mut text = Vec::new();
        GzDecoder::new(&*answer.body)
            .read_to_end(&mut text)
            .unwrap_or_else(|error| panic!("{page}: {error}"));
        self.text.extend_from_slice(&text);
        text
    }

    /// Has all of them read by programs that are given files.
    fn assert_read(&self) {
        assert_prints(Command::new("gzip").arg("--test").args(&self.files), b"");
        assert_prints(Command::new("gzip").args(["--decompress", "--stdout"]).args(&self.files), &self.text);
        assert_prints(Command::new("python3").args(["-c", PYTHON]).args(&self.files), &self.text);
        for how in ["compress/gzip", "klauspost"] {
            assert_prints(go(how).args(&self.files), &self.text);
        }
    }
}

/// One of the readers written in Go.
fn go(how: &str) -> Command {
    let mut command = Command::new(component("readers"));
    command.arg(how);
    command
}

/// Panics unless a program prints this, complains of nothing and ends well.
fn assert_prints(command: &mut Command, text: &[u8]) {
    let name =
        format!("{} {}", command.get_program().display(), command.get_args().next().unwrap().display());
    let output = command.output().unwrap_or_else(|error| panic!("{name}: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaint.is_empty(),
        "{name} ended with {}: {complaint}",
        output.status
    );
    assert!(output.stdout == text, "{name} printed {} bytes, not the {}", output.stdout.len(), text.len());
}
