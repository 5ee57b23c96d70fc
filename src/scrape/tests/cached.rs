//! Answers with gzip out of segments that are kept.

use super::*;
use crate::resources::{deployments::Deployment, namespaces::Namespace};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// More than all segments of a test take.
const ROOM: usize = 1 << 26;

/// An object in a state that shows in some of its families.
fn object<K: Resource>(id: usize, state: usize) -> K {
    let json = format!(
        r#"{{"metadata": {{"name": "o{id}", "namespace": "n{}", "uid": "u{id}", "generation": {state}, "creationTimestamp": "2023-11-14T22:13:20Z", "labels": {{"state": "{state}"}}}}, "status": {{"phase": "{}"}}}}"#,
        id % 3,
        ["Active", "Terminating"][state % 2],
    );
    decode_json(json.as_bytes(), &Context::all()).unwrap()
}

fn unpacked(gzip: &[u8]) -> String {
    let mut text = String::new();
    // One member, with nothing behind it.
    let mut decoder = flate2::bufread::GzDecoder::new(gzip);
    decoder.read_to_string(&mut text).unwrap();
    assert!(decoder.into_inner().is_empty());
    text
}

async fn gzip(scraper: &Scraper, query: &str, format: Format) -> (String, Arc<Totals>) {
    let body = scraper.scrape(&Query::parse(query).unwrap(), format, Encoding::Gzip);
    let totals = body.totals();
    (unpacked(&body.collect().await), totals)
}

async fn plain(scraper: &Scraper, query: &str, format: Format) -> String {
    let body = scraper.scrape(&Query::parse(query).unwrap(), format, Encoding::Identity);
    String::from_utf8(body.collect().await).unwrap()
}

/// What there is of pieces and of samples.
fn counts(totals: &Totals) -> (u64, u64) {
    (totals.cache_hits(), totals.cache_misses())
}

#[tokio::test]
async fn what_has_not_changed_is_not_compressed_again() {
    let (mut writer, part) = filled(0..1000);
    let scraper = scraper(vec![part]);
    scraper.keep_compressed(ROOM);
    let (first, totals) = gzip(&scraper, "", Format::Text).await;
    // Three of the four families have samples in each of the sixteen chunks.
    assert_eq!(counts(&totals), (0, 48));
    assert_eq!((totals.samples(), totals.text_bytes()), (4000, first.len() as u64));
    let kept = scraper.kept_compressed();
    assert!(kept > first.len() / 50, "{kept} bytes are kept");

    // The formats differ in their ends only.
    let (second, totals) = gzip(&scraper, "", Format::OPEN_METRICS).await;
    assert_eq!(counts(&totals), (48, 0));
    assert_eq!(second, first + "# EOF\n");
    assert_eq!((totals.samples(), totals.text_bytes()), (4000, second.len() as u64));

    // Labels and phase of one object: two families of one chunk.
    let mut changed = namespace(500);
    changed.metadata.labels = object::<Namespace>(500, 7).metadata.labels;
    changed.status.phase = object::<Namespace>(500, 1).status.phase;
    writer.apply([Event::Apply(changed)]);
    let (third, totals) = gzip(&scraper, "", Format::Text).await;
    assert_eq!(counts(&totals), (46, 2));
    assert_eq!(third, plain(&scraper, "", Format::Text).await);
    assert_eq!(third.matches("\"Terminating\"} 1").count(), 1);
}

#[tokio::test]
async fn other_filters_leave_what_is_kept() {
    let (mut writer, part) = filled(0..200);
    let scraper = scraper(vec![part]);
    scraper.keep_compressed(ROOM);
    let ask = async |query: &str| counts(&gzip(&scraper, query, Format::Text).await.1);
    assert_eq!(ask("family=kube_namespace_created").await, (0, 4));
    assert_eq!(ask("part=1&of=2").await, (4, 4), "the same and labels");
    assert_eq!(ask("part=2&of=2").await, (0, 4), "phases");
    for _ in 0..2 {
        assert_eq!(ask("").await, (12, 0));
        assert_eq!(ask("family=kube_namespace_created").await, (4, 0));
        assert_eq!(ask("part=1&of=2").await, (8, 0));
        assert_eq!(ask("part=2&of=2").await, (4, 0));
        assert_eq!(ask("namespace=n7").await, (0, 0), "objects of a namespace are rendered");
    }
    let kept = scraper.kept_compressed();
    // What is shown to one client only is taken over with the rest.
    let mut changed = namespace(7);
    changed.status.phase = object::<Namespace>(7, 1).status.phase;
    writer.apply([Event::Apply(changed)]);
    assert_eq!(ask("family=kube_namespace_created").await, (4, 0));
    assert_eq!(ask("").await, (11, 1));
    assert!(scraper.kept_compressed().abs_diff(kept) < 100);
}

#[tokio::test]
async fn no_more_is_kept_than_there_is_room_for() {
    let (mut writer, part) = filled(0..2000);
    let scraper = scraper(vec![part]);
    let want = plain(&scraper, "", Format::Text).await;
    let ask = async || gzip(&scraper, "", Format::Text).await;
    assert_eq!(ask().await.0, want);
    assert_eq!(scraper.kept_compressed(), 0, "nothing is kept unless it is said");

    scraper.keep_compressed(10_000);
    let (text, totals) = ask().await;
    assert_eq!(text, want);
    let (kept, made) = (scraper.kept_compressed(), totals.cache_misses());
    // Two threads may each have begun a chunk, of some two thousand bytes, while there was room.
    assert!((10_000..15_000).contains(&kept), "{kept}");
    assert!((9..48).contains(&made), "{made}");
    let (text, totals) = ask().await;
    assert_eq!(text, want);
    assert_eq!(counts(&totals), (made, 0), "those that came first stay");

    writer.apply((0..1990).map(|id| Event::Delete(namespace(id))));
    assert_eq!(ask().await.0, plain(&scraper, "", Format::Text).await);
    assert!(scraper.kept_compressed() < 3_000, "what is gone makes room: {}", scraper.kept_compressed());
    scraper.show(Vec::new());
    assert_eq!(scraper.kept_compressed(), 0);
}

#[tokio::test]
async fn what_nobody_asks_for_is_dropped() {
    let scraper = scraper(vec![filled(0..200).1]);
    scraper.keep_compressed(ROOM);
    gzip(&scraper, "", Format::Text).await;
    (0..4).for_each(|_| scraper.drop_idle());
    assert_eq!(counts(&gzip(&scraper, "", Format::Text).await.1), (12, 0));
    (0..4).for_each(|_| scraper.drop_idle());
    plain(&scraper, "", Format::Text).await;
    scraper.drop_idle();
    assert!(scraper.kept_compressed() < 1000, "little more than headers");
    assert_eq!(counts(&gzip(&scraper, "", Format::Text).await.1), (0, 12));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scrapes_at_the_same_time_share_their_work() {
    let (_writer, part) = filled(0..5000);
    let scraper = Arc::new(scraper(vec![part]));
    scraper.keep_compressed(ROOM);
    let answers = (0..4).map(|_| {
        let scraper = Arc::clone(&scraper);
        tokio::spawn(async move { gzip(&scraper, "", Format::Text).await })
    });
    let answers: Vec<_> = futures::future::join_all(answers).await.into_iter().map(Result::unwrap).collect();
    let (mut hits, mut misses) = (0, 0);
    for (text, totals) in &answers {
        check(text, 5000);
        hits += totals.cache_hits();
        misses += totals.cache_misses();
    }
    let pieces = 3 * 5000_u64.div_ceil(64);
    assert_eq!((hits, misses), (3 * pieces, pieces), "nothing is compressed twice");
}

#[derive(Debug, Clone)]
enum Step {
    Change(BTreeSet<usize>, usize),
    Delete(BTreeSet<usize>),
    Relist(BTreeSet<usize>, usize),
    /// Scrapes that begin one after another and are read in turn.
    Scrape(Vec<(&'static str, bool)>),
    /// Scrapes before and after what follows.
    Open(&'static str),
    Room(usize),
    /// Another choice, from the same stores.
    Choose(usize),
}

const QUERIES: &[&str] = &[
    "",
    "resources=namespaces",
    "family=kube_deployment_*",
    "family=kube_namespace_labels,kube_deployment_labels",
    "part=1&of=2",
    "part=2&of=2",
    "namespace=n1",
    "namespace=o1&part=1&of=3",
];

fn step() -> impl Strategy<Value = Step> {
    let ids = |most| prop::collection::btree_set(0..400_usize, 0..most);
    let query = || prop::sample::select(QUERIES);
    prop_oneof![
        6 => (ids(8), 0..3_usize).prop_map(|(ids, state)| Step::Change(ids, state)),
        2 => ids(150).prop_map(Step::Delete),
        2 => (ids(300), 0..3_usize).prop_map(|(ids, state)| Step::Relist(ids, state)),
        6 => prop::collection::vec((query(), any::<bool>()), 1..4).prop_map(Step::Scrape),
        2 => query().prop_map(Step::Open),
        1 => prop::sample::select(vec![0, 3_000, ROOM]).prop_map(Step::Room),
        1 => (0..3_usize).prop_map(Step::Choose),
    ]
}

/// Two kinds, one of them in two stores.
struct World {
    namespaces: Writer<Namespace>,
    deployments: [Writer<Deployment>; 2],
    parts: (Part<Namespace>, [Part<Deployment>; 2]),
}

fn empty<K: Resource>() -> (Writer<K>, Part<K>) {
    let (mut writer, objects) = store();
    writer.apply([Event::Init, Event::InitDone]);
    (writer.without_versions(), Part { objects, excused: Arc::default() })
}

impl World {
    fn new() -> Self {
        let ((namespaces, part), [one, other]) = (empty(), [empty(), empty()]);
        Self { namespaces, deployments: [one.0, other.0], parts: (part, [one.1, other.1]) }
    }

    fn apply(
        &mut self,
        ids: &BTreeSet<usize>,
        event: impl Fn(usize) -> (Event<Namespace>, Event<Deployment>),
    ) {
        for &id in ids {
            let (namespace, deployment) = event(id);
            self.namespaces.apply([namespace]);
            self.deployments[id % 2].apply([deployment]);
        }
    }

    fn relist(&mut self, ids: &BTreeSet<usize>, state: usize) {
        fn list<K: Resource>(writer: &mut Writer<K>, ids: impl Iterator<Item = usize>, state: usize) {
            let objects = ids.map(|id| Event::InitApply(object(id, state)));
            writer.apply(std::iter::once(Event::Init).chain(objects).chain([Event::InitDone]));
        }
        list(&mut self.namespaces, ids.iter().copied(), state);
        for (at, writer) in self.deployments.iter_mut().enumerate() {
            list(writer, ids.iter().copied().filter(|id| id % 2 == at), state);
        }
    }

    /// What is served by one of three choices.
    fn sources(&self, choice: usize) -> Vec<Arc<dyn Source>> {
        let part =
            |objects: &_, excused: &_| Part { objects: Clone::clone(objects), excused: Arc::clone(excused) };
        let selection = Selection {
            labels: if choice == 0 { Keys::default() } else { Keys::all() },
            current_states_only: choice == 2,
            constant: if choice == 2 { (*b"cluster=\"a\"").into() } else { Box::default() },
            ..Selection::default()
        };
        let selection = Arc::new(selection);
        let (namespaces, deployments) = &self.parts;
        let deployments = deployments
            .iter()
            .map(|Part { objects, excused }| Part { objects: objects.clone(), excused: Arc::clone(excused) });
        let served = move |name: &str| choice != 1 || !name.ends_with("_created");
        vec![
            Arc::new(KindSource::new(
                vec![part(&namespaces.objects, &namespaces.excused)],
                Arc::clone(&selection),
                move |family| served(family.description().name),
            )),
            Arc::new(KindSource::new(deployments.collect(), selection, move |family| {
                served(family.description().name)
            })),
        ]
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever happens, an answer with gzip holds what the plain one does that begins with it.
    #[test]
    fn gzip_is_the_plain_answer_compressed(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let mut world = World::new();
            let budgets = Budgets::new([("deployments".to_owned(), 2_000)], |name| u32::from(name.ends_with('s')));
            let scraper = Scraper::new(world.sources(0), 2);
            scraper.keep_within(&budgets);
            scraper.keep_compressed(ROOM);
            let mut open: Vec<(Body, String)> = Vec::new();
            for step in steps {
                match step {
                    Step::Change(ids, state) => {
                        world.apply(&ids, |id| (Event::Apply(object(id, state)), Event::Apply(object(id, state))));
                    }
                    Step::Delete(ids) => {
                        world.apply(&ids, |id| (Event::Delete(object(id, 0)), Event::Delete(object(id, 0))));
                    }
                    Step::Relist(ids, state) => world.relist(&ids, state),
                    Step::Room(bytes) => scraper.keep_compressed(bytes),
                    Step::Choose(choice) => scraper.show(world.sources(choice)),
                    Step::Open(query) => {
                        let plain = plain(&scraper, query, Format::Text).await;
                        let mut body = scraper.scrape(&Query::parse(query).unwrap(), Format::Text, Encoding::Gzip);
                        let head = body.next().await.unwrap();
                        assert_eq!(head.len(), 10);
                        open.push((body, plain));
                    }
                    Step::Scrape(scrapes) => {
                        scraper.weigh();
                        let format = |open_metrics| if open_metrics { Format::OPEN_METRICS } else { Format::Text };
                        let answers = scrapes.iter().map(async |&(query, open_metrics)| {
                            gzip(&scraper, query, format(open_metrics)).await.0
                        });
                        let answers = futures::future::join_all(answers).await;
                        for ((query, open_metrics), answer) in scrapes.into_iter().zip(answers) {
                            assert_eq!(answer, plain(&scraper, query, format(open_metrics)).await, "{query}");
                        }
                    }
                }
            }
            for (body, plain) in open {
                let gzip = [&super::super::gzip::HEADER[..], &body.collect().await].concat();
                assert_eq!(unpacked(&gzip), plain);
            }
        });
    }
}
