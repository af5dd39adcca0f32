//! From where a request came: the address of the other end, or what a trusted proxy says of it. It guarantees that nobody
//! but a proxy named in the settings is believed.

use crate::config::Config;
use axum::http::{HeaderMap, request::Parts};
use std::net::{IpAddr, Ipv4Addr};

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Address.
    pub address: IpAddr,
    /// Whether the connection is encrypted.
    pub secure: bool,
}

/// From where a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Address of who asks.
    pub address: IpAddr,
    /// Whether what they send is encrypted all the way to us or to our proxy.
    pub secure: bool,
    /// Whether it came in a way that the settings allow.
    pub allowed: bool,
}

/// A request without a connection comes from this process.
const HERE: Peer = Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: false };

impl Site {
    /// From where a request came.
    pub fn of(parts: &Parts, config: &Config) -> Site {
        let peer = parts.extensions.get::<Peer>().copied().unwrap_or(HERE);
        let trusted = |address: IpAddr| config.general.trusted_proxies.iter().any(|network| network.contains(address));
        if !trusted(peer.address) {
            // where a proxy encrypts, whoever goes past it sends in the clear
            let bypass = !config.has_tls() && !config.general.trusted_proxies.is_empty();
            let allowed = !bypass || peer.address.is_loopback();
            return Site { address: peer.address.to_canonical(), secure: peer.secure, allowed };
        }
        // each proxy adds whom it saw at the end; the last that is none of ours is the one who asked
        let forwarded = list(&parts.headers, "x-forwarded-for");
        let addresses = forwarded.iter().rev().map_while(|text| text.parse::<IpAddr>().ok());
        let mut address = peer.address;
        for seen in addresses {
            address = seen;
            if !trusted(seen) {
                break;
            }
        }
        let protocol = list(&parts.headers, "x-forwarded-proto");
        let secure = peer.secure || protocol.last().is_some_and(|protocol| protocol.eq_ignore_ascii_case("https"));
        Site { address: address.to_canonical(), secure, allowed: true }
    }

    /// The address as far as one sender is told from another by it: an IPv6 network of 64 bits is one house.
    pub fn house(&self) -> u128 {
        match self.address {
            IpAddr::V4(address) => u128::from(u32::from(address)),
            IpAddr::V6(address) => u128::from(address) & !u128::from(u64::MAX),
        }
    }
}

fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|part| part.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Network, Setting};
    use axum::http::Request;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let mut config = Config::default();
        let from = |config: &Config, peer: &str, forwarded: &str| {
            let mut request = Request::builder().uri("/");
            if !forwarded.is_empty() {
                request = request.header("x-forwarded-for", forwarded).header("x-forwarded-proto", "https");
            }
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            parts.extensions.insert(Peer { address: peer.parse().unwrap(), secure: false });
            let site = Site::of(&parts, config);
            (site.address.to_string(), site.secure, site.allowed)
        };
        let told = |address: &str, secure, allowed| (address.to_owned(), secure, allowed);
        assert_eq!(from(&config, "192.0.2.1", "203.0.113.9"), told("192.0.2.1", false, true));
        config.general.trusted_proxies = vec![Network::read("10.0.0.0/8").unwrap()];
        assert_eq!(from(&config, "10.0.0.1", "203.0.113.9"), told("203.0.113.9", true, true));
        // what the sender itself wrote in front is not believed
        assert_eq!(from(&config, "10.0.0.1", "198.51.100.1, 203.0.113.9"), told("203.0.113.9", true, true));
        assert_eq!(from(&config, "10.0.0.1", "203.0.113.9, 10.0.0.2"), told("203.0.113.9", true, true));
        assert_eq!(from(&config, "10.0.0.1", "unknown"), told("10.0.0.1", true, true));
        // somebody who goes past the proxy
        assert_eq!(from(&config, "192.0.2.1", "203.0.113.9"), told("192.0.2.1", false, false));
        assert_eq!(from(&config, "127.0.0.1", ""), told("127.0.0.1", false, true));
    }
}
