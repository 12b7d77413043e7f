//! Who is calling: one SAN URI of the peer's certificate, read once a connection, checked on every request.

use std::net::SocketAddr;

use rustls_pki_types::CertificateDer;
use strongroom_domain::{CertificateSerial, Principal, SpiffeId, Timestamp, TrustDomain};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What the TLS handshake proved of the peer. Put into every request's extensions by the listener.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The address it connects from.
    pub origin: SocketAddr,
    /// Its name, or why it has none here.
    pub identity: Result<Identified, Unidentified>,
}

impl Peer {
    /// The peer of a finished handshake. That its certificate is of one of our authorities, in force and not revoked
    /// has been proven by then; here it is only about the name.
    pub fn of_handshake(
        origin: SocketAddr,
        certificates: Option<&[CertificateDer<'_>]>,
        trust_domain: &TrustDomain,
    ) -> Self {
        let leaf = certificates.and_then(<[_]>::first).ok_or(Unidentified::Malformed);
        Self { origin, identity: leaf.and_then(|leaf| identify(leaf, trust_domain)) }
    }
}

fn identify(certificate: &[u8], trust_domain: &TrustDomain) -> Result<Identified, Unidentified> {
    let (rest, certificate) = X509Certificate::from_der(certificate).map_err(|_| Unidentified::Malformed)?;
    if !rest.is_empty() {
        return Err(Unidentified::Malformed);
    }
    let usage = certificate.extended_key_usage().map_err(|_| Unidentified::Malformed)?;
    if !usage.is_some_and(|usage| usage.value.client_auth) {
        return Err(Unidentified::NotForClients);
    }
    let id = SpiffeId::parse(the_one_uri(&certificate)?).ok_or(Unidentified::NotSpiffe)?;
    if id.trust_domain() != trust_domain {
        return Err(Unidentified::ForeignTrustDomain);
    }
    let not_after = certificate.validity().not_after.timestamp();
    Ok(Identified {
        principal: Principal { id, certificate: serial(certificate.raw_serial()) },
        not_after: Timestamp::from_unix_millis(not_after.saturating_mul(1000)),
    })
}

/// The SPIFFE X.509-SVID rule: exactly one URI. Names of other kinds may stand beside it and mean nothing here.
fn the_one_uri<'a>(certificate: &'a X509Certificate<'_>) -> Result<&'a str, Unidentified> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| Unidentified::Malformed)?
        .ok_or(Unidentified::NotOneUri)?;
    let mut uris = names.value.general_names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => Some(*uri),
        _ => None,
    });
    match (uris.next(), uris.next()) {
        (Some(uri), None) => Ok(uri),
        _ => Err(Unidentified::NotOneUri),
    }
}

/// Without the zero that DER puts before a number whose first bit is set, as every tool shows it.
fn serial(raw: &[u8]) -> CertificateSerial {
    CertificateSerial::from_bytes(match raw {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    })
}

/// A peer with a name.
#[derive(Debug, Clone)]
pub struct Identified {
    /// Who it is.
    pub principal: Principal,
    /// Until when its certificate holds: a connection outlives neither this nor the listener's maximum age.
    pub not_after: Timestamp,
}

/// Why a certificate names nobody. Told to the caller as "unauthenticated" with this text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    /// None was asked for.
    #[error("the connection came without a client certificate")]
    Anonymous,
    /// Unreadable.
    #[error("the client certificate cannot be read")]
    Malformed,
    /// The name must be one URI and nothing else may pass for it.
    #[error("the client certificate must carry exactly one SAN URI")]
    NotOneUri,
    /// Not a name of this form.
    #[error("the SAN URI must be spiffe://<trust-domain>/tenant/<tenant>/service/<name>")]
    NotSpiffe,
    /// Not made for clients.
    #[error("the client certificate lacks the clientAuth extended key usage")]
    NotForClients,
    /// Of another trust domain.
    #[error("the client certificate is of another trust domain")]
    ForeignTrustDomain,
    /// Its time is over.
    #[error("the client certificate has expired")]
    Expired,
}

#[cfg(test)]
mod tests {
    use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    use rcgen::SanType;

    use super::*;
    use crate::tls::fixtures::{Authority, Wanted};

    const NAME: &str = "spiffe://example.org/tenant/acme/service/shop";

    fn identity_of(change: impl FnOnce(&mut Wanted)) -> Result<Identified, Unidentified> {
        let mut wanted = Wanted::client(NAME);
        change(&mut wanted);
        let chain = Authority::new("ours").issue(wanted).chain();
        let origin = SocketAddr::from(([192, 0, 2, 1], 40000));
        Peer::of_handshake(origin, Some(&chain), &TrustDomain::parse("example.org").unwrap()).identity
    }

    fn refusal_of(change: impl FnOnce(&mut Wanted)) -> Unidentified {
        identity_of(change).map(drop).unwrap_err()
    }

    fn uri(text: &str) -> SanType {
        SanType::URI(text.try_into().unwrap())
    }

    fn dns(text: &str) -> SanType {
        SanType::DnsName(text.try_into().unwrap())
    }

    #[test]
    fn the_name_the_serial_and_the_end_are_read() {
        let peer = identity_of(|wanted| wanted.serial = 0x80ff).unwrap();
        assert_eq!(peer.principal.id.to_string(), NAME);
        assert_eq!(peer.principal.certificate.as_str(), "80ff");
        let left = peer.not_after.unix_millis() / 1000 - time::OffsetDateTime::now_utc().unix_timestamp();
        assert!((3590..=3600).contains(&left), "{left}");
    }

    #[test]
    fn names_of_other_kinds_mean_nothing() {
        assert!(identity_of(|wanted| wanted.sans.push(dns("shop.example.org"))).is_ok());
        assert_eq!(refusal_of(|wanted| wanted.sans = vec![dns("example.org")]), Unidentified::NotOneUri);
        assert_eq!(
            refusal_of(
                |wanted| wanted.sans = vec![SanType::Rfc822Name(NAME.replace('/', "@").try_into().unwrap())]
            ),
            Unidentified::NotOneUri
        );
    }

    #[test]
    fn there_is_exactly_one_uri() {
        assert_eq!(refusal_of(|wanted| wanted.sans.clear()), Unidentified::NotOneUri);
        assert_eq!(refusal_of(|wanted| wanted.sans.push(uri(NAME))), Unidentified::NotOneUri);
        assert_eq!(
            refusal_of(|wanted| wanted.sans.insert(0, uri("https://example.org"))),
            Unidentified::NotOneUri
        );
    }

    #[test]
    fn only_the_one_form_is_a_name() {
        for other in [
            "spiffe://example.org/tenant/acme",
            "spiffe://example.org/ns/acme/sa/shop",
            "spiffe://example.org/tenant/acme/service/shop/admin",
            "spiffe://example.org/tenant/acme/service/shop?tenant=globex",
            "spiffe://example.org/tenant/acme%2fservice%2fx/service/shop",
            "spiffe://example.org:443/tenant/acme/service/shop",
            "spiffe://root@example.org/tenant/acme/service/shop",
            "https://example.org/tenant/acme/service/shop",
        ] {
            assert_eq!(
                refusal_of(|wanted| wanted.sans = vec![uri(other)]),
                Unidentified::NotSpiffe,
                "{other}"
            );
        }
    }

    #[test]
    fn another_trust_domain_is_foreign() {
        for foreign in ["example.com", "example.org.evil", "sub.example.org"] {
            let name = NAME.replace("example.org", foreign);
            assert_eq!(
                refusal_of(|wanted| wanted.sans = vec![uri(&name)]),
                Unidentified::ForeignTrustDomain,
                "{foreign}"
            );
        }
    }

    #[test]
    fn a_certificate_for_servers_or_for_nothing_names_no_client() {
        assert_eq!(refusal_of(|wanted| wanted.usages = vec![ServerAuth]), Unidentified::NotForClients);
        assert_eq!(refusal_of(|wanted| wanted.usages.clear()), Unidentified::NotForClients);
        assert!(identity_of(|wanted| wanted.usages = vec![ServerAuth, ClientAuth]).is_ok());
    }

    #[test]
    fn what_is_no_certificate_names_nobody() {
        let trust_domain = TrustDomain::parse("example.org").unwrap();
        let origin = SocketAddr::from(([192, 0, 2, 1], 40000));
        let chain = Authority::new("ours").issue(Wanted::client(NAME)).chain();
        let longer = CertificateDer::from([chain[0].as_ref(), b"x"].concat());
        for certificates in
            [None, Some(vec![]), Some(vec![CertificateDer::from(b"0".to_vec())]), Some(vec![longer])]
        {
            let peer = Peer::of_handshake(origin, certificates.as_deref(), &trust_domain);
            assert_eq!(peer.identity.map(drop), Err(Unidentified::Malformed));
        }
    }
}
