//! A network: an address and how many of its bits count. By these the server knows its proxies, and nobody else is
//! believed about whom a request came from.

use super::Setting;
use std::{fmt, net::IpAddr};

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, theirs) = (number(self.address), number(address));
        ours.1 == theirs.1 && (self.bits == 0 || (ours.0 ^ theirs.0) >> (ours.1 - u32::from(self.bits)) == 0)
    }
}

/// An address as a number, and of how many bits. An IPv4 address written as IPv6 is an IPv4 address.
fn number(address: IpAddr) -> (u128, u32) {
    match address.to_canonical() {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    }
}

impl Setting for Network {
    fn read(text: &str) -> Result<Self, String> {
        let expected = || "networks such as 10.0.0.0/8, 192.0.2.7 or fd00::/8".to_owned();
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| expected())?;
        let all = number(address).1 as u8;
        let bits = bits.map_or(Ok(all), str::parse).map_err(|_| expected())?;
        if bits > all { Err(expected()) } else { Ok(Network { address, bits }) }
    }
    fn text(&self) -> String {
        format!("\"{self}\"")
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lies_in_its_network_and_in_no_other() {
        for (network, address, within) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("0.0.0.0/0", "203.0.113.5", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ] {
            let network = Network::read(network).unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), within, "{network} {address}");
        }
        for wrong in ["", "10.0.0.0/33", "10.0.0", "fd00::/129", "10.0.0.0/x", "10.0.0.0/"] {
            assert!(Network::read(wrong).is_err(), "{wrong}");
        }
    }
}
