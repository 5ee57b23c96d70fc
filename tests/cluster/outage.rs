//! The API server goes away and comes back.

use crate::harness::{
    Cluster, Exporter, ScrapeLoop, assert_settles, difference, generated_pods, load, reference_objects,
};
use std::{net::TcpStream, time::Duration};

const OUTAGE: Duration = Duration::from_secs(30);
/// The longest wait between two attempts is 30 s.
const CAUGHT_UP: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_api_server_takes_nothing_away() {
    let mut cluster = Cluster::start(&[]).await;
    load(&cluster.client().await, reference_objects()).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    assert_settles(&cluster, &exporter, Duration::from_secs(20)).await;

    let before = exporter.scrape().await;
    let scraping = ScrapeLoop::start(&exporter).await;
    cluster.kill_apiserver();
    tokio::time::sleep(OUTAGE).await;
    assert_eq!(difference(&before, &exporter.scrape().await), "", "while the server is away");
    let state = "kstate_resource_state{resource=\"pods\",state=\"failing\"}";
    assert_eq!(exporter.self_metric(state).await, Some(1.0), "the outage is not told of");
    assert!(TcpStream::connect(("127.0.0.1", cluster.port())).is_err(), "the server is not away");

    cluster.start_apiserver().await;
    load(&cluster.client().await, generated_pods(20)).await;
    assert_settles(&cluster, &exporter, CAUGHT_UP).await;
    let seen = scraping.stop().await;
    assert!(seen.scrapes >= 100, "only {} scrapes were made meanwhile", seen.scrapes);
    exporter.stop();
}
