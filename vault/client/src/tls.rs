//! TLS 1.3, to one's own authority, with a certificate.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::BuildError;

pub(crate) fn tls_config(
    authority: &[u8],
    certificate: &[u8],
    private_key: &[u8],
) -> Result<ClientConfig, BuildError> {
    let mut roots = RootCertStore::empty();
    for root in certificates(authority).ok_or(BuildError::Authority)? {
        roots.add(root).map_err(|_| BuildError::Authority)?;
    }
    let chain = certificates(certificate).ok_or(BuildError::Identity)?;
    let key = PrivateKeyDer::from_pem_slice(private_key).map_err(|_| BuildError::Identity)?;

    // Named here rather than taken from the process, where another library may have installed something else.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(BuildError::Tls)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(BuildError::IdentityMismatch)?;
    // With a configuration of our own, nobody else says so.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates of a PEM file; none is none.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    if certificates.is_empty() { None } else { Some(certificates) }
}
