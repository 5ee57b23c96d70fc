//! Verbosity by source file, as klog's `--vmodule` has it.

use regex::Regex;
use tracing::Level;

/// Source files and what is logged of each.
pub(super) struct Modules(Vec<Module>);

struct Module {
    /// Of a file's whole path where it has a slash, else of its name; both without the end.
    pattern: Regex,
    whole: bool,
    level: Level,
}

impl Modules {
    /// Patterns, in which `*` is for any text and `?` for any character, and verbosities.
    pub(super) fn new(modules: Vec<(String, i32)>) -> Self {
        let module = |(pattern, verbosity): (String, i32)| {
            let level = match verbosity {
                ..=0 => return None,
                1 => Level::INFO,
                2..=4 => Level::DEBUG,
                5.. => Level::TRACE,
            };
            let expression: String = pattern.chars().map(expression).collect();
            let regex = Regex::new(&format!("^{expression}$")).expect("what is not a wildcard is escaped");
            Some(Module { whole: pattern.contains('/'), pattern: regex, level })
        };
        Self(modules.into_iter().filter_map(module).collect())
    }

    /// Whether lines of a file are logged. As in klog, the first pattern that matches decides.
    pub(super) fn show(&self, file: &str, level: Level) -> bool {
        let path = file.strip_suffix(".rs").unwrap_or(file);
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let matches = |module: &&Module| module.pattern.is_match(if module.whole { path } else { name });
        self.0.iter().find(matches).is_some_and(|module| level <= module.level)
    }
}

fn expression(pattern: char) -> String {
    match pattern {
        '*' => "[^/]*".to_owned(),
        '?' => "[^/]".to_owned(),
        other => regex::escape(other.encode_utf8(&mut [0; 4])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_matched_by_name_or_by_path() {
        for (pattern, verbosity, file, level, shown) in [
            ("informer", 4, "src/watch/informer.rs", Level::DEBUG, true),
            ("informer", 1, "src/watch/informer.rs", Level::DEBUG, false),
            ("informer", 4, "src/watch/informer.rs", Level::TRACE, false),
            ("informer", 5, "src/watch/informer.rs", Level::TRACE, true),
            ("informer", 0, "src/watch/informer.rs", Level::ERROR, false),
            ("inform", 4, "src/watch/informer.rs", Level::DEBUG, false),
            ("inf*r", 4, "src/watch/informer.rs", Level::DEBUG, true),
            ("informe?", 4, "src/watch/informer.rs", Level::DEBUG, true),
            ("inf.rmer", 4, "src/watch/informer.rs", Level::DEBUG, false),
            ("src/watch/*", 4, "src/watch/informer.rs", Level::DEBUG, true),
            ("src/*", 4, "src/watch/informer.rs", Level::DEBUG, false),
            ("watch/informer", 4, "src/watch/informer.rs", Level::DEBUG, false),
        ] {
            let modules = Modules::new(vec![(pattern.to_owned(), verbosity)]);
            assert_eq!(modules.show(file, level), shown, "{pattern}={verbosity} {file} {level}");
        }
        let first = Modules::new(vec![("informer".to_owned(), 1), ("*".to_owned(), 5)]);
        assert!(!first.show("src/watch/informer.rs", Level::DEBUG));
        assert!(first.show("src/app.rs", Level::DEBUG));
    }
}
