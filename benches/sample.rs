//! Pods to measure with: 3,000 of a simulated cluster of 100 nodes.

use kstate::{
    resources::pods::Pod,
    simulator::{Options, Simulator},
    store::{Reader, Writer, store},
    wire::{Context, Field, Fields, decode, envelope},
};
use kube_runtime::watcher::Event;
use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
};

/// The pods in protobuf.
pub(crate) fn pods() -> Vec<Vec<u8>> {
    read().expect("the simulator on this machine answers")
}

/// A store that holds them.
#[allow(dead_code)] // not every benchmark has a store
pub(crate) fn stored(pods: &[Vec<u8>]) -> (Writer<Pod>, Reader<Pod>) {
    let (mut writer, reader) = store();
    let pods =
        pods.iter().map(|pod| decode(pod, &Context::default()).expect("the simulator's pods are sound"));
    writer.apply([Event::Init].into_iter().chain(pods.map(Event::InitApply)).chain([Event::InitDone]));
    (writer, reader)
}

fn read() -> anyhow::Result<Vec<Vec<u8>>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let options = Options { nodes: 100, pods_per_node: 30, updates_per_second: 0.0, ..Options::default() };
    let simulator = runtime.block_on(Simulator::start((Ipv4Addr::LOCALHOST, 0).into(), options))?;
    let mut stream = TcpStream::connect(simulator.address())?;
    // In HTTP/1.0 the body comes as it is and the connection is closed behind it.
    stream.write_all(
        b"GET /api/v1/pods HTTP/1.0\r\nHost: simulator\r\nAccept: application/vnd.kubernetes.protobuf\r\n\r\n",
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    runtime.block_on(simulator.shutdown());
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_default() + 4;
    let mut pods = Vec::new();
    let mut fields = Fields(envelope(&answer[head..])?.1);
    while let Some((number, field)) = fields.next()? {
        if let (2, Field::Bytes(pod)) = (number, field) {
            pods.push(pod.to_vec());
        }
    }
    Ok(pods)
}
