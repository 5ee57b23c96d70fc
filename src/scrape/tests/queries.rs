//! What queries show of a small cluster.

use super::*;
use crate::resources::{deployments::Deployment, leases::Lease, nodes::Node};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Objects of a kind, as `(namespace, name)`.
fn source<K: Resource>(objects: &[(&str, String)]) -> Arc<dyn Source> {
    let (mut writer, reader) = store::<K>();
    let objects = objects.iter().enumerate().map(|(id, (namespace, name))| {
        let json = format!(
            r#"{{"metadata": {{"name": "{name}", "namespace": "{namespace}", "uid": "u{id}", "creationTimestamp": "2023-11-14T22:13:20Z"}}}}"#
        );
        Event::InitApply(decode_json(json.as_bytes(), &Context::all()).unwrap())
    });
    writer.apply(std::iter::once(Event::Init).chain(objects).chain([Event::InitDone]));
    let part = Part { objects: reader, excused: Arc::default() };
    Arc::new(KindSource::<K>::new(vec![part], Arc::default(), |family| !family.description().opt_in))
}

/// So many objects of each kind, one after another in three namespaces.
fn cluster(each: usize) -> Scraper {
    let names = |prefix: &str| (0..each).map(|id| format!("{prefix}{id}")).collect::<Vec<_>>();
    let placed = |prefix| names(prefix).into_iter().zip(["a", "b", "c"].into_iter().cycle());
    let within = |prefix| placed(prefix).map(|(name, namespace)| (namespace, name)).collect::<Vec<_>>();
    let whole = |prefix| names(prefix).into_iter().map(|name| ("", name)).collect::<Vec<_>>();
    let namespaces: Vec<_> = ["a", "b", "c"].map(|name| ("", name.to_owned())).into();
    Scraper::new(
        vec![
            source::<Deployment>(&within("d")),
            source::<Lease>(&within("l")),
            source::<Namespace>(&namespaces),
            source::<Node>(&whole("n")),
        ],
        2,
    )
}

async fn ask(scraper: &Scraper, query: &str, format: Format, encoding: Encoding) -> Vec<u8> {
    scraper.scrape(&Query::parse(query).unwrap(), format, encoding).collect().await
}

async fn shown(scraper: &Scraper, query: &str) -> String {
    String::from_utf8(ask(scraper, query, Format::Text, Encoding::Identity).await).unwrap()
}

/// The samples by family; a family's header must stand in front of them, once.
fn families(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut families: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut family = "";
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("# TYPE ") {
            family = header.split(' ').next().unwrap();
            assert!(families.insert(family, BTreeSet::new()).is_none(), "{family} stands twice");
        } else if !line.starts_with('#') {
            assert_eq!(line.split('{').next().unwrap(), family);
            assert!(families.get_mut(family).unwrap().insert(line), "twice: {line}");
        }
    }
    families
}

#[tokio::test]
async fn families_are_chosen_by_name_or_beginning() {
    let scraper = cluster(200);
    let all = shown(&scraper, "").await;
    let all = families(&all);
    for (query, wanted) in [
        ("family=kube_node_created", &["kube_node_created"][..]),
        ("family=kube_node_created,kube_lease_owner", &["kube_lease_owner", "kube_node_created"]),
        (
            "family=kube_lease_*&family=kube_node_created",
            &["kube_lease_owner", "kube_lease_renew_time", "kube_node_created"],
        ),
        ("family=kube_lease_*&resources=nodes", &[]),
        ("family=kube_node", &[]),
        ("family=unknown", &[]),
    ] {
        let text = shown(&scraper, query).await;
        let chosen = families(&text);
        assert_eq!(chosen.keys().copied().collect::<Vec<_>>(), wanted, "{query}");
        for (family, samples) in chosen {
            assert_eq!(samples, all[family], "{query}");
        }
    }
    assert_eq!(families(&shown(&scraper, "family=*").await), all);
}

#[tokio::test]
async fn a_namespace_has_its_objects_and_itself() {
    let scraper = cluster(200);
    let all = shown(&scraper, "").await;
    let of = |namespaces: &[&str]| -> BTreeSet<String> {
        let labels: Vec<String> = namespaces.iter().map(|name| format!("namespace=\"{name}\"")).collect();
        let samples = all.lines().filter(|line| !line.starts_with('#'));
        samples.filter(|line| labels.iter().any(|label| line.contains(label))).map(str::to_owned).collect()
    };
    for (query, namespaces) in
        [("namespace=b", &["b"][..]), ("namespace=a&namespace=c", &["a", "c"]), ("namespace=c,x", &["c"])]
    {
        let text = shown(&scraper, query).await;
        let got: BTreeSet<String> = families(&text).into_values().flatten().map(str::to_owned).collect();
        assert_eq!(got, of(namespaces), "{query}");
        assert!(text.contains("kube_lease_owner{") && text.contains("kube_namespace_created{"));
        assert!(!text.contains("kube_node_"), "nodes belong to no namespace");
    }
    assert_eq!(shown(&scraper, "namespace=x").await, "", "no headers without objects");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn parts_are_disjoint_and_add_up(
        each in 1_usize..300,
        of in 1_usize..70,
        filter in prop::sample::select(vec!["", "&resources=deployments,nodes", "&namespace=a", "&family=kube_n*"]),
        gzip in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let scraper = cluster(each);
            let encoding = if gzip { Encoding::Gzip } else { Encoding::Identity };
            let whole = shown(&scraper, &filter.replacen('&', "", 1)).await;
            let mut together: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for part in 1..=of {
                let query = format!("part={part}&of={of}{filter}");
                let text = ask(&scraper, &query, Format::OPEN_METRICS, encoding).await;
                let text = if gzip { unpacked(&text) } else { String::from_utf8(text).unwrap() };
                let text = text.strip_suffix("# EOF\n").expect("an end mark");
                for (family, samples) in families(text) {
                    let samples = samples.into_iter().map(str::to_owned).collect();
                    assert!(together.insert(family.to_owned(), samples).is_none(), "{family} is in two parts");
                }
            }
            let together = together.iter().map(|(family, samples)| {
                (family.as_str(), samples.iter().map(String::as_str).collect())
            });
            assert_eq!(together.collect::<BTreeMap<_, _>>(), families(&whole));
        });
    }
}

#[tokio::test]
async fn parts_stay_as_they_are_when_objects_come_and_go() {
    let (few, many) = (cluster(1), cluster(100));
    for part in 1..=3 {
        let query = format!("part={part}&of=3");
        let (few, many) = (shown(&few, &query).await, shown(&many, &query).await);
        assert_eq!(families(&few).keys().collect::<Vec<_>>(), families(&many).keys().collect::<Vec<_>>());
        assert!(families(&few).len() > 10, "the families are dealt out evenly");
    }
}
