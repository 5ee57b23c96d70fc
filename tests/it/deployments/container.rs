//! An exporter's container as a manifest describes it, and what it takes to run it as a process. Tests
//! of another binary include this file, too.

use kstate::{cli::Cli, config::Config};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

/// What a pod's environment says.
pub(crate) type Environment<'a> = [(&'a str, &'a str)];

/// A container, and the workload that it belongs to.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Container {
    /// What a failure calls it.
    pub(crate) name: String,
    /// The values that kube-state-metrics' chart makes it of.
    pub(crate) values: Option<Value>,
    /// The kind of its workload.
    pub(crate) workload: String,
    pub(crate) args: Vec<String>,
    /// The variables that arguments may name.
    pub(crate) env: Vec<String>,
    pub(crate) ports: BTreeMap<String, u16>,
    pub(crate) probes: Vec<Probe>,
    /// Files of config maps that are mounted.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    /// Ports of proxies beside it, and where they pass requests on to.
    #[serde(default)]
    pub(crate) proxied: BTreeMap<String, u16>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Probe {
    pub(crate) kind: String,
    pub(crate) path: String,
    pub(crate) port: String,
    pub(crate) scheme: String,
}

/// One of the exporter's two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    Main,
    Telemetry,
}

impl Container {
    /// The arguments as the process gets them: with the pod's environment, and with the mounted files,
    /// which are written to a folder.
    pub(crate) fn arguments(&self, folder: &Path, environment: &Environment<'_>) -> Vec<String> {
        let arguments = self.args.iter().map(|argument| {
            let mut argument = argument.clone();
            for (name, value) in environment.iter().filter(|(name, _)| self.env.iter().any(|n| n == name)) {
                argument = argument.replace(&format!("$({name})"), value);
            }
            for (number, (path, text)) in self.files.iter().enumerate() {
                let file = folder.join(number.to_string());
                fs::write(&file, text).unwrap();
                argument = argument.replace(path, file.to_str().unwrap());
            }
            argument
        });
        arguments.collect()
    }

    /// What the arguments mean.
    pub(crate) fn config(arguments: &[String]) -> Config {
        let line = std::iter::once("kstate").chain(arguments.iter().map(String::as_str));
        Config::try_from(Cli::read(line.map(Into::into)).unwrap().exporter).unwrap()
    }

    /// Which of the exporter's ports a probe asks, in the end.
    pub(crate) fn listener(&self, Probe { port: name, scheme, .. }: &Probe, config: &Config) -> Listener {
        let port = match (self.ports.get(name), self.proxied.get(name)) {
            (Some(port), None) if scheme == "HTTP" => *port,
            (None, Some(port)) if scheme == "HTTPS" => *port,
            _ => panic!("{}: there is no port {name} for {scheme}", self.name),
        };
        match port {
            port if port == config.serving.main.1 => Listener::Main,
            port if port == config.serving.telemetry.1 => Listener::Telemetry,
            port => panic!("{}: nothing listens on {port}", self.name),
        }
    }
}
