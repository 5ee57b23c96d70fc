//! What the flags and a configuration file mean together, and that it is followed.

use super::Failure;
use crate::{
    cli::{CheckArgs, ConfigCommand, ExporterArgs, RbacArgs, RenderArgs, ServiceAccount},
    config::{Config, ConfigFile, Finding, Permissions, Rendering, Understood},
    exposition::Format,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How often it is looked whether the file has changed.
const LOOK: Duration = Duration::from_millis(500);
/// A file that stays as it is for so long has been written whole.
const WRITTEN: Duration = Duration::from_millis(100);

/// The flags, and the file that counts more than they do.
pub(super) struct Configuration {
    flags: ExporterArgs,
    file: Option<PathBuf>,
    /// What the file held when it was read last.
    seen: Content,
    /// Whether what was put in force of the file was nothing.
    held_nothing: bool,
}

/// What a file holds, or why it can't be read.
type Content = Result<Vec<u8>, String>;

impl Configuration {
    pub(super) fn new(flags: ExporterArgs) -> Self {
        let file = &flags.file.config;
        let file = (!file.is_empty()).then(|| file.into());
        Self { flags, file, seen: Ok(Vec::new()), held_nothing: true }
    }

    /// The file, and what it held when it was read last.
    pub(super) fn file(&self) -> Option<(&Path, &[u8])> {
        let content = self.seen.as_ref().map_or(&[][..], Vec::as_slice);
        self.file.as_deref().map(|path| (path, content))
    }

    /// What to start with, and whether the file has its part in it. A file that can't be used ends the
    /// start, or is done without where the flags say so.
    pub(super) fn first(&mut self) -> Result<(Config, bool), Failure> {
        self.look();
        match self.understand() {
            Ok(Understood { config, unknown }) => {
                self.held_nothing = is_empty(&self.seen);
                warn(&unknown);
                Ok((config, true))
            }
            Err(findings) if self.file.is_some() && self.flags.file.continue_without_config.0 => {
                let without = Config::try_from(self.flags.clone())?;
                tracing::error!(
                    error = %Finding::first(&findings),
                    "The configuration file can't be used; until it can, the flags count alone."
                );
                Ok((without, false))
            }
            Err(findings) => Err(Finding::first(&findings).into()),
        }
    }

    /// What flags and file mean now.
    pub(super) fn again(&mut self) -> Result<Understood, Failure> {
        self.look();
        let is_empty = is_empty(&self.seen);
        if let Some(path) = self.file.as_deref().filter(|_| is_empty && !self.held_nothing) {
            // As a rule it is being written, or its disk is full.
            return Err(Finding::first(&[Finding::emptied(path)]).into());
        }
        let understood = self.understand().map_err(|findings| Finding::first(&findings))?;
        self.held_nothing = is_empty;
        Ok(understood)
    }

    /// Ends when the file holds something else than when it was read last, and is written no longer.
    pub(super) async fn changed(&self) {
        let Some(path) = &self.file else { return std::future::pending().await };
        let read = async || content(tokio::fs::read(path).await);
        loop {
            tokio::time::sleep(LOOK).await;
            let mut now = read().await;
            while now != self.seen {
                tokio::time::sleep(WRITTEN).await;
                let then = std::mem::replace(&mut now, read().await);
                if now == then {
                    return;
                }
            }
        }
    }

    fn look(&mut self) {
        if let Some(path) = &self.file {
            self.seen = content(fs::read(path));
        }
    }

    fn understand(&self) -> Result<Understood, Vec<Finding>> {
        let Some(path) = &self.file else {
            let config = Config::try_from(self.flags.clone());
            let config = config.map_err(|wrong| vec![Finding::of_flags(wrong.to_string())])?;
            return Ok(Understood { config, unknown: Vec::new() });
        };
        let content = self.seen.as_ref().map_err(|error| vec![Finding::unreadable(path, error)])?;
        let file = ConfigFile { path, content, strict: self.flags.file.strict_config.0 };
        file.over(&self.flags)
    }
}

/// Says what of a configuration has no effect.
pub(super) fn remark(config: &Config) {
    for remark in &config.remarks {
        tracing::warn!("{}", config.origins.in_words_of_the_file(remark));
    }
}

/// Says which keys have no effect.
pub(super) fn warn(unknown: &[Finding]) {
    for finding in unknown {
        tracing::warn!(%finding, "A key of the configuration file has no effect.");
    }
}

fn is_empty(content: &Content) -> bool {
    content.as_ref().is_ok_and(|content| content.trim_ascii().is_empty())
}

fn content(read: io::Result<Vec<u8>>) -> Content {
    read.map_err(|error| error.to_string())
}

/// What `kstate render` was asked for.
pub(super) fn rendering(args: RenderArgs) -> Result<Rendering, Failure> {
    let RenderArgs { files, file, selection, openmetrics } = args;
    let flags = ExporterArgs { file, selection, ..ExporterArgs::default() };
    let (config, _) = Configuration::new(flags).first()?;
    let format = if openmetrics.0 { Format::OPEN_METRICS } else { Format::Text };
    Ok(Rendering { files, selection: config.selection, format })
}

/// What `kstate rbac` was asked for.
pub(super) fn permissions(args: RbacArgs) -> Result<Permissions, Failure> {
    let RbacArgs { service_account, file, selection, replica, access, usage, metrics_api } = args;
    let ServiceAccount { namespace, name: account } = service_account;
    let flags =
        ExporterArgs { file, selection, replica, access, metrics_api, usage, ..ExporterArgs::default() };
    let (config, _) = Configuration::new(flags).first()?;
    let Config { selection, replica, auth_filter: reviews, usage, metrics_api, .. } = config;
    let metrics_api = metrics_api.is_some();
    Ok(Permissions { selection, replica, reviews, usage, metrics_api, namespace, account })
}

/// Runs `kstate config`.
pub(super) fn run(command: ConfigCommand) -> Result<(), Failure> {
    let ConfigCommand::Check(CheckArgs { file: path, strict_config }) = command;
    let content = content(fs::read(&path));
    let content = content.map_err(|error| Finding::first(&[Finding::unreadable(&path, &error)]))?;
    let file = ConfigFile { path: &path, content: &content, strict: strict_config.0 };
    let understood = file.over(&ExporterArgs::default());
    let findings = understood.as_ref().map_or_else(Vec::as_slice, |understood| &understood.unknown);
    for finding in findings {
        super::print_text(&format!("{finding}\n"))?;
    }
    understood.map(drop).map_err(|_| Failure::Found)
}
