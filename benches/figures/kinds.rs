//! What an object of each kind holds.

use super::{
    cluster::Cluster,
    memory,
    table::{Table, Unit},
};
use anyhow::Context as _;
use futures::StreamExt as _;
use kstate::{
    catalog::{KINDS, Visitor, visit},
    exposition::{Keys, Selection},
    resource::Resource,
    store::{Reader, Writer, store},
    watch::{Clients, Request, Status, Tuning, informer},
    wire::sweep,
};
use kube_runtime::watcher::Event;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::runtime::Runtime;

/// As many objects of a kind are held at least.
const OBJECTS: usize = 10_000;

/// So many of each kind, but 1,000 nodes and as many namespaces as they need.
const OPTIONS: [&str; 6] = ["--nodes", "1000", "--pods-per-node", "10", "--objects-per-kind", "10000"];

/// The limit of an object, in bytes, with its share of the store.
const LIMIT: f64 = 600.0;

/// Kinds whose families show lists that may be long. They have no limit but what is in the lists.
const LISTS: [&str; 4] = ["endpoints", "endpointslices", "nodes", "pods"];

/// How long reading a kind may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// As many events as the store takes at a time.
const BATCH: usize = 256;

/// Reads each kind from a cluster of its own and counts what its store takes.
pub(super) fn measure(table: &mut Table) -> anyhow::Result<()> {
    let cluster = Cluster::of(&OPTIONS)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let url = format!("http://{}", cluster.address).parse()?;
    let clients = runtime.block_on(Clients::fixed(kube::Config::new(url)))?;
    let mut reading = Reading { runtime, clients };
    // The first to come would also count what connecting takes.
    visit(KINDS[0].names.plural, &mut reading).context("the first kind")??;
    for kind in KINDS {
        let plural = kind.names.plural;
        let Held { objects, each } = visit(plural, &mut reading).context(plural)??;
        let name = format!("live heap per object: {plural}, {objects} of them");
        if LISTS.contains(&plural) {
            table.note(&name, Unit::Bytes.show(each));
        } else {
            table.at_most(&name, each, LIMIT, Unit::Bytes);
        }
    }
    Ok(())
}

struct Reading {
    runtime: Runtime,
    clients: Clients,
}

/// What the objects of a kind hold.
struct Held {
    objects: usize,
    /// Bytes for each.
    each: f64,
}

impl Visitor for Reading {
    type Output = anyhow::Result<Held>;

    fn visit<K: Resource>(&mut self) -> anyhow::Result<Held> {
        sweep();
        let before = memory::allocated()?;
        let mut stores = Vec::new();
        let mut objects = 0;
        // Where the cluster has fewer of a kind, they are read into another store as well.
        while objects < OBJECTS {
            let (writer, reader) = self.read::<K>()?;
            let read = reader.snapshot().map_or(0, |snapshot| snapshot.objects);
            anyhow::ensure!(read > 0, "the simulator has no {}", K::NAMES.plural);
            objects += read;
            stores.push((writer, reader));
        }
        sweep();
        let held = memory::allocated()? - before;
        Ok(Held { objects, each: held / objects as f64 })
    }
}

impl Reading {
    /// All objects of a kind in a store.
    fn read<K: Resource>(&self) -> anyhow::Result<(Writer<K>, Reader<K>)> {
        let (mut writer, reader) = store::<K>();
        let request = Request {
            group: K::NAMES.group.to_owned(),
            version: K::NAMES.version.to_owned(),
            plural: K::NAMES.plural.to_owned(),
            representation: K::REPRESENTATION,
            ..Request::default()
        };
        let context = K::context(&Selection::default(), &Keys::default());
        let status = Arc::new(Status::default());
        let events = informer::<K>(&self.clients, request, context, status, Tuning::default());
        let reading = async {
            let mut batches = pin!(events.ready_chunks(BATCH));
            while let Some(batch) = batches.next().await {
                let whole = batch.iter().any(|event| matches!(event, Event::InitDone));
                writer.apply(batch);
                if whole {
                    break;
                }
            }
        };
        let read = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, reading).await });
        // An informer never gives up, also on a kind that isn't served.
        read.with_context(|| format!("the simulator doesn't list {}", K::NAMES.plural))?;
        Ok((writer, reader))
    }
}
