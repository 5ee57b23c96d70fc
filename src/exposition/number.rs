//! Numbers as Go's `strconv.FormatFloat(v, 'g', -1, 64)` writes them, which is what
//! Prometheus' own libraries expose.

/// Integers up to here are exact in a 64-bit float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The decimal exponent from which on Go changes to scientific notation.
const SCIENTIFIC: i32 = 6;

/// Appends `value`: the shortest digits that read back as the same number, in scientific
/// notation when the decimal exponent is below -4 or at least 6. Both zeros are `0`.
#[inline]
#[allow(clippy::float_cmp)] // exactly these two
pub fn write_number(out: &mut Vec<u8>, value: f64) {
    if value == 0.0 {
        out.push(b'0');
    } else if value == 1.0 {
        out.push(b'1');
    } else if is_exact_integer(value) {
        write_integer(out, value);
    } else {
        write_any(out, value);
    }
}

/// Without `fract`, which is a call of the C library on processors as old as we allow.
#[inline]
#[allow(clippy::cast_possible_truncation, clippy::float_cmp)] // that nothing is lost is the question
fn is_exact_integer(value: f64) -> bool {
    (value as i64) as f64 == value && value.abs() < EXACT
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)] // whole and below 2^53
fn write_integer(out: &mut Vec<u8>, value: f64) {
    if value < 0.0 {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value.abs() as u64).as_bytes();
    let exponent = digits.len() as i32 - 1;
    if exponent < SCIENTIFIC {
        out.extend_from_slice(digits);
    } else {
        let zeros = digits.iter().rev().take_while(|&&d| d == b'0').count();
        write_scientific(out, &digits[..digits.len() - zeros], exponent);
    }
}

#[cold]
#[allow(clippy::cast_sign_loss)] // checked to be positive
fn write_any(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        return out.extend_from_slice(b"NaN");
    }
    if value.is_infinite() {
        return out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    if value < 0.0 {
        out.push(b'-');
    }
    let mut buffer = zmij::Buffer::new();
    let (digits, exponent) = parts(buffer.format_finite(value.abs()).as_bytes());
    let digits = digits.as_slice();
    if !(-4..SCIENTIFIC).contains(&exponent) {
        write_scientific(out, digits, exponent);
    } else if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', exponent.unsigned_abs() as usize - 1));
        out.extend_from_slice(digits);
    } else {
        let whole = exponent as usize + 1;
        let (before, after) = digits.split_at(whole.min(digits.len()));
        out.extend_from_slice(before);
        out.extend(std::iter::repeat_n(b'0', whole - before.len()));
        if !after.is_empty() {
            out.push(b'.');
            out.extend_from_slice(after);
        }
    }
}

/// The significant digits of a positive decimal number in any notation, without zeros at either
/// end, and the decimal exponent of the first of them.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // no number has 2^31 digits
fn parts(text: &[u8]) -> (arrayvec::ArrayVec<u8, 32>, i32) {
    let split = text.iter().position(|b| matches!(b, b'e' | b'E')).unwrap_or(text.len());
    let (mantissa, power) = text.split_at(split);
    let power: i32 = power.get(1..).and_then(|p| std::str::from_utf8(p).ok()?.parse().ok()).unwrap_or(0);
    let point = mantissa.iter().position(|&b| b == b'.').unwrap_or(mantissa.len()) as i32;
    let mut digits: arrayvec::ArrayVec<u8, 32> =
        mantissa.iter().copied().filter(u8::is_ascii_digit).take(32).collect();
    let leading = digits.iter().take_while(|&&d| d == b'0').count();
    digits.drain(..leading);
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    (digits, point - leading as i32 - 1 + power)
}

fn write_scientific(out: &mut Vec<u8>, digits: &[u8], exponent: i32) {
    out.push(digits[0]);
    if digits.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    let power = exponent.unsigned_abs();
    if power < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(itoa::Buffer::new().format(power).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(value: f64) -> String {
        let mut out = Vec::new();
        write_number(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    /// Random and awkward floats with what Go 1.26 printed for them, as `<bits in hex> <text>`.
    const GO: &str = include_str!("testdata/go_floats.txt");

    #[test]
    fn agrees_with_go() {
        let mut pairs = 0;
        for line in GO.lines() {
            let (bits, want) = line.split_once(' ').expect("two columns");
            let value = f64::from_bits(u64::from_str_radix(bits, 16).expect("hexadecimal bits"));
            assert_eq!(number(value), want, "{bits}");
            pairs += 1;
        }
        assert!(pairs >= 10_000, "only {pairs} pairs");
    }

    #[test]
    fn literals() {
        for (value, want) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.0, "-1"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (123_456.0, "123456"),
            (1e6, "1e+06"),
            (1_501_569_018.0, "1.501569018e+09"),
            (-62_135_596_800.0, "-6.21355968e+10"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
            (1e16, "1e+16"),
        ] {
            assert_eq!(number(value), want);
        }
    }

    proptest! {
        #[test]
        #[allow(clippy::float_cmp)] // exactly
        fn every_float_comes_back(bits: u64) {
            let value = f64::from_bits(bits);
            let back: f64 = number(value).parse().unwrap();
            prop_assert!(back == value || (back.is_nan() && value.is_nan()));
        }

        #[test]
        #[allow(clippy::float_cmp)] // exactly
        fn every_integer_comes_back(value: i64) {
            let value = value as f64;
            prop_assert_eq!(number(value).parse::<f64>().unwrap(), value);
        }
    }
}
