//! Values of flags: to parse one is to validate it.

use super::notation::{duration, whole};
use std::{net::IpAddr, str::FromStr, time::Duration};

/// A boolean in Go's notation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bool(pub bool);

impl FromStr for Bool {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Self(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Self(false)),
            _ => Err("a boolean is true or false"),
        }
    }
}

/// A list, with commas between its items where it is typed. Items are trimmed, empty ones left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List(Vec<String>);

impl List {
    /// A list of one item, which may have commas, or of none.
    pub fn item(item: &str) -> Self {
        Self::of(std::iter::once(item))
    }

    fn of<'a>(items: impl Iterator<Item = &'a str>) -> Self {
        Self(items.map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    /// The items.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The items of a flag that was repeated.
    pub fn all(lists: &[Self]) -> impl Iterator<Item = &str> {
        lists.iter().flat_map(Self::iter)
    }
}

impl FromStr for List {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::of(text.split(',')))
    }
}

/// An address to listen on; empty for all of them, as in Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host(pub IpAddr);

impl FromStr for Host {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        match bare {
            "" => Ok(Self(std::net::Ipv6Addr::UNSPECIFIED.into())),
            "localhost" => Ok(Self(std::net::Ipv4Addr::LOCALHOST.into())),
            _ => bare.parse().map(Self).map_err(|_| "an address is needed, such as 0.0.0.0, :: or 127.0.0.1"),
        }
    }
}

/// How often something happens in a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(pub f64);

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.0);
        rate.map(Self).ok_or("a number from 0 on is needed")
    }
}

/// A time span in Go's notation, such as `1m30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(pub Duration);

impl FromStr for Period {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        duration(text).map(Self).ok_or("a duration is needed, such as 30s, 1m30s or 500ms")
    }
}

/// A number of bytes in Kubernetes' notation, such as `256Mi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const UNITS: [(&str, u32); 3] = [("Ki", 10), ("Mi", 20), ("Gi", 30)];
        let unit = UNITS.iter().find_map(|(unit, bits)| Some((text.strip_suffix(unit)?, *bits)));
        let (digits, bits) = unit.unwrap_or((text, 0));
        let number = digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse::<usize>().ok());
        let bytes = number.flatten().and_then(|number| number.checked_mul(1 << bits));
        bytes.map(Self).ok_or("a number of bytes is needed, such as 256Mi, 1Gi or 0")
    }
}

/// An address to listen on, as in Go: a host, which may be missing, a colon and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenAddress {
    /// The host; all of them where it is missing.
    pub host: IpAddr,
    /// The port.
    pub port: u16,
}

impl FromStr for ListenAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "an address and a port are needed, such as :8080, 127.0.0.1:8080 or [::1]:8080";
        let (host, port) = text.rsplit_once(':').ok_or(WANTED)?;
        // Colons of a host would be taken for the one in front of the port.
        if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
            return Err(WANTED);
        }
        let Host(host) = host.parse().map_err(|_| WANTED)?;
        let port = whole(0..=65535)(port).map_err(|_| WANTED)?;
        Ok(Self { host, port })
    }
}

/// A share that is more than nothing and no more than everything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio(pub f64);

impl FromStr for Ratio {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ratio = text.parse().ok().filter(|ratio: &f64| *ratio > 0.0 && *ratio <= 1.0);
        ratio.map(Self).ok_or("a number above 0 and up to 1 is needed, such as 0.9")
    }
}

/// A service account by its namespace and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// The namespace that it lives in.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl FromStr for ServiceAccount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let label = |text: &str| {
            text.starts_with(alphanumeric)
                && text.ends_with(alphanumeric)
                && text.chars().all(|c| alphanumeric(c) || c == '-')
        };
        match text.split_once('/') {
            Some((namespace, name)) if label(namespace) && name.split('.').all(label) => {
                Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
            }
            _ => Err("a namespace and a name are needed, such as kube-system/kstate"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_kubernetes() {
        for (text, want) in [
            ("0", Some(0)),
            ("17", Some(17)),
            ("3Ki", Some(3 << 10)),
            ("256Mi", Some(256 << 20)),
            ("2Gi", Some(2 << 30)),
            ("", None),
            ("Mi", None),
            ("+1", None),
            ("-1Mi", None),
            ("1.5Gi", None),
            ("1M", None),
            ("20000000000Gi", None),
        ] {
            assert_eq!(text.parse::<Size>().ok().map(|size| size.0), want, "{text}");
        }
    }

    #[test]
    fn addresses_have_a_port_and_perhaps_a_host() {
        for (text, want) in [
            (":9100", Some("[::]:9100")),
            ("0.0.0.0:9100", Some("0.0.0.0:9100")),
            ("[::1]:9100", Some("[::1]:9100")),
            ("localhost:0", Some("127.0.0.1:0")),
            ("9100", None),
            ("::1:9100", None),
            ("127.0.0.1:", None),
            ("127.0.0.1:65536", None),
            ("example.org:9100", None),
            ("vsock://:9100", None),
            ("", None),
        ] {
            let got = text.parse::<ListenAddress>().ok();
            let got = got.map(|address| std::net::SocketAddr::from((address.host, address.port)).to_string());
            assert_eq!(got.as_deref(), want, "{text}");
        }
    }

    #[test]
    fn ratios_are_shares() {
        for (text, sound) in [("0.9", true), ("1", true), ("1e-3", true), ("0", false), ("1.01", false)] {
            assert_eq!(text.parse::<Ratio>().is_ok(), sound, "{text}");
        }
        for text in ["-0.5", "NaN", "inf", "most", ""] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
    }
}
