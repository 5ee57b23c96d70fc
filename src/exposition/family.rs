//! Metric families as data: a constant table for each kind of object.

use super::{Selection, distinct::Written, escape::write_help, samples::Samples};
use std::{fmt, marker::PhantomData};

/// The families of a kind, in the order of their exposition.
pub type Families<K> = &'static [&'static dyn AnyFamily<K>];

/// The type that a family's TYPE line names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricType {
    /// A value that goes up and down.
    Gauge,
    /// A value that only grows until it restarts from zero.
    Counter,
}

impl MetricType {
    /// The name in a TYPE line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
        }
    }
}

/// What there is to say of a family besides its samples.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// The metric's name.
    pub name: &'static str,
    /// The text of the HELP line, without the stability.
    pub help: &'static str,
    /// The metric's type.
    pub metric_type: MetricType,
    /// True where name, labels and meaning are promised not to change.
    pub stable: bool,
    /// The release of kube-state-metrics since which the family is deprecated.
    pub deprecated: Option<&'static str>,
    /// True where the family is served only on request.
    pub opt_in: bool,
    /// True where samples speak of the owners of an object's owners, which have to be read for that.
    pub owners: bool,
    /// What label names known only at run time start with, where a family has such labels.
    pub label_prefix: Option<&'static str>,
    /// Which objects have samples, as the rest of a sentence that begins with "Appears".
    pub appears: &'static str,
}

impl Description {
    /// Appends the HELP and TYPE lines.
    pub fn write_header(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"# HELP ");
        out.extend_from_slice(self.name.as_bytes());
        out.push(b' ');
        if self.stable {
            out.extend_from_slice(b"[STABLE] ");
        }
        if let Some(release) = self.deprecated {
            out.extend_from_slice(b"(Deprecated since ");
            write_help(out, release);
            out.extend_from_slice(b") ");
        }
        write_help(out, self.help);
        out.extend_from_slice(b"\n# TYPE ");
        out.extend_from_slice(self.name.as_bytes());
        out.push(b' ');
        out.extend_from_slice(self.metric_type.as_str().as_bytes());
        out.push(b'\n');
    }
}

impl<K, const N: usize> Family<K, N> {
    /// Promises that the family stays as it is.
    #[must_use]
    pub const fn stable(mut self) -> Self {
        self.description.stable = true;
        self
    }
}

/// A metric family of objects of kind `K` with `N` labels beside the identity labels.
pub struct Family<K, const N: usize = 0> {
    description: Description,
    labels: [&'static str; N],
    samples: fn(&K, &mut Samples<'_, N>),
}

/// A family that lacks its sampling function. Only [`Draft::samples`] makes it a [`Family`], so
/// that none can be forgotten.
pub struct Draft<K, const N: usize = 0> {
    description: Description,
    labels: [&'static str; N],
    kind: PhantomData<fn(&K)>,
}

impl<K> Family<K> {
    /// A family whose value goes up and down.
    pub const fn gauge(name: &'static str, help: &'static str) -> Draft<K> {
        Draft::new(name, help, MetricType::Gauge)
    }

    /// A family whose value only grows.
    pub const fn counter(name: &'static str, help: &'static str) -> Draft<K> {
        Draft::new(name, help, MetricType::Counter)
    }
}

impl<K> Draft<K> {
    const fn new(name: &'static str, help: &'static str, metric_type: MetricType) -> Self {
        let description = Description {
            name,
            help,
            metric_type,
            stable: false,
            deprecated: None,
            opt_in: false,
            owners: false,
            label_prefix: None,
            appears: "for every object",
        };
        Self { description, labels: [], kind: PhantomData }
    }
}

impl<K, const N: usize> Draft<K, N> {
    /// Promises that the family stays as it is.
    #[must_use]
    pub const fn stable(mut self) -> Self {
        self.description.stable = true;
        self
    }

    /// Marks the family as deprecated since a release of kube-state-metrics.
    #[must_use]
    pub const fn deprecated(mut self, release: &'static str) -> Self {
        self.description.deprecated = Some(release);
        self
    }

    /// Serves the family only on request.
    #[must_use]
    pub const fn opt_in(mut self) -> Self {
        self.description.opt_in = true;
        self
    }

    /// Says that samples speak of the owners of an object's owners.
    #[must_use]
    pub const fn owners(mut self) -> Self {
        self.description.owners = true;
        self
    }

    /// Says which objects have samples where not each has one, as the rest of a sentence that begins
    /// with "Appears".
    #[must_use]
    pub const fn appears(mut self, when: &'static str) -> Self {
        self.description.appears = when;
        self
    }

    /// Declares labels that are known only at run time, with what their names start with.
    #[must_use]
    pub const fn label_prefix(mut self, prefix: &'static str) -> Self {
        self.description.label_prefix = Some(prefix);
        self
    }

    /// Names the labels beside the identity labels.
    #[must_use]
    pub const fn labels<const M: usize>(self, labels: [&'static str; M]) -> Draft<K, M> {
        Draft { description: self.description, labels, kind: PhantomData }
    }

    /// Completes the family with the function that writes its samples for one object.
    pub const fn samples(self, samples: fn(&K, &mut Samples<'_, N>)) -> Family<K, N> {
        Family { description: self.description, labels: self.labels, samples }
    }
}

/// A family of objects of kind `K`, whatever the number of its labels.
pub trait AnyFamily<K>: Sync {
    /// Name, help, type and stability.
    fn description(&self) -> &Description;

    /// The names of the labels beside the identity labels.
    fn labels(&self) -> &[&'static str];

    /// Appends the samples for one object, whose identity labels are already rendered, and
    /// returns their number.
    fn render(&self, object: &K, identity: &[u8], selection: &Selection, out: &mut Vec<u8>) -> usize;
}

impl<K, const N: usize> AnyFamily<K> for Family<K, N> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn labels(&self) -> &[&'static str] {
        &self.labels
    }

    #[inline]
    fn render(&self, object: &K, identity: &[u8], selection: &Selection, out: &mut Vec<u8>) -> usize {
        let mut samples = Samples {
            description: &self.description,
            names: &self.labels,
            identity,
            selection,
            out,
            count: 0,
            written: Written::default(),
        };
        (self.samples)(object, &mut samples);
        samples.count
    }
}

impl<K, const N: usize> fmt::Debug for Family<K, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Family").field(&self.description).field(&self.labels).finish()
    }
}

impl<K, const N: usize> fmt::Debug for Draft<K, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Draft").field(&self.description).field(&self.labels).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    struct Lamp {
        name: &'static str,
        colours: &'static [&'static str],
        watts: Option<f64>,
    }

    type Family = super::Family<Lamp>;

    const FAMILIES: Families<Lamp> = &[
        &Family::gauge("lamp_watts", "Power of a \"lamp\",\nnot its \\ light.")
            .stable()
            .samples(|lamp, out| out.value(lamp.watts)),
        &Family::gauge("lamp_colour", "Colours.").deprecated("2.6.0").labels(["colour"]).samples(
            |lamp, out| {
                for colour in lamp.colours {
                    out.one([colour]);
                    // Once more, which is to make no difference.
                    out.push([colour], 2);
                }
                if lamp.colours.is_empty() {
                    out.bare(0);
                }
            },
        ),
        &Family::counter("lamp_switched_total", "How often a lamp was switched.")
            .label_prefix("switch_")
            .opt_in()
            .samples(|_, out| out.pairs([("wallSide", "left"), ("wall-side", "")].into_iter())),
    ];

    fn render(lamps: &[Lamp], identity: impl Fn(&Lamp) -> String) -> String {
        let mut out = Vec::new();
        for family in FAMILIES {
            family.description().write_header(&mut out);
            for lamp in lamps {
                family.render(lamp, identity(lamp).as_bytes(), &Selection::default(), &mut out);
            }
        }
        String::from_utf8(out).unwrap()
    }

    const LAMPS: &[Lamp] = &[
        Lamp { name: "hall", colours: &["re\"d", ""], watts: Some(0.5) },
        Lamp { name: "attic", colours: &[], watts: None },
    ];

    #[test]
    fn a_table_renders_family_by_family() {
        expect![[r#"
            # HELP lamp_watts [STABLE] Power of a "lamp",\nnot its \\ light.
            # TYPE lamp_watts gauge
            lamp_watts{lamp="hall"} 0.5
            # HELP lamp_colour (Deprecated since 2.6.0) Colours.
            # TYPE lamp_colour gauge
            lamp_colour{lamp="hall",colour="re\"d"} 1
            lamp_colour{lamp="hall",colour=""} 1
            lamp_colour{lamp="attic"} 0
            # HELP lamp_switched_total How often a lamp was switched.
            # TYPE lamp_switched_total counter
            lamp_switched_total{lamp="hall",switch_wall_side_conflict1="left",switch_wall_side_conflict2=""} 1
            lamp_switched_total{lamp="attic",switch_wall_side_conflict1="left",switch_wall_side_conflict2=""} 1
        "#]]
        .assert_eq(&render(LAMPS, |lamp| format!("lamp=\"{}\"", lamp.name)));
    }

    #[test]
    fn a_series_is_written_once_however_many_there_are() {
        let family =
            super::Family::<Vec<u32>>::gauge("n", "Numbers.").labels(["of"]).samples(|numbers, out| {
                for number in numbers {
                    out.one([&number.to_string()]);
                }
            });
        let numbers: Vec<u32> = (0..100).chain(0..100).chain(50..150).collect();
        let mut out = Vec::new();
        assert_eq!(family.render(&numbers, b"", &Selection::default(), &mut out), 150);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().collect::<std::collections::HashSet<_>>().len(), 150);
        assert_eq!(text.lines().count(), 150);
    }

    #[test]
    fn without_labels_there_are_no_braces() {
        expect![[r#"
            # HELP lamp_watts [STABLE] Power of a "lamp",\nnot its \\ light.
            # TYPE lamp_watts gauge
            lamp_watts 0.5
            # HELP lamp_colour (Deprecated since 2.6.0) Colours.
            # TYPE lamp_colour gauge
            lamp_colour{colour="re\"d"} 1
            lamp_colour{colour=""} 1
            # HELP lamp_switched_total How often a lamp was switched.
            # TYPE lamp_switched_total counter
            lamp_switched_total{switch_wall_side_conflict1="left",switch_wall_side_conflict2=""} 1
        "#]]
        .assert_eq(&render(&LAMPS[..1], |_| String::new()));
    }
}
