//! What `kstate top` is asked.

use super::Origin;
use crate::{
    cli::{List, TopArgs, TopFormat, UsageError},
    top::{Query, Sort, View},
};
use std::{path::PathBuf, time::Duration};

/// `kstate top`.
#[derive(Debug, Clone)]
pub struct Asking {
    /// What is asked about.
    pub view: View,
    /// What of it.
    pub query: Query,
    /// Whether the namespaces are those that were named, or all; otherwise the context's is meant where
    /// there is one.
    pub everywhere: bool,
    /// Where the answer comes from.
    pub from: TopSource,
    /// How long it may take.
    pub timeout: Duration,
    /// How rows are shown.
    pub format: TopFormat,
    /// Whether titles are.
    pub titles: bool,
    /// How long is waited between two questions; `None` where there is only one.
    pub again: Option<Duration>,
}

/// Where an answer comes from.
#[derive(Debug, Clone)]
pub enum TopSource {
    /// A cluster.
    Cluster {
        /// The kubeconfig; `None` for that of kubectl.
        kubeconfig: Option<PathBuf>,
        /// Its context; `None` for the current one.
        context: Option<String>,
    },
    /// An exporter.
    Exporter {
        /// Its URL.
        url: http::Uri,
        /// A file with a token for it.
        token_file: Option<PathBuf>,
        /// Whether any certificate is taken for its own.
        any_certificate: bool,
    },
    /// Files, `-` for standard input.
    Files(Vec<PathBuf>),
}

impl TryFrom<TopArgs> for Asking {
    type Error = UsageError;

    fn try_from(args: TopArgs) -> Result<Self, UsageError> {
        let view: View = args.view.parse().map_err(|error| UsageError::new(format!("{error}")))?;
        let wrong = |flag: &str, error: &dyn std::fmt::Display| UsageError::new(format!("{flag}: {error}"));
        let namespaces: Vec<String> = List::all(&args.namespace).map(str::to_owned).collect();
        if args.all_namespaces.0 && !namespaces.is_empty() {
            return Err(UsageError::new("--namespace and --all-namespaces exclude each other"));
        }
        super::names::namespaces("--namespace", &namespaces)?;
        let query = Query {
            names: args.names,
            labels: args.selector.parse().map_err(|error| wrong("--selector", &error))?,
            fields: args.field_selector.parse().map_err(|error| wrong("--field-selector", &error))?,
            problems: args.problems.0,
            group: args.by.map(|by| by.parse()).transpose().map_err(|error| wrong("--by", &error))?,
            sort: Sort::parse(&args.sort_by).map_err(|error| wrong("--sort-by", &error))?,
            span: args.span.map(|span| span.0),
            skip: 0,
            limit: Some(args.limit).filter(|limit| *limit > 0),
            namespaces,
        };
        let origins = args.from.iter().map(|from| from.parse()).collect::<Result<Vec<Origin>, _>>()?;
        let from = match &*origins {
            [] => TopSource::Cluster { kubeconfig: args.kubeconfig, context: args.context },
            [Origin::Url(url)] => TopSource::Exporter {
                url: url.clone(),
                token_file: args.bearer_token_file,
                any_certificate: args.insecure_skip_tls_verify.0,
            },
            several => {
                let file = |origin: &Origin| match origin {
                    Origin::Url(url) => Err(UsageError::new(format!(
                        "--from: {url} can't be read together with something else"
                    ))),
                    Origin::File(path) => Ok(path.clone()),
                    Origin::Input => Ok("-".into()),
                };
                TopSource::Files(several.iter().map(file).collect::<Result<_, _>>()?)
            }
        };
        if args.watch.0 && matches!(&from, TopSource::Files(_)) {
            return Err(UsageError::new("--watch is of no use with files"));
        }
        Ok(Self {
            view,
            everywhere: args.all_namespaces.0,
            query,
            from,
            timeout: args.timeout.0,
            format: args.output,
            titles: !args.no_headers.0,
            again: args.watch.0.then_some(args.interval.0),
        })
    }
}
