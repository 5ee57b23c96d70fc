//! A real cluster's API without its nodes, the exporter as a process, and what stands between them.

mod accounts;
mod api_proxy;
mod cluster;
mod comparison;
mod components;
mod exporter;
mod http;
mod jsonnet;
mod kubeconfig;
mod loading;
mod memory;
mod objects;
mod ports;
mod process;
mod prometheus;
mod promtool;
mod scraping;
mod tcp_proxy;

pub(crate) use accounts::{allow, token};
pub(crate) use api_proxy::ApiProxy;
pub(crate) use cluster::{ADMIN, Cluster, EXPORTER};
pub(crate) use comparison::{
    assert_all_settle, assert_joins_whole, assert_settles, difference, dump, rendered,
};
pub(crate) use components::component;
pub(crate) use exporter::Exporter;
pub(crate) use http::{get, post};
pub(crate) use jsonnet::{evaluate, jsonnet_folder};
pub(crate) use kubeconfig::{Account, write_kubeconfig};
pub(crate) use loading::{Refusal, assert_none_refused, load, write};
pub(crate) use memory::holds;
pub(crate) use objects::{api, api_of, generated_pods, kinds, name_in_path, reference_objects, resources};
pub(crate) use ports::free_port;
pub(crate) use process::Process;
pub(crate) use prometheus::Prometheus;
pub(crate) use promtool::assert_promtool_is_silent;
pub(crate) use scraping::{ScrapeLoop, objects as scraped_objects};
pub(crate) use tcp_proxy::TcpProxy;

use std::time::{Duration, Instant};

/// Asks again until there is an answer; panics with the last reason when that takes too long.
pub(crate) async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut ask: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let started = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(reason) if started.elapsed() > limit => panic!("{what}: not within {limit:?}: {reason}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
