//! Objects of all kinds on their way into stores.

use crate::{
    app::{
        relations::{Partial, renewed},
        threads,
    },
    catalog::{self, Visitor},
    config::Choice,
    exposition::{Keys, Selection},
    relations::{self, Known, Says},
    resource::{Names, Resource},
    scrape::{KindSource, Part, Scraper, Source},
    store::{Reader, Writer, store},
    top::{Held, Holder},
    wire::{Context, DecodeError, decode_json},
};
use kube_runtime::watcher::Event;
use serde::Deserialize;
use std::{any::Any, collections::HashMap, sync::Arc};

/// What became of an object.
pub(in crate::app) enum Outcome {
    /// It is rendered, or left out because it is not selected.
    Taken,
    /// Its kind has no metrics.
    Unknown,
    /// It can't be read.
    Broken(DecodeError),
}

/// A store for every kind.
pub(in crate::app) struct Sinks {
    kinds: Vec<(Names, Option<Box<dyn Sink>>)>,
    /// What the objects say of each other; `None` where that is not asked for.
    known: Option<Known>,
    /// Whose labels are read for that.
    namespaces: Context,
    nodes: Context,
}

impl Sinks {
    pub(in crate::app) fn new(choice: &Choice) -> Self {
        let selected = |names: Names| choice.kinds.iter().any(|kind| kind.names == names);
        let sinks = catalog::KINDS.iter().map(|kind| {
            let mut open = Open { choice };
            let sink = selected(kind.names).then(|| catalog::visit(kind.names.plural, &mut open)).flatten();
            (kind.names, sink)
        });
        let needs = choice.needs();
        let labels = |labels| Context { labels, annotations: Keys::default() };
        Self {
            kinds: sinks.collect(),
            known: choice.relates().then(Known::default),
            namespaces: labels(needs.namespaces),
            nodes: labels(needs.nodes),
        }
    }

    pub(in crate::app) fn add(&mut self, api_version: &str, kind: &str, json: &str) -> Outcome {
        if let Some(known) = &mut self.known {
            let (says, context) = match (api_version, kind) {
                ("v1", "Namespace") => (Says::Namespace, &self.namespaces),
                ("v1", "Node") => (Says::Node, &self.nodes),
                _ => (Says::Owner, &Context::default()),
            };
            // What can't be read is said below.
            if let Ok(Partial { metadata }) = decode_json(json.as_bytes(), context) {
                known.put(says, relations::Source(0), metadata);
            }
        }
        let found =
            self.kinds.iter_mut().find(|(names, _)| names.kind == kind && names.api_version() == api_version);
        match found {
            None => Outcome::Unknown,
            Some((_, None)) => Outcome::Taken,
            Some((_, Some(sink))) => match sink.add(json.as_bytes()) {
                Ok(()) => Outcome::Taken,
                Err(error) => Outcome::Broken(error),
            },
        }
    }

    pub(super) fn finish(self) -> Scraper {
        let known = self.known.as_ref();
        let sources = self.kinds.into_iter().filter_map(|(_, sink)| Some(sink?.finish(known)));
        Scraper::new(sources.collect(), threads::own())
    }
}

impl Sinks {
    /// All objects were added: they can be seen from now on.
    pub(in crate::app) fn complete(&mut self) {
        for sink in self.kinds.iter_mut().filter_map(|(_, sink)| sink.as_mut()) {
            sink.complete();
        }
    }
}

impl Holder for Sinks {
    fn held<K: Resource>(&self) -> Option<Held<K>> {
        let (_, sink) = self.kinds.iter().find(|(names, _)| *names == K::NAMES)?;
        let objects: &Objects<K> = (sink.as_deref()? as &dyn Any).downcast_ref()?;
        Some(Held { snapshots: vec![objects.reader.snapshot()?], labels: objects.context.labels.clone() })
    }
}

trait Sink: Any {
    fn add(&mut self, json: &[u8]) -> Result<(), DecodeError>;
    fn complete(&mut self);
    fn finish(self: Box<Self>, known: Option<&Known>) -> Arc<dyn Source>;
}

struct Open<'a> {
    choice: &'a Choice,
}

impl Visitor for Open<'_> {
    type Output = Box<dyn Sink>;

    fn visit<K: Resource>(&mut self) -> Box<dyn Sink> {
        let (mut writer, reader) = store::<K>();
        writer.apply([Event::Init]);
        let selection = Arc::new(self.choice.selection::<K>());
        let context = self.choice.context::<K>();
        Box::new(Objects {
            writer,
            reader,
            context,
            selection,
            choice: self.choice.clone(),
            listed: HashMap::new(),
        })
    }
}

struct Objects<K: Resource> {
    writer: Writer<K>,
    reader: Reader<K>,
    context: Context,
    selection: Arc<Selection>,
    choice: Choice,
    /// Objects of each list, as a server would have them.
    listed: HashMap<String, u64>,
}

/// What must be known of an object to choose it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Placed {
    spec: Placement,
}

/// The same of its metadata.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Identified {
    metadata: Identity,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Identity {
    namespace: Option<String>,
    uid: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Placement {
    node_name: String,
}

impl<K: Resource> Sink for Objects<K> {
    fn add(&mut self, json: &[u8]) -> Result<(), DecodeError> {
        // What can't be read is empty: an object that is malformed is at least chosen by one shard.
        let Identified { metadata } = serde_json::from_slice(json).unwrap_or_default();
        let (namespace, uid) = (metadata.namespace.unwrap_or_default(), metadata.uid.unwrap_or_default());
        let scope = &self.choice.scope;
        let placed: Placed = if scope.node.is_some() {
            serde_json::from_slice(json).unwrap_or_default()
        } else {
            Placed::default()
        };
        if !scope.covers(K::NAMES, &namespace, &placed.spec.node_name) {
            return Ok(());
        }
        if let Some(limit) = scope.limit {
            // Each namespace that is named has a list of its own.
            let apart = K::NAMES.namespaced && !scope.namespaces.is_empty();
            let listed = self.listed.entry(if apart { namespace } else { String::new() }).or_default();
            *listed += 1;
            if *listed > limit {
                return Ok(());
            }
        }
        if scope.shard.keeps(&uid) {
            let object: K = decode_json(json, &self.context)?;
            self.writer.apply([Event::InitApply(object)]);
        }
        Ok(())
    }

    fn complete(&mut self) {
        self.writer.apply([Event::InitDone]);
    }

    fn finish(mut self: Box<Self>, known: Option<&Known>) -> Arc<dyn Source> {
        self.complete();
        if let Some(known) = known {
            let rules = self.choice.rules::<K>();
            let chunks = 0..self.writer.chunks();
            self.writer.renew(chunks, &mut |object| renewed(known, &rules, object, &mut |_| {}));
        }
        let part = Part { objects: self.reader, excused: Arc::default() };
        let choice = self.choice;
        Arc::new(KindSource::new(vec![part], self.selection, |family| choice.serves(family.description())))
    }
}
