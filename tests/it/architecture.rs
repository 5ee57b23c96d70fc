//! Holds the code to the invariants of `ARCHITECTURE.md`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each layer with the layers that it may know, lowest first.
const LAYERS: &[(&str, &[&str])] = &[
    ("exposition", &[]),
    ("compare", &[]),
    ("shard", &[]),
    ("files", &[]),
    ("selector", &[]),
    ("wire", &["exposition"]),
    ("usage", &["compare", "wire"]),
    ("relations", &["exposition", "wire"]),
    ("resource", &["exposition", "wire"]),
    ("resources", &["exposition", "wire", "resource"]),
    ("catalog", &["exposition", "resource", "resources"]),
    ("store", &["wire"]),
    ("watch", &["wire", "shard", "files"]),
    ("scrape", &["exposition", "resource", "store"]),
    ("top", &["exposition", "selector", "wire", "relations", "resource", "resources", "store"]),
    ("kubelets", &["exposition", "wire", "resource", "usage", "watch"]),
    ("telemetry", &["wire", "shard"]),
    ("web", &["files"]),
    ("access", &[]),
    ("server", &["exposition", "scrape", "top", "telemetry", "web", "access"]),
    (
        "metricsapi",
        &["wire", "selector", "resource", "resources", "store", "usage", "web", "access", "server"],
    ),
    ("cli", &[]),
    (
        "config",
        &[
            "exposition",
            "selector",
            "shard",
            "wire",
            "relations",
            "resource",
            "catalog",
            "usage",
            "watch",
            "kubelets",
            "top",
            "web",
            "metricsapi",
            "cli",
        ],
    ),
    ("simulator", &["selector"]),
    (
        "app",
        &[
            "exposition",
            "compare",
            "shard",
            "files",
            "selector",
            "wire",
            "relations",
            "resource",
            "resources",
            "catalog",
            "store",
            "watch",
            "scrape",
            "top",
            "usage",
            "kubelets",
            "telemetry",
            "web",
            "access",
            "server",
            "metricsapi",
            "cli",
            "config",
            "simulator",
        ],
    ),
];

/// Macros live at the crate's root but belong to a layer.
const MACROS: &[(&str, &str)] = &[("wire", "wire"), ("pooled", "wire"), ("local_object", "resource")];

/// What the layers that render must not contain: they neither wait, nor log, nor read clocks or
/// files.
const PURE: &[&str] = &["exposition", "wire", "resource", "resources"];
const IMPURE: &[&str] = &[
    "async ",
    ".await",
    "tracing::",
    "tokio::",
    "std::fs",
    "std::io",
    "std::env",
    "Instant",
    "SystemTime",
    "::now()",
];
/// Rendering knows no errors and no panics either.
const INFALLIBLE: &[&str] = &["exposition", "resource", "resources"];
const FAILURES: &[&str] = &["-> Result<", ".unwrap()", ".expect(", "panic!(", "unreachable!("];

#[test]
fn layers_know_only_those_below() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let layer = layer(&file);
        if matches!(layer.as_str(), "lib" | "main") {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            wrong.push(format!("{}: {layer} is no layer of ARCHITECTURE.md", file.display()));
            continue;
        };
        for used in crate_paths(&text) {
            if used != layer && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: {layer} must not know {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rendering_is_pure() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let layer = layer(&file);
        if PURE.contains(&layer.as_str()) {
            for word in IMPURE.iter().filter(|word| text.contains(**word)) {
                wrong.push(format!("{}: {layer} must not use {word:?}", file.display()));
            }
        }
        if INFALLIBLE.contains(&layer.as_str()) {
            for word in FAILURES.iter().filter(|word| text.contains(**word)) {
                wrong.push(format!("{}: nothing in {layer} can fail, as with {word:?}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_small_and_are_described() {
    let mut wrong = Vec::new();
    for (file, _) in sources() {
        let text = fs::read_to_string(root().join(&file)).unwrap();
        let limit = match file.parent().and_then(Path::to_str) {
            Some("src/resources") => 300,
            _ if file.ends_with("main.rs") => 60,
            _ => 400,
        };
        let lines = text.lines().count();
        if lines >= limit {
            wrong.push(format!("{}: {lines} lines, {limit} is the limit", file.display()));
        }
        if !text.starts_with("//! ") {
            wrong.push(format!("{}: doesn't begin with what it is", file.display()));
        }
        if file.ends_with("mod.rs") {
            wrong.push(format!("{}: a module is name.rs beside name/", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_itself_sees_nested_paths() {
    let text = "use crate::{\n    a::{b, c},\n    d,\n};\nfn f() { crate::e::g(); $crate::h!{} }\n#[cfg(test)]\nmod tests { use crate::z; }\n";
    let paths: Vec<String> = crate_paths(&without_tests(text)).into_iter().collect();
    assert_eq!(paths, ["a", "d", "e", "h"]);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file with its code, without comments and tests.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !is_test(&path) {
                let text = without_comments(&without_tests(&fs::read_to_string(&path).unwrap()));
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(found.len() > 30, "the sources were not found");
    found
}

/// Files and folders that only tests compile.
fn is_test(path: &Path) -> bool {
    path.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "golden.rs")))
        && path.strip_prefix(root()).is_ok_and(|p| p.starts_with("src"))
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

fn layer(file: &Path) -> String {
    let part = file.components().nth(1).unwrap().as_os_str().to_str().unwrap();
    part.trim_end_matches(".rs").to_owned()
}

/// The first names of all paths that begin at the crate's root.
fn crate_paths(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let (mut depth, mut item) = (0, String::new());
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => add(&mut found, &std::mem::take(&mut item)),
                        c if depth == 0 => item.push(c),
                        _ => {}
                    }
                }
                add(&mut found, &item);
            }
            None => add(&mut found, rest),
        }
    }
    found
}

fn add(found: &mut BTreeSet<String>, path: &str) {
    let name: String = path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let rest = &path.trim_start()[name.len()..];
    let layer = if rest.starts_with('!') {
        MACROS.iter().find(|(m, _)| *m == name).map(|(_, layer)| *layer)
    } else {
        None
    };
    if !name.is_empty() {
        found.insert(layer.map_or(name, str::to_owned));
    }
}
