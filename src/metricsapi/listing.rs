//! Which objects are asked for, and what they use.

use super::{
    Objects,
    media::Form,
    object::{List, Metrics, Object},
    path::{GROUP, Group, Kind, Resource, Version, parameter},
    refusal::Refusal,
    table::Table,
    text,
};
use crate::{
    selector::{FieldSelector, LabelSelector, SyntaxError},
    usage::Usage,
    wire::ObjectMeta,
};
use jiff::Timestamp;

/// The objects that a request asks for.
#[derive(Debug)]
pub(super) struct Listing {
    version: Version,
    kind: Kind,
    namespace: Option<String>,
    name: Option<String>,
    labels: LabelSelector,
    fields: FieldSelector,
}

impl Listing {
    pub(super) fn new(of: &Group<'_>, query: &str) -> Result<Self, Refusal> {
        let Group { version, kind, resource: Resource { namespace, name, .. } } = *of;
        let parameter = |name| parameter(query, name).unwrap_or_default();
        let wrong = |error: SyntaxError| Refusal::BadRequest(error.to_string());
        // They select of many, and are of no meaning for one.
        let (labels, fields) = if name.is_some() {
            (LabelSelector::default(), FieldSelector::default())
        } else {
            (
                parameter("labelSelector").parse().map_err(wrong)?,
                parameter("fieldSelector").parse().map_err(wrong)?,
            )
        };
        let known = ["metadata.name", "metadata.namespace"];
        if let Some(unknown) = fields.comparisons().iter().find(|term| !known.contains(&term.field.as_str()))
        {
            let [name, namespace] = known;
            return Err(Refusal::BadRequest(format!(
                "{:?} is not a known field selector: only {name:?}, {namespace:?}",
                unknown.field
            )));
        }
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self { version, kind, namespace: owned(namespace), name: owned(name), labels, fields })
    }

    /// The whole answer.
    pub(super) fn answer(
        &self,
        objects: &dyn Objects,
        usage: &Usage,
        form: Form,
    ) -> Result<Vec<u8>, Refusal> {
        match self.kind {
            Kind::Nodes => {
                let nodes = objects.nodes().ok_or(Refusal::NotReady("nodes"))?;
                let nodes = nodes.iter().flat_map(|snapshot| snapshot.iter().map(|node| &node.metadata));
                self.write(nodes.filter(|metadata| self.chooses(metadata)), form, |metadata| {
                    Some(Metrics::of_node(metadata, usage.node(&metadata.name)?))
                })
            }
            Kind::Pods => {
                let pods = objects.pods().ok_or(Refusal::NotReady("pods"))?;
                let pods = pods.iter().flat_map(|snapshot| snapshot.iter());
                let running = pods.filter(|pod| &*pod.status.phase == "Running");
                let chosen = running.filter(|pod| self.chooses(&pod.metadata));
                self.write(chosen, form, |pod| {
                    let metadata = &pod.metadata;
                    let used = usage.pod(&pod.spec.node_name, &metadata.namespace, &metadata.name)?;
                    Some(Metrics::of_pod(metadata, used))
                })
            }
        }
    }

    fn chooses(&self, metadata: &ObjectMeta) -> bool {
        let field = |field: &str| match field {
            "metadata.name" => &*metadata.name,
            _ => &*metadata.namespace,
        };
        let label =
            |key: &str| metadata.labels.iter().find(|(known, _)| *known == key).map(|(_, value)| value);
        self.namespace.as_deref().is_none_or(|namespace| *metadata.namespace == *namespace)
            && self.name.as_deref().is_none_or(|name| *metadata.name == *name)
            && self.fields.matches(field)
            && self.labels.matches(label)
    }

    fn write<'o, O>(
        &self,
        chosen: impl Iterator<Item = O>,
        form: Form,
        measured: impl Fn(O) -> Option<Metrics<'o>>,
    ) -> Result<Vec<u8>, Refusal> {
        let mut exists = false;
        let measured = chosen.inspect(|_| exists = true).filter_map(measured);
        let mut metrics: Vec<Metrics<'o>> = measured.collect();
        metrics.sort_by(Metrics::order);
        if let (Some(name), []) = (&self.name, metrics.as_slice()) {
            return Err(self.not_found(name, exists));
        }
        let now = text::time(Timestamp::now());
        let json = match (form, metrics.as_slice()) {
            (Form::Table(of_table, included), metrics) => {
                serde_json::to_vec(&Table::new(of_table, included, self.version, self.kind, metrics, &now))
            }
            (Form::Objects, [one]) if self.name.is_some() => {
                serde_json::to_vec(&Object::alone(self.version, self.kind, one, &now))
            }
            (Form::Objects, metrics) => {
                serde_json::to_vec(&List::new(self.version, self.kind, metrics, &now))
            }
        };
        Ok(json.expect("numbers and texts can be written"))
    }

    /// In metrics-server's words: what is not there is another thing than what was not measured.
    fn not_found(&self, name: &str, exists: bool) -> Refusal {
        let (group, kind, name) = match (self.kind, exists) {
            (Kind::Nodes, false) => ("", "node", name.to_owned()),
            (Kind::Nodes, true) => (GROUP, "nodemetrics", name.to_owned()),
            (Kind::Pods, false) => ("", "pods", name.to_owned()),
            (Kind::Pods, true) => {
                let namespace = self.namespace.as_deref().unwrap_or_default();
                (GROUP, "podmetrics", format!("{namespace}/{name}"))
            }
        };
        Refusal::NotFound { group, kind, name }
    }
}
