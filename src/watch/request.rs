//! What is asked of the API server.

use super::{client::Lane, encoding::Media};
use crate::{shard::Shard, wire::Representation};
use form_urlencoded::Serializer;
use http::header::ACCEPT;
use kube::client::Body;
use std::time::Duration;

/// Which objects an informer follows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// Such as `pods`.
    pub plural: String,
    /// All namespaces where empty.
    pub namespace: Option<String>,
    /// Such as `spec.nodeName=n1`.
    pub field_selector: Option<String>,
    /// Such as `tier=web,zone in (a,b)`.
    pub label_selector: Option<String>,
    /// What is sent of them.
    pub representation: Representation,
    /// Which of them are kept; the others are dropped before they are decoded.
    pub shard: Shard,
    /// The most objects that a list brings. What a watch brings is not limited.
    pub limit: Option<u64>,
    /// Whether lists may be as old as the server's cache.
    pub cached: bool,
}

/// One way of asking for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question<'a> {
    /// All of them as events, then their changes.
    StreamingList {
        /// For how long the server follows them.
        timeout: Duration,
    },
    /// A part of them, or all in one piece.
    Page {
        /// How many objects at most.
        limit: Option<u64>,
        /// Where the page before left off.
        token: Option<&'a str>,
    },
    /// Their changes.
    Watch {
        /// After this state of the cluster.
        version: &'a str,
        /// For how long.
        timeout: Duration,
    },
}

impl Request {
    /// The HTTP request for one question.
    pub(super) fn http(
        &self,
        question: Question<'_>,
        media: &Media,
        lane: Lane,
    ) -> Result<http::Request<Body>, http::Error> {
        let accept = match question {
            Question::Page { .. } => media.list,
            Question::StreamingList { .. } | Question::Watch { .. } => media.events,
        };
        let path = self.path(question, media.parameter);
        http::Request::get(path).header(ACCEPT, accept).extension(lane).body(Body::empty())
    }

    fn path(&self, question: Question<'_>, parameter: Option<(&str, &str)>) -> String {
        let mut path = match self.group.as_str() {
            "" => format!("/api/{}", self.version),
            group => format!("/apis/{group}/{}", self.version),
        };
        if let Some(namespace) = &self.namespace {
            path.extend(["/namespaces/", namespace]);
        }
        path.extend(["/", &self.plural, "?"]);
        let start = path.len();
        let mut query = Serializer::for_suffix(path, start);
        match question {
            Question::StreamingList { timeout } => {
                watch(&mut query, timeout);
                query.append_pair("sendInitialEvents", "true");
                query.append_pair("resourceVersionMatch", "NotOlderThan");
                if self.cached {
                    query.append_pair("resourceVersion", CACHED);
                }
            }
            Question::Watch { version, timeout } => {
                watch(&mut query, timeout);
                query.append_pair("resourceVersion", version);
            }
            Question::Page { limit, token } => {
                if let Some(limit) = limit {
                    query.append_pair("limit", &limit.to_string());
                }
                match token {
                    // The page's version is in the token.
                    Some(token) => _ = query.append_pair("continue", token),
                    None if self.cached => _ = query.append_pair("resourceVersion", CACHED),
                    None => {}
                }
            }
        }
        if let Some((name, value)) = parameter {
            query.append_pair(name, value);
        }
        if let Some(selector) = self.shard.selector() {
            query.append_pair("shardSelector", &selector);
        }
        if let Some(selector) = &self.field_selector {
            query.append_pair("fieldSelector", selector);
        }
        if let Some(selector) = &self.label_selector {
            query.append_pair("labelSelector", selector);
        }
        query.finish()
    }
}

/// The version that every state of the cluster is new enough for, also that in a server's cache.
const CACHED: &str = "0";

fn watch(query: &mut Serializer<'_, String>, timeout: Duration) {
    query.append_pair("watch", "1");
    query.append_pair("allowWatchBookmarks", "true");
    query.append_pair("timeoutSeconds", &timeout.as_secs().max(1).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_path_and_a_query() {
        let mut pods = Request { version: "v1".into(), plural: "pods".into(), ..Request::default() };
        let timeout = Duration::from_mins(5);
        assert_eq!(
            pods.path(Question::StreamingList { timeout }, None),
            "/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=300\
             &sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        );
        assert_eq!(pods.path(Question::Page { limit: None, token: None }, None), "/api/v1/pods?");
        pods.namespace = Some("kube-system".into());
        pods.field_selector = Some("metadata.namespace!=a,spec.nodeName=n1".into());
        assert_eq!(
            pods.path(
                Question::Page { limit: Some(500), token: Some("a+b=") },
                Some(("includeObject", "Metadata"))
            ),
            "/api/v1/namespaces/kube-system/pods?limit=500&continue=a%2Bb%3D\
             &includeObject=Metadata&fieldSelector=metadata.namespace%21%3Da%2Cspec.nodeName%3Dn1"
        );
        pods = Request { cached: true, namespace: None, field_selector: None, ..pods };
        assert_eq!(
            pods.path(Question::StreamingList { timeout }, None),
            "/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=300\
             &sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=0"
        );
        pods.label_selector = Some("a=b".into());
        let selected = pods.path(Question::Page { limit: None, token: None }, None);
        assert_eq!(selected, "/api/v1/pods?resourceVersion=0&labelSelector=a%3Db");
        pods.label_selector = None;
        let page = |token| pods.path(Question::Page { limit: Some(5), token }, None);
        assert_eq!(page(None), "/api/v1/pods?limit=5&resourceVersion=0");
        assert_eq!(page(Some("next")), "/api/v1/pods?limit=5&continue=next");
        pods.shard = Shard { ordinal: 1, total: 2, placement: crate::shard::Placement::Range };
        let range =
            "shardRange%28object.metadata.uid%2C+%270x8000000000000000%27%2C+%270x10000000000000000%27%29";
        for question in [
            Question::Page { limit: None, token: Some("t") },
            Question::StreamingList { timeout },
            Question::Watch { version: "1", timeout },
        ] {
            let path = pods.path(question, None);
            assert!(path.ends_with(&format!("&shardSelector={range}")), "{path}");
        }
        let jobs = Request {
            group: "batch".into(),
            version: "v1".into(),
            plural: "jobs".into(),
            ..Request::default()
        };
        assert_eq!(
            jobs.path(Question::Watch { version: "17", timeout }, None),
            "/apis/batch/v1/jobs?watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=17"
        );
    }
}
