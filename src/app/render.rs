//! `kstate render`: objects from files straight to exposition.

mod documents;
mod sink;

use super::{Failure, budgets, threads};
use crate::config::Rendering;
use documents::{Documents, Found};
pub(super) use sink::{Outcome, Sinks};
use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

/// Renders the objects of all files. What can't be read is named on standard error; the rest is
/// rendered all the same.
pub(super) fn run(rendering: Rendering) -> Result<(), Failure> {
    let Rendering { files, selection, format } = rendering;
    let mut sinks = Sinks::new(&selection);
    let (unknown, broken) = load(&files, |api_version, kind, json| sinks.add(api_version, kind, json))?;
    for (kind, objects) in unknown {
        eprintln!("kstate: {objects} of the kind {kind} have no metrics.");
    }
    let scraper = sinks.finish();
    scraper.keep_within(&budgets::of(&selection));
    threads::block_on(threads::usual(), super::print(&scraper, format))?;
    if broken > 0 { Err(Failure::Reported) } else { Ok(()) }
}

/// Hands over the objects of all files. What can't be read is named on standard error and counted; so are
/// objects of kinds that nobody knows.
pub(super) fn load(
    files: &[PathBuf],
    mut take: impl FnMut(&str, &str, &str) -> Outcome,
) -> Result<(BTreeMap<String, usize>, usize), Failure> {
    let texts = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    let mut broken = 0;
    for (file, text) in files.iter().zip(&texts) {
        for found in Documents::new(text) {
            let outcome = match found {
                Found::Object { position, api_version, kind, json } => match take(&api_version, &kind, &json)
                {
                    Outcome::Taken => Ok(()),
                    Outcome::Unknown => {
                        *unknown.entry(format!("{kind} ({api_version})")).or_default() += 1;
                        Ok(())
                    }
                    Outcome::Broken(error) => Err((position, in_words(&kind, &error.to_string()))),
                },
                Found::Broken { position, error } => Err((position, error)),
            };
            if let Err((position, error)) = outcome {
                broken += 1;
                let error = error.lines().next().unwrap_or_default();
                eprintln!("kstate: {}, {position}: {error}; it is left out.", shown(file));
            }
        }
    }
    Ok((unknown, broken))
}

/// What is wrong with an object. Lines and columns are those of the object alone, in a form that may
/// not be the file's, so they are left out.
fn in_words(kind: &str, error: &str) -> String {
    format!("{kind}: {}", error.split(" at line ").next().unwrap_or_default())
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let result = if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    result.map_err(|error| Failure::usage(format!("{} can't be read: {error}", shown(file))))?;
    Ok(bytes)
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}
