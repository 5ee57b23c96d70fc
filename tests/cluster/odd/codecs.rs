//! Both codecs read the same from what the API server answers in both encodings.

use super::population::BREEDS;
use http::{Request, header::ACCEPT};
use http_body_util::BodyExt as _;
use kstate::{
    catalog::{KINDS, Kind, Visitor, visit},
    resource::Resource,
    wire::{Context, Fields, decode, decode_json, envelope},
};
use kube::{Client, client::Body};
use serde_json::Value;

/// As many differing lines as a failure shows.
const SHOWN: usize = 20;

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
/// `ConfigMaps` are read without their data.
const METADATA: &str = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// Reads all objects in both encodings and compares the lean objects.
pub(super) async fn assert_codecs_agree(client: &Client) {
    for kind in KINDS {
        let binary = if kind.names.plural == "configmaps" { METADATA } else { PROTOBUF };
        let protobuf = list(client, kind, binary).await;
        let json: Value = serde_json::from_slice(&list(client, kind, "application/json").await).unwrap();
        let mut agreement = Agreement { protobuf: items(&protobuf), json: json["items"].as_array().unwrap() };
        visit(kind.names.plural, &mut agreement).unwrap();
    }
}

async fn list(client: &Client, kind: &Kind, accept: &str) -> Vec<u8> {
    let root = if kind.names.group.is_empty() { "/api" } else { "/apis" };
    let path = format!("{root}/{}/{}", kind.names.api_version(), kind.names.plural);
    let request = Request::get(path).header(ACCEPT, accept).body(Body::empty()).unwrap();
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status(), 200, "{}", kind.names.plural);
    answer.into_body().collect().await.unwrap().to_bytes().to_vec()
}

/// The objects of a list.
fn items(body: &[u8]) -> Vec<&[u8]> {
    let (_, list) = envelope(body).unwrap();
    let mut fields = Fields(list);
    let mut items = Vec::new();
    while let Some((number, field)) = fields.next().unwrap() {
        if number == 2 {
            items.push(field.bytes().unwrap());
        }
    }
    items
}

struct Agreement<'a> {
    protobuf: Vec<&'a [u8]>,
    json: &'a [Value],
}

impl Visitor for Agreement<'_> {
    type Output = ();

    fn visit<K: Resource>(&mut self) {
        let plural = K::NAMES.plural;
        let breed = BREEDS.iter().find(|breed| breed.plural == plural);
        let least = breed.unwrap_or_else(|| panic!("BREEDS lacks {plural}")).count / 2;
        assert_eq!(self.protobuf.len(), self.json.len(), "{plural}: the lists are of different length");
        assert!(self.json.len() >= least, "{plural}: {} objects are too few", self.json.len());
        let context = Context::all();
        for (protobuf, json) in self.protobuf.iter().zip(self.json) {
            // The API server renews its own lease, maybe between both answers.
            let name = json["metadata"]["name"].as_str().unwrap();
            if plural == "leases" && name.starts_with("apiserver-") {
                continue;
            }
            let text = json.to_string();
            let from_json = decode_json::<K>(text.as_bytes(), &context);
            let from_protobuf = decode::<K>(protobuf, &context);
            let (Ok(from_protobuf), Ok(from_json)) = (&from_protobuf, &from_json) else {
                panic!("{plural} {name}: {:?}, {:?}\n{text}", from_protobuf.err(), from_json.err());
            };
            if from_protobuf != from_json {
                let (left, right) = (format!("{from_protobuf:#?}"), format!("{from_json:#?}"));
                let lines = left.lines().zip(right.lines()).filter(|(left, right)| left != right).take(SHOWN);
                let lines: Vec<String> =
                    lines.map(|(left, right)| format!("- {left}\n+ {right}\n")).collect();
                panic!("{plural} {name}: protobuf (-) and JSON (+) differ:\n{}{text}", lines.concat());
            }
        }
    }
}
