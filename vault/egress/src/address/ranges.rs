//! The addresses that are not public, as in IANA's registries of special-purpose addresses (RFC 6890).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Network;

/// What an address is when it is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// RFC 1918.
    Private,
    /// Behind a carrier's address translation (RFC 6598).
    Shared,
    /// This machine.
    Loopback,
    /// The local link, with most clouds' metadata service (RFC 3927, RFC 4291).
    LinkLocal,
    /// IPv6's private addresses (RFC 4193).
    UniqueLocal,
    /// For measuring networks (RFC 2544).
    Benchmarking,
    /// For examples (RFC 5737, RFC 3849, RFC 9637).
    Documentation,
    /// A public address by which a cloud's host serves its own guests.
    CloudService,
    /// Hides an IPv4 address in an IPv6 one: IPv4-compatible, 6to4, Teredo, local NAT64.
    Transition,
    /// A group of hosts.
    Multicast,
    /// No host, or this network.
    Unspecified,
    /// Not in use on the Internet.
    Reserved,
}

impl AddressKind {
    /// Whether a destination may list addresses of this kind as its own.
    pub const fn may_be_listed(self) -> bool {
        match self {
            Self::Private
            | Self::Shared
            | Self::Loopback
            | Self::LinkLocal
            | Self::UniqueLocal
            | Self::Benchmarking => true,
            Self::Documentation
            | Self::CloudService
            | Self::Transition
            | Self::Multicast
            | Self::Unspecified
            | Self::Reserved => false,
        }
    }
}

impl fmt::Display for AddressKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Private => "private",
            Self::Shared => "shared by a carrier",
            Self::Loopback => "of this machine",
            Self::LinkLocal => "of the local link",
            Self::UniqueLocal => "unique local",
            Self::Benchmarking => "for benchmarks",
            Self::Documentation => "for documentation",
            Self::CloudService => "a cloud's own service",
            Self::Transition => "a transitional form of another",
            Self::Multicast => "multicast",
            Self::Unspecified => "unspecified",
            Self::Reserved => "reserved",
        })
    }
}

/// What kind of address this is; none if it is public. Expects IPv4-mapped addresses as IPv4.
pub(super) fn refused_kind(address: IpAddr) -> Option<AddressKind> {
    match address {
        IpAddr::V4(address) => v4_kind(address),
        IpAddr::V6(address) => v6_kind(address),
    }
}

/// Whether all of a network is of one kind that may be listed.
pub(crate) fn listable(network: &Network) -> bool {
    let first = refused_kind(network.first());
    first.is_some_and(AddressKind::may_be_listed) && first == refused_kind(network.last())
        // Both ends private, and public ones between them.
        && network.prefix() >= if network.first().is_ipv4() { 8 } else { 7 }
}

fn v4_kind(address: Ipv4Addr) -> Option<AddressKind> {
    let bits = u32::from(address);
    V4.iter()
        .find(|(network, prefix, _)| (bits ^ u32::from(*network)).leading_zeros() >= *prefix)
        .map(|row| row.2)
}

fn v6_kind(address: Ipv6Addr) -> Option<AddressKind> {
    let bits = u128::from(address);
    // What a translating gateway (RFC 6052) makes of it is where the packet goes.
    if (bits ^ u128::from(NAT64)).leading_zeros() >= 96 {
        let [.., a, b, c, d] = address.octets();
        return v4_kind(Ipv4Addr::new(a, b, c, d));
    }
    let special = V6
        .iter()
        .find(|(network, prefix, _)| (bits ^ u128::from(*network)).leading_zeros() >= *prefix)
        .map(|row| row.2);
    // All that is given out to hosts so far is in 2000::/3 (RFC 4291, section 2.4).
    special.or_else(|| (bits >> 125 != 1).then_some(AddressKind::Reserved))
}

const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

const V4: &[(Ipv4Addr, u32, AddressKind)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, AddressKind::Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, AddressKind::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, AddressKind::Shared),
    (Ipv4Addr::new(127, 0, 0, 0), 8, AddressKind::Loopback),
    // Azure: metadata, keys and health of the guest.
    (Ipv4Addr::new(168, 63, 129, 16), 32, AddressKind::CloudService),
    (Ipv4Addr::new(169, 254, 0, 0), 16, AddressKind::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, AddressKind::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, AddressKind::Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, AddressKind::Documentation),
    (Ipv4Addr::new(192, 88, 99, 0), 24, AddressKind::Transition),
    (Ipv4Addr::new(192, 168, 0, 0), 16, AddressKind::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, AddressKind::Benchmarking),
    (Ipv4Addr::new(198, 51, 100, 0), 24, AddressKind::Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, AddressKind::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, AddressKind::Multicast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, AddressKind::Reserved),
];

/// The narrower ones first.
const V6: &[(Ipv6Addr, u32, AddressKind)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, AddressKind::Unspecified),
    (Ipv6Addr::LOCALHOST, 128, AddressKind::Loopback),
    (Ipv6Addr::UNSPECIFIED, 96, AddressKind::Transition),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, AddressKind::Transition),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, AddressKind::Transition),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, AddressKind::Reserved),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, AddressKind::Documentation),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, AddressKind::Transition),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, AddressKind::Documentation),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, AddressKind::UniqueLocal),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, AddressKind::LinkLocal),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, AddressKind::Multicast),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_listed_lies_in_one_kind() {
        for (network, expected) in [
            ("10.0.0.0/8", true),
            ("10.0.0.1/32", true),
            ("127.0.0.0/8", true),
            ("169.254.0.0/16", true),
            ("fd00::/8", true),
            ("fc00::/7", true),
            ("0.0.0.0/0", false),
            ("8.0.0.0/6", false),
            ("8.8.8.8/32", false),
            ("224.0.0.0/4", false),
            ("192.168.0.0/15", false),
            ("::/0", false),
            ("2002::/16", false),
        ] {
            assert_eq!(listable(&network.parse().unwrap()), expected, "{network}");
        }
    }
}
