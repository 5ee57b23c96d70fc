//! Random choices that follow from a seed, and the pieces that odd objects are made from.

use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use serde_json::{Map, Value, json};

/// Text that must be escaped, is long, or is easily taken for something else.
const TEXTS: [&str; 17] = [
    "",
    " ",
    "Ready",
    "KubeletHasSufficientMemory",
    "a \"quoted\" word",
    "back\\slash \\n and \\\" escaped already",
    "two\nlines\n",
    "tab\tand carriage\rreturn",
    "ünïcödé \u{2603} 日本語 \u{1f980}",
    "{a=\"b\",c=\"d\"} 1",
    "# HELP kube_pod_info nothing",
    "right\u{202e}to left, \u{feff}mark, \u{2028}separator",
    "escape\u{1b}[31m delete\u{7f} next\u{85}line",
    "0",
    "true",
    "nul\u{0}l",
    "a,b;c=d/e:f%g&h?i#j",
];

/// What kubelets and controllers may have written as a quantity, in every notation.
const QUANTITIES: [&str; 35] = [
    "0",
    "0.0",
    "1",
    "+2",
    "3.",
    ".5",
    "0.1",
    "1.5",
    "100m",
    "1500m",
    "999n",
    "12345678901n",
    "1u",
    "1500000u",
    "1e3",
    "1E3",
    "12e-1",
    "2k",
    "3M",
    "4G",
    "5T",
    "6P",
    "7E",
    "1Ki",
    "1.5Mi",
    "0.5Gi",
    "0.1Ti",
    "3Pi",
    "7Ei",
    "9223372036854775807",
    "1e30",
    "1e-30",
    "0.0000000001",
    "123456789012345678901234567890",
    "1000000000000000000000000u",
];

/// Those without a fraction, which counts and many other amounts must not have.
const WHOLE: [&str; 16] = [
    "0",
    "1",
    "2",
    "+3",
    "1e3",
    "5E2",
    "2k",
    "3M",
    "4G",
    "5T",
    "7E",
    "1Ki",
    "1.5Mi",
    "3Pi",
    "9223372036854775807",
    "1000m",
];

/// The source of all random choices about one object.
#[derive(Debug)]
pub(super) struct Dice(SmallRng);

impl Dice {
    /// The dice for the `index`-th thing of a topic.
    pub(super) fn new(seed: u64, topic: &str, index: usize) -> Self {
        // FNV-1a spreads the parts well enough and never changes.
        let parts = [&seed.to_le_bytes()[..], topic.as_bytes(), &(index as u64).to_le_bytes()];
        let hash = parts.concat().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(SmallRng::seed_from_u64(hash))
    }

    /// A number below a bound, which is at least 1.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0.random_range(0..bound)
    }

    /// A number of a range that includes both its ends.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        self.0.random_range(least..=most)
    }

    /// True so many times in a hundred.
    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// True every second time.
    pub(super) fn coin(&mut self) -> bool {
        self.percent(50)
    }

    /// One of several.
    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Some of several, in their order; often none or all.
    pub(super) fn some_of<T: Clone>(&mut self, from: &[T]) -> Vec<T> {
        let chance = self.pick(&[0, 30, 60, 100]);
        from.iter().filter(|_| self.percent(chance)).cloned().collect()
    }

    /// A list of `least` things or more, which is seldom long.
    pub(super) fn list<T>(&mut self, least: usize, mut one: impl FnMut(&mut Self, usize) -> T) -> Vec<T> {
        let more = if self.percent(2) { 60 } else { self.pick(&[0, 0, 1, 1, 2, 3, 3, 12]) };
        (0..least + more).map(|index| one(self, index)).collect()
    }

    /// Any text.
    pub(super) fn text(&mut self) -> String {
        match self.below(20) {
            0 => "long ".repeat(self.below(200)),
            1..5 => self.word(),
            _ => self.pick(&TEXTS).to_owned(),
        }
    }

    /// Any text that isn't empty.
    pub(super) fn some_text(&mut self) -> String {
        let text = self.text();
        if text.is_empty() { "-".to_owned() } else { text }
    }

    /// A reason or the like in the form that the API demands of most.
    pub(super) fn reason(&mut self) -> String {
        self.pick(&["Ready", "A", "Some_Reason", "Evicted", "a,b:c", "MinimumReplicasAvailable", "OOMKilled"])
            .to_owned()
    }

    /// A name in the strictest form: small letters and digits.
    pub(super) fn word(&mut self) -> String {
        let length = self.pick(&[1, 3, 5, 8, 15]);
        let letter = |dice: &mut Self| char::from(b"abcdefghijklmnopqrstuvwxyz"[dice.below(26)]);
        (0..length).map(|_| letter(self)).collect()
    }

    /// A host's or file's name: words with dots and dashes.
    pub(super) fn host(&mut self) -> String {
        let form = self.below(5);
        match form {
            0 => format!("{}.example.com", self.word()),
            1 => format!("a.b-c.{}.0", self.word()),
            2 => format!("{}-{}", self.word(), self.below(1000)),
            _ => self.word(),
        }
    }

    /// An IPv4 address that means one host.
    pub(super) fn ipv4(&mut self) -> String {
        format!("10.{}.{}.{}", self.below(256), self.below(256), 1 + self.below(254))
    }

    /// An IPv6 address in its shortest form.
    pub(super) fn ipv6(&mut self) -> String {
        format!("fd00:{:x}::{:x}", 1 + self.below(0xffff), 1 + self.below(0xffff))
    }

    /// A UUID.
    pub(super) fn uid(&mut self) -> String {
        let hex = format!("{:032x}", self.0.random::<u128>());
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        parts.join("-")
    }

    /// A count that is not negative.
    pub(super) fn count(&mut self) -> i32 {
        self.pick(&[0, 0, 1, 2, 3, 10, 1_000_000, i32::MAX])
    }

    /// Any large or small number that is not negative.
    pub(super) fn number(&mut self) -> i64 {
        self.pick(&[0, 1, 2, 600, 1 << 31, (1 << 53) + 1, i64::MAX])
    }

    /// A quantity that is not negative, at times as a number.
    pub(super) fn quantity(&mut self) -> Value {
        match self.below(12) {
            0 => json!(self.below(5000)),
            1 => json!(0.25),
            _ => json!(self.pick(&QUANTITIES)),
        }
    }

    /// A quantity without a fraction.
    pub(super) fn whole(&mut self) -> Value {
        if self.percent(10) { json!(self.below(5000)) } else { json!(self.pick(&WHOLE)) }
    }

    /// A whole quantity above zero.
    pub(super) fn positive(&mut self) -> Value {
        if self.percent(10) { json!("7Ei") } else { json!(self.pick(&WHOLE[1..])) }
    }

    /// A time, at times with a zone or a fraction of a second, before 1970 or far away. Go's zero
    /// time is not among them: behind a pointer protobuf keeps it and JSON doesn't, so that what a
    /// client sees depends on the encoding.
    pub(super) fn time(&mut self) -> Value {
        let odd = [
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00Z",
            "2026-02-28T12:00:00+05:30",
            "9999-12-31T23:59:59Z",
            "2024-02-29T00:00:00.999Z",
        ];
        if self.percent(20) { json!(self.pick(&odd)) } else { self.past() }
    }

    /// An ordinary time of the last years.
    pub(super) fn past(&mut self) -> Value {
        let seconds = self.between(1_600_000_000, 1_780_000_000);
        json!(jiff::Timestamp::from_second(seconds).unwrap().to_string())
    }

    /// A time of a field that has microseconds.
    pub(super) fn micro_time(&mut self) -> Value {
        let seconds = self.between(0, 1_780_000_000);
        let micros = self.pick(&[0, 1, 500_000, 999_999]);
        let time = jiff::Timestamp::new(seconds, micros * 1000).unwrap();
        json!(format!("{time:.6}"))
    }

    /// The status of a condition.
    pub(super) fn truth(&mut self) -> &'static str {
        self.pick(&["True", "False", "Unknown"])
    }
}

/// The same object without some of its fields: with none, few, most or all of them.
pub(super) fn thin(object: Value, dice: &mut Dice) -> Value {
    let Value::Object(fields) = object else { panic!("{object} has no fields") };
    let chance = dice.pick(&[0, 30, 60, 90, 100]);
    fields.into_iter().filter(|_| dice.percent(chance)).collect::<Map<_, _>>().into()
}

/// The same object with further fields, which replace those that it has.
pub(super) fn with(mut object: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("{more} has no fields") };
    object.as_object_mut().unwrap().extend(more);
    object
}

/// One of the fields of an object, as the only one.
pub(super) fn one_of(object: Value, dice: &mut Dice) -> Value {
    let Value::Object(fields) = object else { panic!("{object} has no fields") };
    let chosen = dice.below(fields.len());
    fields.into_iter().skip(chosen).take(1).collect::<Map<_, _>>().into()
}

/// Conditions as most controllers write them, with types of their own among them.
pub(super) fn conditions(types: &[&str], dice: &mut Dice) -> Value {
    let mut types: Vec<String> = dice.some_of(types).into_iter().map(str::to_owned).collect();
    if dice.percent(20) {
        types.push("example.com/Own_condition.1".to_owned());
    }
    types.into_iter().map(|kind| condition(&kind, dice)).collect()
}

/// One condition.
pub(super) fn condition(kind: &str, dice: &mut Dice) -> Value {
    let parts = json!({
        "reason": dice.reason(),
        "message": dice.text(),
        "lastTransitionTime": dice.time(),
    });
    with(thin(parts, dice), json!({ "type": kind, "status": dice.truth() }))
}

/// Conditions of a kind whose conditions the API server looks at no closer: also with statuses that
/// mean nothing, and twice.
pub(super) fn loose_conditions(types: &[&str], dice: &mut Dice) -> Value {
    let Value::Array(mut list) = conditions(types, dice) else { unreachable!("conditions are a list") };
    for condition in &mut list {
        if dice.percent(10) {
            condition["status"] = json!(dice.pick(&["Maybe", "true", ""]));
        }
    }
    if dice.percent(10) {
        list.extend(list.clone());
    }
    list.into()
}

/// Conditions of a kind for which the API server checks every part of them.
pub(super) fn strict_conditions(types: &[&str], dice: &mut Dice) -> Value {
    let Value::Array(mut list) = conditions(types, dice) else { unreachable!("conditions are a list") };
    for condition in &mut list {
        let required = json!({
            "reason": dice.pick(&["Ready", "A", "Some_Reason", "a,b:c"]),
            "message": dice.text(),
            "lastTransitionTime": dice.past(),
        });
        condition.as_object_mut().unwrap().extend(required.as_object().unwrap().clone());
    }
    list.into()
}
