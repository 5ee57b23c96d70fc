//! Which build of the program this is.

use prometheus_client::metrics::info::Info;

/// This build. Who builds the program names branch and revision in the environment of the compiler,
/// as `KSTATE_BRANCH` and `KSTATE_REVISION`; they are empty otherwise.
pub const BUILD: Build = Build {
    version: env!("CARGO_PKG_VERSION"),
    branch: text(option_env!("KSTATE_BRANCH")),
    revision: text(option_env!("KSTATE_REVISION")),
    system: std::env::consts::OS,
    architecture: architecture(std::env::consts::ARCH),
};

/// A build of the program.
#[derive(Debug, Clone, Copy)]
pub struct Build {
    /// The program's version.
    pub version: &'static str,
    /// The branch that it was built from, empty where nobody said.
    pub branch: &'static str,
    /// The commit likewise.
    pub revision: &'static str,
    /// The operating system, as Go calls it.
    pub system: &'static str,
    /// The processor, as Go calls it.
    pub architecture: &'static str,
}

impl Build {
    /// The labels of `kube_state_metrics_build_info`.
    pub(super) fn info(&self) -> Info<Vec<(&'static str, &'static str)>> {
        Info::new(vec![
            ("branch", self.branch),
            ("goarch", self.architecture),
            ("goos", self.system),
            ("goversion", ""),
            ("revision", self.revision),
            ("tags", ""),
            ("version", self.version),
            ("client_go_version", ""),
        ])
    }
}

const fn text(given: Option<&'static str>) -> &'static str {
    match given {
        Some(given) => given,
        None => "",
    }
}

const fn architecture(rust: &'static str) -> &'static str {
    match rust.as_bytes() {
        b"x86_64" => "amd64",
        b"aarch64" => "arm64",
        _ => rust,
    }
}
