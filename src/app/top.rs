//! `kstate top`: questions answered from a cluster, an exporter or files.

mod cluster;
mod exported;
mod exporter;
mod files;
mod metered;
mod page;

pub(super) use exported::Exported;

use super::{Failure, threads};
use crate::{
    cli::TopFormat,
    config::{Asking, TopSource},
    top::Received,
    wire::Timestamp,
};
use cluster::Cluster;
use exporter::Exporter;
use page::Terminal;
use std::{
    io::{self, Write as _},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Answers a question, or the same one again and again.
pub(super) fn run(mut asking: Asking) -> Result<(), Failure> {
    threads::block_on(threads::usual(), async {
        let source = tokio::time::timeout(asking.timeout, Source::open(&mut asking));
        let source = source.await.map_err(|_| overdue(&asking))??;
        let Some(interval) = asking.again else {
            let answer = source.answer(&asking).await?;
            return print(&asking, answer);
        };
        let terminal = Terminal::of_output();
        loop {
            // One that fails now may answer later; what it has shown stays.
            match source.answer(&asking).await {
                Ok(answer) => redraw(&asking, &answer, &terminal)?,
                Err(Failure::Usage(wrong)) => return Err(Failure::Usage(wrong)),
                Err(failure) => eprintln!("kstate: {failure}"),
            }
            tokio::time::sleep(interval.max(SHORTEST)).await;
        }
    })
}

/// The least time between two questions.
const SHORTEST: Duration = Duration::from_millis(100);

/// Where answers come from.
enum Source {
    Cluster(Box<Cluster>),
    Exporter(Exporter),
    Files(Box<files::Files>),
}

impl Source {
    async fn open(asking: &mut Asking) -> Result<Self, Failure> {
        Ok(match asking.from.clone() {
            TopSource::Cluster { kubeconfig, context } => {
                Self::Cluster(Box::new(Cluster::open(asking, kubeconfig, context).await?))
            }
            TopSource::Exporter { url, token_file, any_certificate } => {
                Self::Exporter(Exporter::new(&url, token_file.as_deref(), any_certificate)?)
            }
            TopSource::Files(files) => Self::Files(Box::new(files::Files::read(asking.view, &files)?)),
        })
    }

    async fn answer(&self, asking: &Asking) -> Result<Received, Failure> {
        match self {
            Self::Cluster(cluster) => cluster.answer(asking).await,
            Self::Exporter(exporter) => {
                let answer = exporter.answer(asking.view, &asking.query);
                tokio::time::timeout(asking.timeout, answer).await.map_err(|_| overdue(asking))?
            }
            Self::Files(files) => files.answer(asking.view, &asking.query),
        }
    }
}

fn overdue(asking: &Asking) -> Failure {
    let seconds = asking.timeout.as_secs_f64();
    Failure::Runtime(anyhow::anyhow!("there is no answer after {seconds} s; --timeout allows more"))
}

/// Writes an answer to standard output, and to standard error what it lacks.
fn print(asking: &Asking, answer: Received) -> Result<(), Failure> {
    for line in remarks(&answer) {
        eprintln!("kstate: {line}");
    }
    let mut out = Vec::new();
    let written = match asking.format {
        TopFormat::Table | TopFormat::Wide => {
            if answer.rows.is_empty() {
                eprintln!("{}", nothing(asking));
            }
            let text = page::table(&answer, asking, &Terminal::of_output());
            out.write_all(text.as_bytes())
        }
        TopFormat::Json => answer.write(asking.query.group, &mut out),
        TopFormat::Yaml => page::yaml(answer, asking.query.group, &mut out),
        TopFormat::Csv => page::csv(&answer, asking.titles, &mut out),
    };
    let stdout = &mut io::stdout();
    super::finish(written.and_then(|()| stdout.write_all(&out)).and_then(|()| stdout.flush()))
}

/// Shows an answer in the place of the one before.
fn redraw(asking: &Asking, answer: &Received, terminal: &Terminal) -> Result<(), Failure> {
    let mut text = String::new();
    let table = page::table(answer, asking, terminal);
    if terminal.is_one {
        let remarks = remarks(answer).map(|line| format!("kstate: {line}"));
        let lines: Vec<String> = table.lines().map(str::to_owned).chain(remarks).collect();
        // From the upper left corner, line by line, then nothing below.
        text.push_str("\x1b[H");
        let room = usize::from(terminal.height.saturating_sub(1)).max(1);
        for line in lines.iter().take(room) {
            text.push_str(line);
            text.push_str("\x1b[K\n");
        }
        text.push_str("\x1b[J");
    } else {
        text.push_str(&table);
    }
    let stdout = &mut io::stdout();
    super::finish(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// What someone should know who reads an answer.
fn remarks(answer: &Received) -> impl Iterator<Item = String> {
    let lacks = (!answer.lacks.is_empty()).then(|| {
        let kinds = answer.lacks.join(", ");
        format!("{kinds} are not read: what they would tell is missing.")
    });
    lacks.into_iter().chain(answer.notes.iter().cloned())
}

fn nothing(asking: &Asking) -> String {
    let what = asking.view.name();
    let place = match &*asking.query.namespaces {
        [] => String::new(),
        namespaces => format!(" in {}", namespaces.join(", ")),
    };
    if asking.query.problems {
        format!("No problems with {what}{place}.")
    } else {
        format!("No {what} found{place}.")
    }
}

/// This moment.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// What is wrong with a question.
impl From<crate::top::Wrong> for Failure {
    fn from(wrong: crate::top::Wrong) -> Self {
        Self::usage(wrong.to_string())
    }
}
