//! `/debug/cardinality`: which families and namespaces have how many samples.

use super::{Served, page::escaped, value};
use crate::scrape::{Cardinality, Count, Query};
use axum::{
    extract::State,
    http::{
        HeaderMap, StatusCode, Uri,
        header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{Html, IntoResponse as _, Response},
};
use std::{fmt::Write as _, sync::Arc};
use tokio_util::sync::CancellationToken;

/// Counts what a scrape with the same query would show, for one client at a time.
pub(super) async fn cardinality(State(served): State<Served>, uri: Uri, headers: HeaderMap) -> Response {
    let query = uri.query().unwrap_or_default();
    let json = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "format").map_or_else(
        || value(&headers, &ACCEPT).contains("application/json"),
        |(_, format)| format == "json",
    );
    let query = match Query::parse(query) {
        Ok(query) => query,
        Err(wrong) => return (StatusCode::BAD_REQUEST, format!("{wrong}\n")).into_response(),
    };
    let Ok(place) = Arc::clone(&served.counting).try_acquire_owned() else {
        let busy = "Busy: samples are being counted for somebody else.\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], busy).into_response();
    };
    // Fires when the client goes away, since this function is then left off in the middle.
    let gone = CancellationToken::new();
    let stopped = gone.clone();
    let _here = gone.drop_guard();
    let counting = tokio::task::spawn_blocking(move || {
        let _place = place;
        served.scraper.cardinality(&query, || stopped.is_cancelled())
    });
    let counted = counting.await.expect("counting doesn't panic").unwrap_or_default();
    if json {
        let text = serde_json::to_string(&counted).expect("numbers and texts can be written");
        ([(CONTENT_TYPE, "application/json")], text).into_response()
    } else {
        Html(page(&counted)).into_response()
    }
}

fn page(counted: &Cardinality) -> String {
    let row = |cells: &str, count: Count| {
        let share = count.samples as f64 * 100.0 / counted.total.samples.max(1) as f64;
        format!("<tr>{cells}<td>{}</td><td>{share:.1} %</td><td>{}</td></tr>\n", count.samples, count.bytes)
    };
    let (mut families, mut namespaces) = (String::new(), String::new());
    for family in &counted.families {
        let cells = format!("<th>{}</th><th>{}</th>", family.family, family.resource);
        families += &row(&cells, family.count);
    }
    for namespace in &counted.namespaces {
        let name = match namespace.namespace.as_str() {
            "" => "<i>the whole cluster</i>".to_owned(),
            name => escaped(name),
        };
        namespaces += &row(&format!("<th>{name}</th>"), namespace.count);
    }
    let mut text = String::from(HEAD);
    let Count { samples, bytes } = counted.total;
    let _ = write!(
        text,
        "<p>{samples} samples in {bytes} bytes of text, without HELP and TYPE lines. \
         <a href=\"?format=json\">As JSON</a></p>
<h2>Families</h2>
<table>
<tr><th>family</th><th>kind</th><td>samples</td><td>share</td><td>bytes</td></tr>
{families}</table>
<h2>Namespaces</h2>
<table>
<tr><th>namespace</th><td>samples</td><td>share</td><td>bytes</td></tr>
{namespaces}</table>
</body>
</html>
"
    );
    text
}

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>kstate: cardinality</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 60rem; padding: 0 1rem; color: #222 }
th { font-weight: normal; text-align: left; padding-right: 2rem }
td { text-align: right; padding-left: 1rem; font-variant-numeric: tabular-nums }
tr:first-child { color: #555 }
a { color: #1a5fb4 }
</style>
</head>
<body>
<h1>Cardinality</h1>
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrape::OfNamespace;

    #[test]
    fn names_are_text_and_nothing_else() {
        let count = Count { samples: 1, bytes: 2 };
        let namespace = "<script>\"a\"&".to_owned();
        let namespaces = vec![OfNamespace { namespace, count }];
        let page = page(&Cardinality { total: count, namespaces, ..Cardinality::default() });
        assert!(
            page.contains("<th>&lt;script&gt;&quot;a&quot;&amp;</th><td>1</td><td>100.0 %</td><td>2</td>")
        );
    }
}
