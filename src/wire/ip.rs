//! Addresses.

use super::{bytes::ShortText, compact_text::compact_text};
use arrayvec::ArrayString;
use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv6Addr},
};

/// An IP address, or whatever text stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ip(Form);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    V4([u8; 4]),
    V6([u8; 16]),
    Text(Box<str>),
}

impl Ip {
    /// The address with this text.
    pub fn new(text: &str) -> Self {
        let form = match text.parse() {
            Ok(IpAddr::V4(address)) => Form::V4(address.octets()),
            Ok(IpAddr::V6(address)) if address.to_string() == text => Form::V6(address.octets()),
            _ => Form::Text(text.into()),
        };
        Self(form)
    }

    /// The address as the server gave it.
    #[inline]
    pub fn text(&self) -> ShortText<'_> {
        let mut rendered = ArrayString::new();
        match &self.0 {
            Form::Text(text) => return ShortText::Held(text),
            // Nearly all addresses are of this kind, and formatting takes ten times as long.
            Form::V4(octets) => {
                let mut buffer = itoa::Buffer::new();
                for (at, octet) in octets.iter().enumerate() {
                    rendered.push_str(if at == 0 { "" } else { "." });
                    rendered.push_str(buffer.format(*octet));
                }
            }
            Form::V6(octets) => {
                write!(rendered, "{}", Ipv6Addr::from(*octets))
                    .expect("no address is longer than the buffer");
            }
        }
        ShortText::Rendered(rendered)
    }

    /// The address family, `4` or `6`; an IPv4 address in IPv6 notation counts as IPv4. `None`
    /// where the text is no address.
    pub fn family(&self) -> Option<&'static str> {
        let address = match &self.0 {
            Form::V4(_) => return Some("4"),
            Form::V6(octets) => IpAddr::from(*octets),
            Form::Text(text) => text.parse().ok()?,
        };
        Some(if address.to_canonical().is_ipv4() { "4" } else { "6" })
    }
}

compact_text!(Ip, "an address");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_with_its_family() {
        for (text, family) in [
            ("10.0.0.1", Some("4")),
            ("2001:db8::1", Some("6")),
            ("2001:DB8::1", Some("6")),
            ("2001:0db8:0:0:0:0:0:1", Some("6")),
            ("::ffff:10.0.0.1", Some("4")),
            ("::ffff:a00:1", Some("4")),
            ("::", Some("6")),
            ("010.0.0.1", None),
            ("10.0.0", None),
            ("fe80::1%eth0", None),
            ("None", None),
            ("", None),
        ] {
            let ip = Ip::new(text);
            assert_eq!(&*ip.text(), text);
            assert_eq!(ip.family(), family, "{text}");
        }
    }
}
