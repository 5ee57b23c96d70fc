//! Samples as a family's function writes them.

use super::{
    distinct::Written, escape::write_escaped, family::Description, keys::Keys, label_name::LabelNames,
    number::write_number,
};

/// What the user chooses of the samples. By default no keys of an object's maps become labels, and
/// then the families that would show them have no samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Keys of an object's labels.
    pub labels: Keys,
    /// Keys of an object's annotations.
    pub annotations: Keys,
    /// Whether of a state set only the current state is shown, and `true`, which alerts compare
    /// with 0.
    pub current_states_only: bool,
    /// Labels that stand last in all samples, from [`constant_labels`].
    pub constant: Box<[u8]>,
}

/// Renders labels that all samples have, as in `cluster="a",region="b"`.
pub fn constant_labels<'l>(labels: impl IntoIterator<Item = (&'l str, &'l str)>) -> Box<[u8]> {
    let mut out = Vec::new();
    for (name, value) in labels {
        let labelled = !out.is_empty();
        write_label(&mut out, name, value, labelled);
    }
    out.into()
}

/// Appends a label, behind a comma where it is not the first.
#[inline]
fn write_label(out: &mut Vec<u8>, name: &str, value: &str, labelled: bool) {
    if labelled {
        out.push(b',');
    }
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    write_escaped(out, value);
    out.push(b'"');
}

/// A label that stands first in all samples of an object, such as its namespace.
#[derive(Debug)]
pub struct Identity<K> {
    /// The label's name.
    pub name: &'static str,
    /// Writes the label's value for an object.
    pub value: fn(&K, &mut LabelValue<'_>),
}

/// Where the value of a label is written, escaped on the way.
#[derive(Debug)]
pub struct LabelValue<'a>(&'a mut Vec<u8>);

impl LabelValue<'_> {
    /// Appends to the value.
    pub fn push_str(&mut self, text: &str) {
        write_escaped(self.0, text);
    }
}

/// Appends the labels that stand first in all samples of an object, as in `namespace="a",pod="b"`: its
/// identity, and others by name and value.
pub fn write_identity<'l, K>(
    labels: &[Identity<K>],
    object: &K,
    others: impl IntoIterator<Item = (&'l str, &'l str)>,
    out: &mut Vec<u8>,
) {
    let start = out.len();
    for label in labels {
        if out.len() > start {
            out.push(b',');
        }
        out.extend_from_slice(label.name.as_bytes());
        out.extend_from_slice(b"=\"");
        (label.value)(object, &mut LabelValue(out));
        out.push(b'"');
    }
    for (name, value) in others {
        let labelled = out.len() > start;
        write_label(out, name, value, labelled);
    }
}

/// Appends labels without those that have one of these names.
fn write_others(labels: &[u8], names: &LabelNames, out: &mut Vec<u8>) {
    let (start, mut rest) = (out.len(), labels);
    while !rest.is_empty() {
        let label = &rest[..label_length(rest)];
        rest = rest.get(label.len() + 1..).unwrap_or_default();
        let is = |name: &str| label.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="));
        if !names.iter().any(is) {
            if out.len() > start {
                out.push(b',');
            }
            out.extend_from_slice(label);
        }
    }
}

/// How long the first of rendered labels is.
fn label_length(labels: &[u8]) -> usize {
    let mut quotes = 0;
    let mut escaped = false;
    let ends = |byte: &u8| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quotes += 1,
            _ => {}
        }
        quotes == 2
    };
    labels.iter().position(ends).map_or(labels.len(), |quote| quote + 1)
}

/// The value of a sample, or none where there is nothing to say.
pub trait Reading {
    /// The value as the exposition's 64-bit float.
    fn reading(self) -> Option<f64>;
}

macro_rules! readings {
    ($($number:ty),*) => { $(
        impl Reading for $number {
            #[inline]
            #[allow(clippy::cast_lossless)] // in a macro for all types of numbers
            fn reading(self) -> Option<f64> {
                Some(self as f64)
            }
        }
    )* };
}
readings!(f64, i32, i64, u32, u64, usize);

impl Reading for bool {
    #[inline]
    fn reading(self) -> Option<f64> {
        Some(f64::from(self))
    }
}

impl<R: Reading> Reading for Option<R> {
    #[inline]
    fn reading(self) -> Option<f64> {
        self.and_then(Reading::reading)
    }
}

/// Takes the samples that one family has for one object. `N` is the number of the family's own
/// labels, which follow the identity labels. Of samples of one series the first is kept.
#[derive(Debug)]
pub struct Samples<'a, const N: usize> {
    pub(super) description: &'a Description,
    pub(super) names: &'a [&'static str; N],
    pub(super) identity: &'a [u8],
    pub(super) selection: &'a Selection,
    pub(super) out: &'a mut Vec<u8>,
    pub(super) count: usize,
    pub(super) written: Written,
}

impl<'a, const N: usize> Samples<'a, N> {
    /// A sample with these label values, or none where there is no value.
    #[inline]
    pub fn push(&mut self, labels: [&str; N], value: impl Reading) {
        self.push_named(self.names, labels, value);
    }

    /// A sample of value 1.
    #[inline]
    pub fn one(&mut self, labels: [&str; N]) {
        self.push(labels, 1.0);
    }

    /// A sample of value 1 with labels other than the family's, for families whose labels depend on
    /// the case.
    pub fn one_named<const M: usize>(&mut self, names: [&str; M], labels: [&str; M]) {
        self.push_named(&names, labels, 1.0);
    }

    /// A sample for each of `states`: 1 for the current one and 0 for the rest, as far as the user
    /// wants those. `labels` places a state among the label values.
    #[inline]
    pub fn states<'v>(
        &mut self,
        states: &[&'v str],
        current: &str,
        labels: impl Fn(&'v str) -> [&'v str; N],
    ) {
        for &state in states {
            if state == current || state == "true" || !self.selection.current_states_only {
                self.push(labels(state), state == current);
            }
        }
    }

    /// A sample with the identity labels only, for families whose labels depend on the case.
    pub fn bare(&mut self, value: impl Reading) {
        self.push_named(&[], [], value);
    }

    /// A sample of value 1 with a label for every pair, named after its key. Keys come in their
    /// final order. A label that would stand first gives way to one of the same name.
    pub fn pairs<'p>(&mut self, pairs: impl Iterator<Item = (&'p str, &'p str)> + Clone) {
        let prefix = self.description.label_prefix.unwrap_or_default();
        let names = LabelNames::new(prefix, pairs.clone().map(|(key, _)| key));
        self.out.extend_from_slice(self.description.name.as_bytes());
        self.out.push(b'{');
        let start = self.out.len();
        write_others(self.identity, &names, self.out);
        let mut labelled = self.out.len() > start;
        for (name, (_, value)) in names.iter().zip(pairs) {
            write_label(self.out, name, value, labelled);
            labelled = true;
        }
        self.close(1.0, labelled);
    }

    /// What the user selected for this rendering.
    pub fn selection(&self) -> &'a Selection {
        self.selection
    }

    #[inline]
    fn push_named<const M: usize>(&mut self, names: &[&str; M], labels: [&str; M], value: impl Reading) {
        let Some(value) = value.reading() else { return };
        let start = self.out.len();
        let mut labelled = self.open();
        let own = self.out.len();
        for (name, text) in names.iter().zip(labels) {
            write_label(self.out, name, text, labelled);
            labelled = true;
        }
        self.close_if_new(start, own, value, labelled);
    }

    /// Begins a sample; true where it has a label already.
    #[inline]
    fn open(&mut self) -> bool {
        self.out.extend_from_slice(self.description.name.as_bytes());
        self.out.push(b'{');
        self.out.extend_from_slice(self.identity);
        !self.identity.is_empty()
    }

    /// Ends the sample that begins at `start` and has its own labels from `own`, or takes it back.
    #[inline]
    fn close_if_new(&mut self, start: usize, own: usize, value: f64, labelled: bool) {
        if self.written.is_new(self.out, own) {
            self.close(value, labelled);
        } else {
            self.out.truncate(start);
        }
    }

    #[inline]
    fn close(&mut self, value: f64, labelled: bool) {
        let constant = &self.selection.constant;
        if !constant.is_empty() {
            if labelled {
                self.out.push(b',');
            }
            self.out.extend_from_slice(constant);
        }
        if labelled || !constant.is_empty() {
            self.out.extend_from_slice(b"} ");
        } else {
            // In place of the brace.
            self.out.pop();
            self.out.push(b' ');
        }
        write_number(self.out, value);
        self.out.push(b'\n');
        self.count += 1;
    }
}

impl Samples<'_, 0> {
    /// The sample of a family without labels of its own, or none where there is no value.
    #[inline]
    pub fn value(&mut self, value: impl Reading) {
        self.push([], value);
    }
}

impl Samples<'_, 1> {
    /// A sample for each state of a family whose only label is the state.
    #[inline]
    pub fn state(&mut self, states: &[&str], current: &str) {
        self.states(states, current, |state| [state]);
    }
}
