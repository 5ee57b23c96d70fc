//! From a question to the rows that answer it.

use super::{
    Cell, Facts, Group, Heading, Query, View, Wrong, cell::Column, containers::Containers, counts::Counts,
    namespaces::Namespaces, nodes::Nodes, pods::Pods, problem::Problem, quotas::Quotas, workloads::Workloads,
};
use crate::{
    exposition::Keys,
    wire::{LocalObject, ObjectMeta, Timestamp},
};
use std::cmp::Ordering;

/// A view whose objects are chosen, but whose rows are not yet made: each of them is when it is wanted.
pub(super) trait Viewed {
    /// A row before it is cut into cells.
    type Row: 'static;

    /// Its columns.
    const COLUMNS: &'static [Column<Self::Row>];

    /// How many rows there are.
    fn len(&self) -> usize;

    /// One of them.
    fn row(&self, at: usize) -> Self::Row;

    /// Why someone should look at it.
    fn problem(row: &Self::Row) -> Option<&Problem>;
}

/// A view whatever its rows.
pub trait Listing: Send {
    /// How many rows there are.
    fn rows(&self) -> usize;

    /// The cells of a row, in the order of the columns.
    fn cells(&self, at: usize) -> Vec<Cell>;

    /// A cell of a row.
    fn cell(&self, at: usize, column: usize) -> Cell;

    /// How bad it is with a row.
    fn severity(&self, at: usize) -> Option<super::Severity>;
}

impl<V: Viewed + Send> Listing for V {
    fn rows(&self) -> usize {
        self.len()
    }

    fn cells(&self, at: usize) -> Vec<Cell> {
        let row = self.row(at);
        V::COLUMNS.iter().map(|column| (column.cell)(&row)).collect()
    }

    fn cell(&self, at: usize, column: usize) -> Cell {
        (V::COLUMNS[column].cell)(&self.row(at))
    }

    fn severity(&self, at: usize) -> Option<super::Severity> {
        Some(V::problem(&self.row(at))?.severity)
    }
}

/// The answer to a question.
pub struct Answer {
    /// What was asked about.
    pub view: View,
    /// When.
    pub time: Timestamp,
    /// What stands above the cells.
    pub headings: Vec<Heading>,
    /// Kinds that aren't held, without which something is missing.
    pub lacks: Vec<&'static str>,
    /// What else someone should know who reads it, a sentence each.
    pub notes: Vec<String>,
    /// Rows that answer it in all.
    pub total: usize,
    listing: Box<dyn Listing>,
    /// Places in the listing, in the order that was asked for.
    places: Vec<usize>,
    skip: usize,
}

impl Answer {
    /// The rows that were asked for. Each is made when it is taken.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Cell>> {
        self.places.iter().map(|at| self.listing.cells(*at))
    }

    /// Where the rows go on that were not asked for.
    pub fn next(&self) -> Option<usize> {
        let next = self.skip + self.places.len();
        (next < self.total).then_some(next)
    }
}

pub(super) fn headings(view: View, group: Option<Group>) -> Vec<Heading> {
    fn of<V: Viewed>() -> Vec<Heading> {
        V::COLUMNS.iter().map(|column| column.heading).collect()
    }
    match (view, group) {
        (View::Nodes, _) => of::<Nodes>(),
        (View::Pods, _) => of::<Pods>(),
        (View::Namespaces, _) => of::<Namespaces>(),
        (View::Workloads, _) => of::<Workloads>(),
        (View::Quotas, _) => of::<Quotas>(),
        (View::Containers, None) => of::<Containers>(),
        (View::Images | View::Containers, group) => {
            let mut headings = of::<Counts>();
            let group = group.unwrap_or(Group::Image);
            headings[0].title = Counts::title(group);
            // An image is one, and has one registry.
            for heading in headings.iter_mut().filter(|heading| Counts::is_one(group, heading.name)) {
                heading.rank = super::Rank::Never;
            }
            headings
        }
    }
}

pub(super) fn answer(view: View, query: &Query, facts: &Facts, now: Timestamp) -> Result<Answer, Wrong> {
    if let Some(missing) = view.needs().iter().find(|kind| !facts.holds(kind)) {
        return Err(Wrong::new(format!(
            "{missing} are not read, without which there is no answer about {}",
            view.name()
        )));
    }
    if query.group.is_some() && !matches!(view, View::Images | View::Containers) {
        return Err(Wrong::new(format!(
            "only images and containers are counted by something, not {}",
            view.name()
        )));
    }
    let lacks = view.wants().iter().copied().filter(|kind| !facts.holds(kind)).collect();
    let listing: Box<dyn Listing> = match (view, query.group) {
        (View::Nodes, _) => Box::new(Nodes::new(facts, query, now)?),
        (View::Pods, _) => Box::new(Pods::new(facts, query, now)?),
        (View::Namespaces, _) => Box::new(Namespaces::new(facts, query, now)?),
        (View::Workloads, _) => Box::new(Workloads::new(facts, query, now)?),
        (View::Quotas, _) => Box::new(Quotas::new(facts, query)?),
        (View::Containers, None) => Box::new(Containers::new(facts, query, now)?),
        (View::Images | View::Containers, group) => {
            Box::new(Counts::new(facts, query, group.unwrap_or(Group::Image))?)
        }
    };
    let headings = headings(view, query.group);
    let places = ordered(&*listing, &headings, query)?;
    let total = places.len();
    let places = places.into_iter().skip(query.skip).take(query.limit.unwrap_or(usize::MAX)).collect();
    Ok(Answer {
        view,
        time: now,
        headings,
        lacks,
        notes: Vec::new(),
        total,
        listing,
        places,
        skip: query.skip,
    })
}

/// The places of the rows that are asked for, in their order.
fn ordered(listing: &dyn Listing, headings: &[Heading], query: &Query) -> Result<Vec<usize>, Wrong> {
    let mut places: Vec<usize> = (0..listing.rows()).collect();
    let columns = query.sort.iter().map(|sort| Ok((sort, Key::of(sort, headings)?)));
    let columns = columns.collect::<Result<Vec<_>, Wrong>>()?;
    if query.problems {
        let mut bad: Vec<_> = places.into_iter().filter_map(|at| Some((listing.severity(at)?, at))).collect();
        // The sort is stable.
        bad.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
        places = bad.into_iter().map(|(_, at)| at).collect();
    }
    if columns.is_empty() {
        return Ok(places);
    }
    let mut keyed: Vec<(Vec<Cell>, usize)> = places
        .into_iter()
        .map(|at| (columns.iter().map(|(_, key)| key.cell(listing, at)).collect(), at))
        .collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let mut orders = columns.iter().zip(a.iter().zip(b)).map(|((sort, key), (a, b))| {
            // What is not known comes last, whatever the direction.
            match (a, b) {
                (Cell::None, Cell::None) => Ordering::Equal,
                (Cell::None, _) => Ordering::Greater,
                (_, Cell::None) => Ordering::Less,
                _ if sort.up.unwrap_or(key.up) => a.order(b),
                _ => b.order(a),
            }
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    Ok(keyed.into_iter().map(|(_, at)| at).collect())
}

/// What is sorted by.
struct Key {
    column: usize,
    whole: Option<usize>,
    /// The usual direction.
    up: bool,
}

impl Key {
    fn of(sort: &super::query::Sort, headings: &[Heading]) -> Result<Self, Wrong> {
        let at = |name: &str| headings.iter().position(|heading| heading.name == name);
        let titled = |heading: &Heading| heading.title.to_lowercase().replace([' ', '-'], "_") == sort.column;
        let column = at(&sort.column).or_else(|| headings.iter().position(titled)).ok_or_else(|| {
            let names: Vec<&str> = headings.iter().map(|heading| heading.name).collect();
            Wrong::new(format!("there is no column \"{}\"; known are {}", sort.column, names.join(", ")))
        })?;
        let heading = &headings[column];
        let whole = match (sort.share, heading.of) {
            (false, _) => None,
            (true, Some(whole)) => at(whole),
            (true, None) => {
                return Err(Wrong::new(format!("the column \"{}\" is no share of another one", sort.column)));
            }
        };
        let up = matches!(heading.unit, super::Unit::Text | super::Unit::Time);
        Ok(Self { column, whole, up })
    }

    fn cell(&self, listing: &dyn Listing, at: usize) -> Cell {
        let part = listing.cell(at, self.column);
        let Some(whole) = self.whole else { return part };
        match (part.as_number(), listing.cell(at, whole).as_number()) {
            (Some(part), Some(whole)) if whole > 0.0 => Cell::Number(part / whole),
            _ => Cell::None,
        }
    }
}

/// Checks that the labels that a query selects by are held of these kinds.
pub(super) fn check_labels<'k>(
    query: &Query,
    kinds: impl IntoIterator<Item = (&'static str, Option<&'k Keys>)>,
) -> Result<(), Wrong> {
    let lacks = |labels: &Keys| query.labels.keys().find(|key| !labels.matches(key));
    let kinds = kinds.into_iter().filter_map(|(plural, labels)| Some((plural, lacks(labels?)?)));
    let (kinds, keys): (Vec<&str>, Vec<&str>) = kinds.unzip();
    match keys.first() {
        None => Ok(()),
        Some(key) => Err(Wrong::new(format!(
            "the label {key} of {} is not kept: the exporter needs --keep-labels={}",
            kinds.join(" and "),
            kinds.join(",")
        ))),
    }
}

/// Chooses objects by what a query says of their metadata and fields.
pub(super) struct Filter<'q> {
    query: &'q Query,
    /// What an object's `metadata.name` may be asked with.
    fields: &'static [&'static str],
}

impl<'q> Filter<'q> {
    /// Checks that a query can be answered for objects of a kind with these fields besides
    /// `metadata.name` and `metadata.namespace`.
    pub(super) fn new(
        query: &'q Query,
        plural: &str,
        fields: &'static [&'static str],
    ) -> Result<Self, Wrong> {
        let known = |field: &str| fields.contains(&field) || METADATA.contains(&field);
        if let Some(wrong) = query.fields.comparisons().iter().find(|comparison| !known(&comparison.field)) {
            let all: Vec<&str> = METADATA.iter().chain(fields).copied().collect();
            return Err(Wrong::new(format!(
                "{plural} are not selected by the field {}; known are {}",
                wrong.field,
                all.join(", ")
            )));
        }
        Ok(Self { query, fields })
    }

    /// Whether a field is looked at.
    pub(super) fn reads(&self, field: &str) -> bool {
        self.query.fields.comparisons().iter().any(|comparison| comparison.field == field)
    }

    /// Whether an object is chosen; `field` yields the fields that its kind is selected by.
    pub(super) fn takes<'o>(&self, metadata: &'o ObjectMeta, field: impl Fn(&str) -> &'o str) -> bool {
        let Query { namespaces, names, labels, fields, .. } = self.query;
        (namespaces.is_empty() || namespaces.iter().any(|namespace| **namespace == *metadata.namespace))
            && (names.is_empty() || names.iter().any(|name| **name == *metadata.name))
            && (labels.is_empty()
                || labels
                    .matches(|key| metadata.labels.iter().find(|(held, _)| *held == key).map(|(_, v)| v)))
            && (fields.is_empty()
                || fields.matches(|path| match path {
                    "metadata.name" => &metadata.name,
                    "metadata.namespace" => &metadata.namespace,
                    other if self.fields.contains(&other) => field(other),
                    _ => "",
                }))
    }
}

const METADATA: &[&str] = &["metadata.name", "metadata.namespace"];

/// Puts objects in the order of their namespaces and names.
pub(super) fn by_name<K: LocalObject, T>(objects: &mut [T], object: impl Fn(&T) -> &K) {
    objects.sort_by(|a, b| {
        let (a, b) = (object(a).metadata(), object(b).metadata());
        (&*a.namespace, &*a.name).cmp(&(&*b.namespace, &*b.name))
    });
}
