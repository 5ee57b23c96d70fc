//! Answers from what an exporter reads.

use super::now;
use crate::{
    app::running::RunningKinds,
    server::Top,
    top::{Answer, Facts, NoUsage, Query, View, Wrong, answer},
};
use std::sync::Arc;

/// Answers from what an exporter reads.
pub(in crate::app) struct Exported {
    kinds: Arc<RunningKinds>,
}

impl Exported {
    pub(in crate::app) fn new(kinds: Arc<RunningKinds>) -> Self {
        Self { kinds }
    }
}

impl Top for Exported {
    fn answer(&self, view: View, query: &Query) -> Result<Answer, Wrong> {
        let facts = Facts::gather(view, &*self.kinds, Arc::new(NoUsage));
        let mut answer = answer(view, query, &facts, now())?;
        let scope = self.kinds.choice().scope;
        if scope.shard.total > 1 {
            answer.notes.push(format!("This exporter has shard {} only.", scope.shard));
        }
        if !scope.namespaces.is_empty() {
            let namespaces = scope.namespaces.join(", ");
            answer.notes.push(format!("This exporter reads the namespaces {namespaces} only."));
        }
        if !scope.denied.is_empty() {
            let namespaces = scope.denied.join(", ");
            answer.notes.push(format!("This exporter leaves out the namespaces {namespaces}."));
        }
        match scope.node.as_deref() {
            None => {}
            Some("") => answer.notes.push("This exporter reads the pods without a node only.".to_owned()),
            Some(node) => answer.notes.push(format!("This exporter reads the pods of the node {node} only.")),
        }
        Ok(answer)
    }
}
