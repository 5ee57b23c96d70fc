//! Landing pages.

use axum::response::Html;
use std::fmt::Write as _;

/// A page that names the exporter and links what the port serves, as `(path, description)`.
pub(super) fn landing(port: &str, links: &[(&str, &str)]) -> Html<String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut items = String::new();
    for (path, text) in links {
        let _ = writeln!(items, "      <li><a href=\"{path}\">{path}</a> {text}</li>");
    }
    Html(format!(
        r#"<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>kstate: {port}</title>
    <style>
      body {{ font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem; color: #222 }}
      h1 {{ font-size: 1.5rem; margin-bottom: 0 }}
      p {{ color: #555; margin-top: .25rem }}
      a {{ color: #1a5fb4 }}
    </style>
  </head>
  <body>
    <h1>kstate {version}</h1>
    <p>The state of a Kubernetes cluster as Prometheus metrics: {port}</p>
    <ul>
{items}    </ul>
  </body>
</html>
"#
    ))
}

/// A text inside of a page.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
