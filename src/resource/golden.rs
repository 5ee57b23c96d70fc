//! Golden pairs: what a kind's objects in `testdata/<kind>.yaml` render to stands in
//! `testdata/<kind>.prom`, byte for byte.

use super::Resource;
use crate::{
    exposition::{Keys, Selection},
    wire::{Atom, Context, Shared, Workload, decode_json},
};
use expect_test::ExpectFile;

/// Renders the objects with every label, annotation and opt-in family selected, compares with the
/// golden file and makes sure that no family is missing, and that none shows the resource version
/// unless the kind says so.
pub(crate) fn check<K: Resource>(objects: &str, golden: &ExpectFile) {
    let selection = Selection { labels: Keys::all(), annotations: Keys::all(), ..Selection::default() };
    let context = K::context(&selection, &Keys::default());
    let later = read::<K>(objects, &context, |metadata| metadata["resourceVersion"] = "4711".into());
    let objects = read::<K>(objects, &context, |_| {});
    assert!(!objects.is_empty(), "the fixture holds no object");
    let text = render(&objects, &selection);
    assert_eq!(render(&later, &selection) != text, K::shows_version(), "another resource version shows");
    golden.assert_eq(&text);
}

fn render<K: Resource>(objects: &[K], selection: &Selection) -> String {
    let (mut out, mut identity) = (Vec::new(), Vec::new());
    for family in K::FAMILIES {
        family.description().write_header(&mut out);
        let mut samples = 0;
        for object in objects {
            identity.clear();
            object.write_identity(&mut identity);
            samples += family.render(object, &identity, selection, &mut out);
        }
        assert!(samples > 0, "no object of the fixture has a sample of {}", family.description().name);
    }
    String::from_utf8(out).expect("only texts are written")
}

/// Reads the documents of a fixture, with a change to the metadata of each.
fn read<K: Resource>(yaml: &str, context: &Context, change: impl Fn(&mut serde_json::Value)) -> Vec<K> {
    let documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(yaml).expect("the fixture is YAML");
    documents
        .into_iter()
        .map(|mut document| {
            change(&mut document["metadata"]);
            let json = serde_json::to_vec(&document).expect("a value is always JSON");
            let mut object: K = decode_json(&json, context).expect("the fixture holds objects of the kind");
            // Which is worked out from other objects.
            let [kind, name, top_kind, top_name] = ["Deployment", "web", "Shop", "main"].map(Atom::new);
            let workload = Workload { kind, name, top_kind, top_name };
            object.metadata_mut().relations.workload = Shared::new(vec![workload]);
            object
        })
        .collect()
}

/// Checks the golden pair of a kind beside the file of the kind.
macro_rules! golden {
    ($kind:ty, $stem:literal) => {
        #[test]
        fn golden() {
            $crate::resource::golden::check::<$kind>(
                include_str!(concat!("testdata/", $stem, ".yaml")),
                &expect_test::expect_file![concat!(
                    env!("CARGO_MANIFEST_DIR"),
                    "/src/resources/testdata/",
                    $stem,
                    ".prom"
                )],
            );
        }
    };
}
pub(crate) use golden;
