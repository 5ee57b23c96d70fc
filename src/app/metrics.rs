//! `kstate metrics`: what families there are.

mod json;
mod markdown;
mod table;

use super::Failure;
use crate::{
    catalog::{Kind, KindFamily, families},
    config::{Listing, ListingFormat},
    exposition::Description,
};
use std::io::{self, IsTerminal as _};
use terminal_size::{Width, terminal_size_of};

/// Lists the families of the chosen kinds.
pub(super) fn run(listing: &Listing) -> Result<(), Failure> {
    let kinds: Vec<(&Kind, Vec<KindFamily>)> =
        listing.kinds.iter().map(|kind| (kind, families(kind))).collect();
    super::print_text(&match listing.format {
        ListingFormat::Table => match terminal_width() {
            Some(width) => table::fitted(&kinds, width),
            None => table::plain(&kinds),
        },
        ListingFormat::Json => json::array(&kinds),
        ListingFormat::Markdown => markdown::tables(&kinds),
    })
}

/// The columns of the terminal that is written to, if it is one.
fn terminal_width() -> Option<usize> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    Some(terminal_size_of(&out).map_or(80, |(Width(columns), _)| usize::from(columns)))
}

/// How far a family can be relied upon, in words.
fn stability(description: &Description) -> String {
    let mut words = vec![if description.stable { "stable" } else { "alpha" }.to_owned()];
    words.extend(description.opt_in.then(|| "on request".to_owned()));
    words.extend(description.deprecated.map(|release| format!("deprecated since {release}")));
    words.join(", ")
}
