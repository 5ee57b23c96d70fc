//! Names and payloads that nobody looks into.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::dice::Dice;

/// Letters of base64 that payloads are cut out of.
const POOL: usize = 1 << 17;

static BASE64: LazyLock<String> = LazyLock::new(|| {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let dice = &mut Dice::new(0, "payloads", 0);
    (0..POOL).map(|_| char::from(letters[dice.below(letters.len())])).collect()
});

/// Some bytes in base64, other ones for other numbers; the length is rounded to whole bytes.
pub(super) fn bytes(number: usize, length: usize) -> &'static str {
    let length = length.min(POOL / 2) / 4 * 4;
    let start = number.wrapping_mul(52) % (POOL - length);
    &BASE64[start..start + length]
}

/// The text of a certificate.
pub(super) fn certificate(number: usize) -> String {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in 0..17 {
        text.push_str(bytes(number + line, 64));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

/// A configuration file of so many lines.
pub(super) fn configuration(dice: &mut Dice, lines: usize) -> String {
    let mut text = String::with_capacity(lines * 32);
    for line in 0..lines {
        let section = dice.pick(&["server", "cache", "database", "tracing", "limits", "features"]);
        let key = dice.pick(&["timeout", "max_connections", "buffer_size", "retries", "interval", "enabled"]);
        writeln!(text, "{section}_{line}.{key}: {}", dice.below(10_000)).expect("text is written to memory");
    }
    text
}

/// The name of the `number`-th of things that are usually called so.
pub(super) fn name(usual: &[&str], number: usize) -> String {
    let name = usual[number % usual.len()];
    match number / usual.len() {
        0 => name.to_owned(),
        more => format!("{name}-{}", more + 1),
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine as _};

    use super::*;

    #[test]
    fn payloads_are_base64_and_differ() {
        assert_eq!(BASE64_STANDARD.decode(bytes(7, 1000)).unwrap().len(), 750);
        assert_ne!(bytes(7, 64), bytes(8, 64));
        assert_eq!((name(&["a", "b"], 1), name(&["a", "b"], 5)), ("b".to_owned(), "b-3".to_owned()));
    }
}
