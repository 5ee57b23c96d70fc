//! What the flags and a configuration file mean together.

use super::Failure;
use crate::{
    cli::{CheckArgs, ConfigCommand, ExporterArgs},
    config::{Config, ConfigFile, Finding, Understood},
};
use std::{fs, path::PathBuf};

/// The flags, and the file that counts more than they do.
pub(super) struct Configuration {
    flags: ExporterArgs,
    file: Option<PathBuf>,
}

impl Configuration {
    pub(super) fn new(flags: ExporterArgs) -> Self {
        let file = &flags.file.config;
        let file = (!file.is_empty()).then(|| file.into());
        Self { flags, file }
    }

    /// What to start with. A file that can't be used ends the start, or is done without where the
    /// flags say so.
    pub(super) fn first(&self) -> Result<Config, Failure> {
        match self.read() {
            Err(findings) if self.flags.file.continue_without_config.0 => {
                let without = Config::try_from(self.flags.clone())?;
                tracing::error!(
                    error = %Finding::first(&findings),
                    "The configuration file can't be used; what the flags say is done without it."
                );
                Ok(without)
            }
            read => read.map_err(|findings| Finding::first(&findings).into()),
        }
    }

    /// What flags and file mean now.
    fn read(&self) -> Result<Config, Vec<Finding>> {
        let Some(path) = &self.file else {
            let config = Config::try_from(self.flags.clone());
            return config.map_err(|wrong| vec![Finding::of_flags(wrong.to_string())]);
        };
        let content = fs::read(path).map_err(|error| vec![Finding::unreadable(path, &error)])?;
        let file = ConfigFile { path, content: &content, strict: self.flags.file.strict_config.0 };
        let Understood { config, unknown } = file.over(&self.flags)?;
        for finding in unknown {
            tracing::warn!(%finding, "A key of the configuration file has no effect.");
        }
        Ok(config)
    }
}

/// Runs `kstate config`.
pub(super) fn run(command: ConfigCommand) -> Result<(), Failure> {
    let ConfigCommand::Check(CheckArgs { file: path, strict_config }) = command;
    let content = fs::read(&path).map_err(|error| Finding::first(&[Finding::unreadable(&path, &error)]))?;
    let file = ConfigFile { path: &path, content: &content, strict: strict_config.0 };
    let understood = file.over(&ExporterArgs::default());
    let findings = understood.as_ref().map_or_else(Vec::as_slice, |understood| &understood.unknown);
    for finding in findings {
        super::print_text(&format!("{finding}\n"))?;
    }
    understood.map(drop).map_err(|_| Failure::Found)
}
