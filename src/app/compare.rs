//! `kstate compare`: what differs between two exporters.

mod json;
mod source;
mod text;

use super::{Failure, remote::Asker, threads};
use crate::{
    compare::{CompareError, Side, Terms, compare},
    config::Comparing,
};
use source::Source;

/// Prints what differs. That something does is told by the exit code, too.
pub(super) fn run(comparing: &Comparing) -> Result<(), Failure> {
    let Comparing { origins: [old, new], json, examples, tolerance, help_texts, .. } = comparing;
    let asker = Asker::new(comparing.token_file.as_deref(), comparing.any_certificate)?;
    let mut sources = None;
    // Both are asked at the same time, so that the cluster changes little in between.
    threads::block_on(threads::usual(), async {
        sources = Some(futures::try_join!(Source::of(old, &asker), Source::of(new, &asker))?);
        Ok(())
    })?;
    let (old, new) = sources.expect("both are there where nothing failed");

    let terms = Terms { tolerance: tolerance.as_secs_f64(), help: *help_texts, examples: *examples };
    let report = compare(|| old.open(), || new.open(), terms).map_err(|CompareError { side, error }| {
        let source = if side == Side::Old { &old } else { &new };
        Failure::usage(format!("{}: {error}", source.name))
    })?;
    let same = report.is_same();
    super::print_text(&if *json {
        json::object(&report, [&old, &new])
    } else {
        text::page(&report, [&old, &new])
    })?;
    if same { Ok(()) } else { Err(Failure::Reported) }
}
