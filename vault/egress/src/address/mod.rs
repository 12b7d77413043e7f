//! Which addresses a destination's name may stand for.
//!
//! A name is resolved once, every address it stands for is checked, and the connection goes to one of exactly these.
//! A name that changes its mind between the check and the connection (DNS rebinding) has no moment to do so.

mod network;
mod ranges;
mod resolver;

use std::net::IpAddr;

pub use network::{Network, NetworkError};
pub use ranges::AddressKind;
pub(crate) use ranges::listable;
pub use resolver::{Resolver, SystemResolver};

/// Why an address is not connected to. Names the kind of the address, not the address: whoever asks is not told how
/// the inner network is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the destination stands for an address that is {0}")]
pub struct AddressRefused(pub AddressKind);

/// Checks all addresses of a name. One that is refused refuses the name: a mixture of public and private addresses is
/// how a private one is smuggled in.
///
/// `allowed` are the networks that a destination may reach although they are not public. An IPv4-mapped IPv6 address
/// is the IPv4 address that it maps, and comes back as that.
pub fn check_addresses(
    addresses: impl IntoIterator<Item = IpAddr>,
    allowed: &[Network],
) -> Result<Vec<IpAddr>, AddressRefused> {
    addresses.into_iter().map(|address| check_address(address, allowed)).collect()
}

fn check_address(address: IpAddr, allowed: &[Network]) -> Result<IpAddr, AddressRefused> {
    let address = address.to_canonical();
    match ranges::refused_kind(address) {
        Some(kind) if !kind.may_be_listed() => Err(AddressRefused(kind)),
        Some(kind) if !allowed.iter().any(|network| network.contains(address)) => Err(AddressRefused(kind)),
        _ => Ok(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(address: &str) -> Option<AddressKind> {
        check_addresses([address.parse().unwrap()], &[]).err().map(|refused| refused.0)
    }

    #[test]
    fn public_addresses_pass() {
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "172.15.255.255",
            "172.32.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "64:ff9b::8.8.8.8",
        ] {
            assert_eq!(kind(address), None, "{address}");
        }
    }

    #[test]
    fn every_other_kind_is_refused_by_its_name() {
        for (address, expected) in [
            ("0.0.0.0", AddressKind::Unspecified),
            ("0.1.2.3", AddressKind::Unspecified),
            ("10.0.0.1", AddressKind::Private),
            ("172.16.0.1", AddressKind::Private),
            ("172.31.255.255", AddressKind::Private),
            ("192.168.1.1", AddressKind::Private),
            ("100.64.0.1", AddressKind::Shared),
            ("100.100.100.200", AddressKind::Shared),
            ("127.0.0.1", AddressKind::Loopback),
            ("127.255.255.254", AddressKind::Loopback),
            ("169.254.0.1", AddressKind::LinkLocal),
            ("169.254.169.254", AddressKind::LinkLocal),
            ("168.63.129.16", AddressKind::CloudService),
            ("192.0.0.192", AddressKind::Reserved),
            ("192.0.2.1", AddressKind::Documentation),
            ("198.51.100.1", AddressKind::Documentation),
            ("203.0.113.1", AddressKind::Documentation),
            ("192.88.99.1", AddressKind::Transition),
            ("198.18.0.1", AddressKind::Benchmarking),
            ("198.19.255.255", AddressKind::Benchmarking),
            ("224.0.0.1", AddressKind::Multicast),
            ("240.0.0.1", AddressKind::Reserved),
            ("255.255.255.255", AddressKind::Reserved),
            ("::", AddressKind::Unspecified),
            ("::1", AddressKind::Loopback),
            ("::10.0.0.1", AddressKind::Transition),
            ("::8.8.8.8", AddressKind::Transition),
            ("::ffff:10.0.0.1", AddressKind::Private),
            ("::ffff:127.0.0.1", AddressKind::Loopback),
            ("::ffff:169.254.169.254", AddressKind::LinkLocal),
            ("::ffff:0:10.0.0.1", AddressKind::Reserved),
            ("64:ff9b::10.0.0.1", AddressKind::Private),
            ("64:ff9b::169.254.169.254", AddressKind::LinkLocal),
            ("64:ff9b:1::8.8.8.8", AddressKind::Transition),
            ("64:ff9b::1:8.8.8.8", AddressKind::Reserved),
            ("100::1", AddressKind::Reserved),
            ("2001::1", AddressKind::Transition),
            ("2001:2::1", AddressKind::Reserved),
            ("2001:10::1", AddressKind::Reserved),
            ("2001:db8::1", AddressKind::Documentation),
            ("3fff::1", AddressKind::Documentation),
            ("2002:a00:1::1", AddressKind::Transition),
            ("2002:808:808::1", AddressKind::Transition),
            ("4000::1", AddressKind::Reserved),
            ("5f00::1", AddressKind::Reserved),
            ("fc00::1", AddressKind::UniqueLocal),
            ("fd00:ec2::254", AddressKind::UniqueLocal),
            ("fe80::1", AddressKind::LinkLocal),
            ("fec0::1", AddressKind::Reserved),
            ("ff02::1", AddressKind::Multicast),
        ] {
            assert_eq!(kind(address), Some(expected), "{address}");
        }
    }

    #[test]
    fn one_refused_address_refuses_the_name() {
        let mixed = ["8.8.8.8", "10.0.0.1"].map(|address| address.parse().unwrap());
        assert_eq!(check_addresses(mixed, &[]), Err(AddressRefused(AddressKind::Private)));
        let [first, second] = mixed;
        assert!(check_addresses([second, first], &[]).is_err());
    }

    #[test]
    fn a_listed_network_may_be_reached_and_its_neighbour_not() {
        let allowed = ["10.20.0.0/16".parse().unwrap(), "fd00:1::/32".parse().unwrap()];
        for (address, passes) in [
            ("10.20.255.1", true),
            ("::ffff:10.20.0.1", true),
            ("10.21.0.1", false),
            ("fd00:1::5", true),
            ("fd00:2::5", false),
            ("169.254.169.254", false),
            // What a gateway would translate to it is not the address itself.
            ("64:ff9b::10.20.0.1", false),
        ] {
            let checked = check_addresses([address.parse().unwrap()], &allowed);
            assert_eq!(checked.is_ok(), passes, "{address}");
        }
        let mapped = check_addresses(["::ffff:10.20.0.1".parse().unwrap()], &allowed);
        assert_eq!(mapped, Ok(vec!["10.20.0.1".parse().unwrap()]));
    }

    #[test]
    fn the_refusal_does_not_tell_the_address() {
        let refused = check_addresses(["10.1.2.3".parse().unwrap()], &[]).unwrap_err();
        assert_eq!(refused.to_string(), "the destination stands for an address that is private");
        assert!(!format!("{refused:?}").contains("10.1"));
    }
}
