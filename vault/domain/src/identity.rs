//! Who is calling.

use std::fmt;
use std::sync::Arc;

use crate::{ServiceName, TenantId, TrustDomain};

/// A workload's name: `spiffe://<trust-domain>/tenant/<tenant>/service/<name>`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpiffeId {
    trust_domain: TrustDomain,
    tenant: TenantId,
    service: ServiceName,
    /// All of it, put together once: it stands in every record.
    uri: Arc<str>,
}

impl SpiffeId {
    /// From its parts.
    pub fn new(trust_domain: TrustDomain, tenant: TenantId, service: ServiceName) -> Self {
        let uri = format!("spiffe://{trust_domain}/tenant/{tenant}/service/{service}").into();
        Self { trust_domain, tenant, service, uri }
    }

    /// Reads exactly the one form; no other path, query, fragment or port.
    pub fn parse(uri: &str) -> Option<Self> {
        let mut parts = uri.strip_prefix("spiffe://")?.split('/');
        let trust_domain = TrustDomain::parse(parts.next()?).ok()?;
        if parts.next()? != "tenant" {
            return None;
        }
        let tenant = TenantId::parse(parts.next()?).ok()?;
        if parts.next()? != "service" {
            return None;
        }
        let service = ServiceName::parse(parts.next()?).ok()?;
        parts.next().is_none().then(|| Self::new(trust_domain, tenant, service))
    }

    /// As it stands in certificates and records. A clone of it is no copy.
    pub const fn uri(&self) -> &Arc<str> {
        &self.uri
    }

    /// Who vouches for the name.
    pub const fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// Whose service it is.
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Which service it is.
    pub const fn service(&self) -> &ServiceName {
        &self.service
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.uri)
    }
}

impl fmt::Debug for SpiffeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The serial number of the caller's certificate, in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CertificateSerial(Arc<str>);

impl CertificateSerial {
    /// From the big-endian bytes of the certificate's serial number (RFC 5280: at most 20 octets).
    pub fn from_bytes(serial: &[u8]) -> Self {
        Self(serial.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An authenticated caller. What it may do is not part of it: that is decided anew for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The name in its certificate.
    pub id: SpiffeId,
    /// The certificate it came with.
    pub certificate: CertificateSerial,
}

impl Principal {
    /// The tenant it belongs to: the only source of a tenant in the whole vault.
    pub const fn tenant(&self) -> &TenantId {
        self.id.tenant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_one_form_only() {
        let id = SpiffeId::parse("spiffe://example.org/tenant/acme/service/shop");
        assert_eq!(
            id.map(|id| id.to_string()).as_deref(),
            Some("spiffe://example.org/tenant/acme/service/shop")
        );
        for refused in [
            "spiffe://example.org/tenant/acme/service/shop/",
            "spiffe://example.org/tenant/acme/service/shop?x=1",
            "spiffe://example.org//tenant/acme/service/shop",
            "spiffe://example.org/tenant/acme/service/../shop",
            "spiffe://example.org/tenant/acme",
            "spiffe://example.org:443/tenant/acme/service/shop",
            "SPIFFE://example.org/tenant/acme/service/shop",
            "https://example.org/tenant/acme/service/shop",
        ] {
            assert_eq!(SpiffeId::parse(refused), None);
        }
    }
}
