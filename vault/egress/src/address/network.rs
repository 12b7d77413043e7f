//! A network in CIDR form (RFC 4632): an address and how many of its bits count.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    prefix: u32,
}

/// Not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// No address, no slash, no length, or more bits than the address has.
    #[error("a network must be an address and a length, such as 10.20.0.0/16")]
    Form,
    /// Most likely the length or the address is a mistake.
    #[error("a network must be zero beyond its length, as 10.20.0.0/16 is and 10.20.1.1/16 is not")]
    HostBits,
    /// It would never match: such addresses are looked at as IPv4.
    #[error("a network must be written as IPv4 where it maps IPv4")]
    Mapped,
}

impl Network {
    /// Whether the address is one of it. An IPv4-mapped address is not the IPv4 address here.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (u32::from(first) ^ u32::from(address)).leading_zeros() >= self.prefix
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (u128::from(first) ^ u128::from(address)).leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }

    pub(crate) const fn first(&self) -> IpAddr {
        self.first
    }

    pub(crate) fn last(&self) -> IpAddr {
        match self.first {
            IpAddr::V4(first) => Ipv4Addr::from(u32::from(first) | v4_host_bits(self.prefix)).into(),
            IpAddr::V6(first) => Ipv6Addr::from(u128::from(first) | v6_host_bits(self.prefix)).into(),
        }
    }

    pub(crate) const fn prefix(&self) -> u32 {
        self.prefix
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text.split_once('/').ok_or(NetworkError::Form)?;
        let first: IpAddr = address.parse().map_err(|_| NetworkError::Form)?;
        let digits = (1..=3).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|_| digits).ok_or(NetworkError::Form)?;
        let (width, host_bits) = match first {
            IpAddr::V4(first) => (32, u128::from(u32::from(first) & v4_host_bits(prefix))),
            IpAddr::V6(first) => (128, u128::from(first) & v6_host_bits(prefix)),
        };
        if prefix > width {
            return Err(NetworkError::Form);
        }
        if host_bits != 0 {
            return Err(NetworkError::HostBits);
        }
        if first.to_canonical() != first {
            return Err(NetworkError::Mapped);
        }
        Ok(Self { first, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.prefix)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn v4_host_bits(prefix: u32) -> u32 {
    u32::MAX.checked_shr(prefix).unwrap_or(0)
}

fn v6_host_bits(prefix: u32) -> u128 {
    u128::MAX.checked_shr(prefix).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_networks_and_says_what_is_wrong_with_others() {
        for text in ["10.20.0.0/16", "0.0.0.0/0", "10.0.0.1/32", "fd00::/8", "::/0", "::1/128"] {
            assert_eq!(text.parse::<Network>().map(|network| network.to_string()), Ok(text.to_owned()));
        }
        for (text, error) in [
            ("10.20.0.0", NetworkError::Form),
            ("10.20.0.0/", NetworkError::Form),
            ("10.20.0.0/+8", NetworkError::Form),
            ("10.20.0.0/33", NetworkError::Form),
            ("10.20/16", NetworkError::Form),
            ("::/129", NetworkError::Form),
            ("10.20.1.1/16", NetworkError::HostBits),
            ("fd00::1/8", NetworkError::HostBits),
            ("::ffff:10.0.0.0/104", NetworkError::Mapped),
        ] {
            assert_eq!(text.parse::<Network>(), Err(error), "{text}");
        }
    }

    #[test]
    fn contains_what_shares_its_bits() {
        let network: Network = "10.20.0.0/16".parse().unwrap();
        assert!(network.contains("10.20.255.255".parse().unwrap()));
        assert!(!network.contains("10.21.0.0".parse().unwrap()));
        assert!(!network.contains("::ffff:10.20.0.1".parse().unwrap()));
        assert_eq!(network.last(), "10.20.255.255".parse::<IpAddr>().unwrap());
    }
}
