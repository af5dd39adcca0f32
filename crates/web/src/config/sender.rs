//! Who may send messages: a declared name of a program (MSH-3 and MSH-4), the account in whose name it speaks, and from where
//! it may. It guarantees that a sender without a network and without a certificate cannot be declared.

use super::{Network, Setting};
use std::{fmt, net::IpAddr};

/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// A sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Sending application, MSH-3.1.
    pub application: String,
    /// Sending facility, MSH-4.1.
    pub facility: String,
    /// Login of the account in whose name it speaks.
    pub login: String,
    /// Networks from which it may.
    pub networks: Vec<Network>,
    /// SHA-256 of client certificates with which it may, in small hexadecimal.
    pub certificates: Vec<String>,
}

impl Sender {
    /// Whether it may speak from an address, with the certificate of this SHA-256: what is declared must hold, both if both
    /// are.
    pub fn may(&self, address: IpAddr, certificate: Option<&str>) -> bool {
        let placed = self.networks.is_empty() || self.networks.iter().any(|network| network.contains(address));
        let known = self.certificates.is_empty()
            || certificate.is_some_and(|given| self.certificates.iter().any(|known| known == given));
        placed && known
    }
}

impl Setting for Sender {
    fn read(text: &str) -> Result<Self, String> {
        let expected =
            "senders such as LIMS/LAB1 = lab1-machine 10.1.0.0/16, with networks or sha256:CERTIFICATE behind";
        let wrong = || expected.to_owned();
        let (name, rest) = text.split_once('=').ok_or_else(wrong)?;
        let (application, facility) = name.split_once('/').ok_or_else(wrong)?;
        let mut words = rest.split_whitespace();
        let login = words.next().ok_or_else(wrong)?.to_owned();
        let (mut networks, mut certificates) = (Vec::new(), Vec::new());
        for word in words {
            match word.strip_prefix("sha256:") {
                Some(digest) => {
                    let digest = digest.replace(':', "").to_lowercase();
                    if digest.len() != DIGITS || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        return Err(format!("sha256: and {DIGITS} hexadecimal digits, the SHA-256 of the certificate"));
                    }
                    certificates.push(digest);
                }
                None => networks.push(Network::read(word)?),
            }
        }
        if networks.is_empty() && certificates.is_empty() {
            return Err(wrong());
        }
        let (application, facility) = (application.trim().to_owned(), facility.trim().to_owned());
        Ok(Sender { application, facility, login, networks, certificates })
    }
    fn text(&self) -> String {
        format!("\"{self}\"")
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} = {}", self.application, self.facility, self.login)?;
        self.networks.iter().try_for_each(|network| write!(f, " {network}"))?;
        self.certificates.iter().try_for_each(|digest| write!(f, " sha256:{digest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_speaks_from_where_it_is_declared() {
        let digest = "ab".repeat(32);
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let sender = Sender::read("LIMS/LAB 1 = lab1 10.1.0.0/16 192.0.2.7").unwrap();
        assert_eq!((sender.application.as_str(), sender.facility.as_str()), ("LIMS", "LAB 1"));
        assert!(
            sender.may(at("10.1.2.3"), None) && sender.may(at("192.0.2.7"), None) && !sender.may(at("10.2.0.1"), None)
        );
        let sender = Sender::read(&format!("LIMS/L = lab1 sha256:{}", digest.to_uppercase())).unwrap();
        assert!(sender.may(at("10.2.0.1"), Some(&digest)) && !sender.may(at("10.2.0.1"), None));
        let both = Sender::read(&format!("LIMS/L = lab1 10.0.0.0/8 sha256:{digest}")).unwrap();
        assert!(both.may(at("10.2.0.1"), Some(&digest)) && !both.may(at("11.0.0.1"), Some(&digest)));
        assert!(!both.may(at("10.2.0.1"), None));
        assert_eq!(Sender::read(&both.to_string()), Ok(both));
        for wrong in ["", "LIMS/L", "LIMS = x 10.0.0.0/8", "LIMS/L = lab1", "LIMS/L = lab1 x", "LIMS/L = a sha256:12"] {
            assert!(Sender::read(wrong).is_err(), "{wrong}");
        }
    }
}
