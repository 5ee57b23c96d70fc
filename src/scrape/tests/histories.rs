//! Random histories: whatever happens, an answer with gzip holds what the plain one holds.

use super::*;
use crate::resources::deployments::Deployment;
use proptest::{
    collection::{btree_set, vec},
    prelude::*,
    sample::{Index, select},
};
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinHandle;

/// As many objects of each kind at most: some chunks in each store.
const IDS: usize = 400;
/// About what all segments of so many objects take.
const ALL: usize = 80_000;

type Ids = BTreeSet<usize>;

/// What happens before all answers are compared again.
#[derive(Debug, Clone)]
enum Step {
    Change(Ids, usize),
    Delete(Ids),
    /// Others under the same names take their places.
    Renew(Ids),
    Relist(Relist),
    /// A scrape begins, which is read on later or never.
    Begin(Ask),
    /// Some pieces are read of one that has begun.
    Read(Index, usize),
    /// Its client is gone.
    Leave(Index),
    /// A scrape is read while the next steps are taken.
    Beside(Ask),
    Room(usize),
    /// It is looked so often for what is idle.
    Idle(usize),
    /// Other families or labels, from the same stores.
    Choose(usize),
    Weigh,
}

/// How what is listed differs from what is there.
#[derive(Debug, Clone)]
struct Relist {
    missing: Ids,
    changed: Ids,
    state: usize,
    renewed: Ids,
    /// In the middle of the list.
    ask: Ask,
}

/// What a client asks for.
#[derive(Debug, Clone, Copy)]
struct Ask {
    query: &'static str,
    format: Format,
}

const QUERIES: &[&str] = &[
    "",
    "resources=namespaces",
    "exclude_resources=namespaces",
    "resources=",
    "family=kube_deployment_*",
    "family=kube_namespace_labels,kube_deployment_labels",
    "family=kube_deployment_created&namespace=n0,n2",
    "family=nothing",
    "part=1&of=2",
    "part=2&of=2",
    "resources=deployments&part=2&of=3",
    "namespace=n1",
    "namespace=o1&part=1&of=3",
];

const FORMATS: &[&str] =
    &["text/plain", "application/openmetrics-text;version=1.0.0", "application/openmetrics-text"];

/// A few at random, or many side by side.
fn ids() -> impl Strategy<Value = Ids> {
    let many = (0..IDS, 0..IDS / 2).prop_map(|(from, count)| (from..IDS.min(from + count)).collect());
    prop_oneof![3 => btree_set(0..IDS, 0..8), 1 => many]
}

fn ask() -> impl Strategy<Value = Ask> {
    (select(QUERIES), select(FORMATS))
        .prop_map(|(query, accept)| Ask { query, format: Format::negotiate(accept) })
}

fn room() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(0), 2 => 1..ALL, 2 => Just(ROOM)]
}

fn step() -> impl Strategy<Value = Step> {
    let state = || 0..3_usize;
    let relist = (ids(), ids(), state(), ids(), ask()).prop_map(|(missing, changed, state, renewed, ask)| {
        Step::Relist(Relist { missing, changed, state, renewed, ask })
    });
    prop_oneof![
        6 => (ids(), state()).prop_map(|(ids, state)| Step::Change(ids, state)),
        2 => ids().prop_map(Step::Delete),
        2 => ids().prop_map(Step::Renew),
        3 => relist,
        2 => ask().prop_map(Step::Begin),
        2 => (any::<Index>(), 1..4_usize).prop_map(|(which, pieces)| Step::Read(which, pieces)),
        1 => any::<Index>().prop_map(Step::Leave),
        3 => ask().prop_map(Step::Beside),
        1 => room().prop_map(Step::Room),
        1 => (1..6_usize).prop_map(Step::Idle),
        1 => (0..3_usize).prop_map(Step::Choose),
        1 => Just(Step::Weigh),
    ]
}

/// Two kinds, one of them in two stores.
struct Cluster {
    namespaces: Writer<Namespace>,
    deployments: [Writer<Deployment>; 2],
    parts: (Part<Namespace>, [Part<Deployment>; 2]),
    there: BTreeMap<usize, Version>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Version {
    birth: usize,
    state: usize,
}

fn empty<K: Resource>() -> (Writer<K>, Part<K>) {
    let (mut writer, objects) = store();
    writer.apply([Event::Init, Event::InitDone]);
    (writer.without_versions(), Part { objects, excused: Arc::default() })
}

impl Cluster {
    fn new() -> Self {
        let ((namespaces, part), [one, other]) = (empty(), [empty(), empty()]);
        let parts = (part, [one.1, other.1]);
        Self { namespaces, deployments: [one.0, other.0], parts, there: BTreeMap::new() }
    }

    fn put(&mut self, id: usize, version: Version) {
        let Version { birth, state } = version;
        self.there.insert(id, version);
        self.namespaces.apply([Event::Apply(object(id, birth, state))]);
        self.deployments[id % 2].apply([Event::Apply(object(id, birth, state))]);
    }

    fn remove(&mut self, id: usize) {
        if let Some(Version { birth, state }) = self.there.remove(&id) {
            self.namespaces.apply([Event::Delete(object(id, birth, state))]);
            self.deployments[id % 2].apply([Event::Delete(object(id, birth, state))]);
        }
    }

    fn list(&mut self, id: usize, version: Version) {
        let Version { birth, state } = version;
        self.there.insert(id, version);
        self.namespaces.apply([Event::InitApply(object(id, birth, state))]);
        self.deployments[id % 2].apply([Event::InitApply(object(id, birth, state))]);
    }

    fn begin_list(&mut self) {
        self.there.clear();
        self.namespaces.apply([Event::Init]);
        self.deployments.iter_mut().for_each(|writer| writer.apply([Event::Init]));
    }

    fn end_list(&mut self) {
        self.namespaces.apply([Event::InitDone]);
        self.deployments.iter_mut().for_each(|writer| writer.apply([Event::InitDone]));
    }

    /// What is served by one of three choices.
    fn sources(&self, choice: usize) -> Vec<Arc<dyn Source>> {
        fn shared<K>(Part { objects, excused }: &Part<K>) -> Part<K> {
            Part { objects: objects.clone(), excused: Arc::clone(excused) }
        }
        let selection = Arc::new(Selection {
            labels: if choice == 0 { Keys::default() } else { Keys::all() },
            current_states_only: choice == 2,
            constant: if choice == 2 { (*b"cluster=\"a\"").into() } else { Box::default() },
            ..Selection::default()
        });
        let served = move |name: &str| choice != 1 || !name.ends_with("_created");
        let (namespaces, deployments) = &self.parts;
        let namespaces = KindSource::new(vec![shared(namespaces)], Arc::clone(&selection), move |family| {
            served(family.description().name)
        });
        let deployments = deployments.iter().map(shared).collect();
        let deployments =
            KindSource::new(deployments, selection, move |family| served(family.description().name));
        vec![Arc::new(namespaces), Arc::new(deployments)]
    }
}

/// An answer with gzip and the plain one of the same time, of which nothing is rendered before it is
/// compared.
struct Pair {
    ask: Ask,
    gzip: Body,
    plain: Body,
    read: Vec<u8>,
}

impl Pair {
    fn begin(scraper: &Scraper, ask: Ask) -> Self {
        let query = Query::parse(ask.query).unwrap();
        let begin = |encoding| scraper.scrape(&query, ask.format, encoding);
        Self { ask, gzip: begin(Encoding::Gzip), plain: begin(Encoding::Identity), read: Vec::new() }
    }

    async fn read(&mut self, pieces: usize) {
        for _ in 0..pieces {
            let Some(piece) = self.gzip.next().await else { return };
            self.read.extend_from_slice(&piece);
        }
    }

    async fn compare(mut self) {
        self.read(usize::MAX).await;
        let (got, totals) = (unpacked(&self.read), self.gzip.totals());
        let want = String::from_utf8(self.plain.collect().await).unwrap();
        if got != want {
            let lengths = (got.len(), want.len());
            let first = got.lines().zip(want.lines()).find(|(got, want)| got != want);
            panic!("{:?}: of {lengths:?} bytes with gzip and plain, {first:?} differ first", self.ask);
        }
        let samples = want.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((totals.samples(), totals.text_bytes()), (samples as u64, want.len() as u64));
        assert_eq!(totals.sent_bytes(), self.read.len() as u64);
    }
}

/// A cluster and the scrapes of it.
struct Scene {
    cluster: Cluster,
    scraper: Scraper,
    begun: Vec<Pair>,
    beside: Vec<JoinHandle<()>>,
}

impl Scene {
    fn new(there: Ids, room: usize, threads: usize) -> Self {
        let mut cluster = Cluster::new();
        for id in there {
            cluster.put(id, Version::default());
        }
        let scraper = Scraper::new(cluster.sources(0), threads);
        scraper.keep_within(&Budgets::new([("deployments".to_owned(), 2_000)], |name| {
            u32::from(name.ends_with('s'))
        }));
        scraper.keep_compressed(room);
        Self { cluster, scraper, begun: Vec::new(), beside: Vec::new() }
    }

    async fn take(&mut self, step: Step) {
        let Self { cluster, scraper, begun, beside } = self;
        match step {
            Step::Change(ids, state) => {
                for id in ids {
                    let known = cluster.there.get(&id).copied().unwrap_or_default();
                    cluster.put(id, Version { state, ..known });
                }
            }
            Step::Delete(ids) => ids.into_iter().for_each(|id| cluster.remove(id)),
            Step::Renew(ids) => {
                for id in ids {
                    let Version { birth, state } = cluster.there.get(&id).copied().unwrap_or_default();
                    cluster.remove(id);
                    cluster.put(id, Version { birth: birth + 1, state });
                }
            }
            Step::Relist(relist) => self.relist(relist).await,
            Step::Begin(ask) => begun.push(Pair::begin(scraper, ask)),
            Step::Read(which, pieces) if !begun.is_empty() => which.get_mut(begun).read(pieces).await,
            Step::Leave(which) if !begun.is_empty() => drop(begun.swap_remove(which.index(begun.len()))),
            Step::Read(..) | Step::Leave(_) => {}
            Step::Beside(ask) => beside.push(tokio::spawn(Pair::begin(scraper, ask).compare())),
            Step::Room(bytes) => scraper.keep_compressed(bytes),
            Step::Idle(times) => (0..times).for_each(|_| scraper.drop_idle()),
            Step::Choose(choice) => scraper.show(cluster.sources(choice)),
            Step::Weigh => drop(scraper.weigh()),
        }
    }

    async fn relist(&mut self, Relist { missing, changed, state, renewed, ask }: Relist) {
        let mut listed = self.cluster.there.clone();
        listed.retain(|id, _| !missing.contains(id));
        for id in changed {
            listed.entry(id).or_default().state = state;
        }
        listed.iter_mut().filter(|(id, _)| renewed.contains(id)).for_each(|(_, version)| version.birth += 1);
        self.cluster.begin_list();
        let half = listed.len() / 2;
        for (at, (id, version)) in listed.into_iter().enumerate() {
            if at == half {
                self.look(&[ask]).await;
            }
            self.cluster.list(id, version);
        }
        self.cluster.end_list();
    }

    /// Compares answers, all of them at the same time.
    async fn look(&self, asks: &[Ask]) {
        let looks: Vec<_> =
            asks.iter().map(|ask| tokio::spawn(Pair::begin(&self.scraper, *ask).compare())).collect();
        for look in looks {
            look.await.unwrap();
        }
    }

    /// Reads what is still open, and returns what served it.
    async fn end(self) -> Scraper {
        for task in self.beside {
            task.await.unwrap();
        }
        for pair in self.begun {
            pair.compare().await;
        }
        self.scraper
    }
}

proptest! {
    // A case takes much longer than others do; PROPTEST_CASES still counts.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 2, ..ProptestConfig::default() })]
    #[test]
    fn gzip_is_the_plain_answer_compressed(
        there in ids(),
        room in room(),
        threads in 1..4_usize,
        rounds in vec((vec(step(), 1..4), vec(ask(), 1..4)), 1..16),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let scraper = runtime.block_on(async {
            let mut scene = Scene::new(there, room, threads);
            for (steps, asks) in rounds {
                for step in steps {
                    scene.take(step).await;
                }
                scene.look(&asks).await;
            }
            scene.end().await
        });
        // What clients left half read is rendered to the end of a piece.
        drop(runtime);
        scraper.show(Vec::new());
        assert_eq!(scraper.kept_compressed(), 0, "what is served no more is kept");
    }
}
