//! TLS 1.3, or 1.2 with authenticated encryption, to the destination's own authority.
//!
//! There are no session tickets: a resumed session would skip the check of the destination's certificate.

use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::time::ASN1Time;

use super::private_file::read_private;
use super::{DestinationConfig, DestinationProblem};

pub(super) fn connector(config: &DestinationConfig) -> Result<TlsConnector, Vec<DestinationProblem>> {
    let files = Files(config);
    let (authorities, identity) = match (files.authorities(), files.identity()) {
        (Ok(authorities), Ok(identity)) => (authorities, identity),
        (authorities, identity) => return Err(authorities.err().into_iter().chain(identity.err()).collect()),
    };
    client_config(authorities, identity)
        .map(|config| TlsConnector::from(Arc::new(config)))
        .map_err(|error| vec![DestinationProblem::new(&config.name, CERTIFICATE, error)])
}

/// A certificate with its chain, and its key.
type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn client_config(
    authorities: RootCertStore,
    identity: Option<Identity>,
) -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_root_certificates(authorities);
    let mut config = match identity {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
        None => builder.with_no_client_auth(),
    };
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

struct Files<'a>(&'a DestinationConfig);

impl Files<'_> {
    fn authorities(&self) -> Result<RootCertStore, DestinationProblem> {
        let path = &self.0.ca_file;
        let problem = |reason| self.problem(AUTHORITIES, path, reason);
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates(AUTHORITIES, path)? {
            let (_, parsed) = X509Certificate::from_der(&certificate)
                .map_err(|_| problem("holds an unreadable certificate"))?;
            if !parsed.is_ca() {
                return Err(problem("holds a certificate that is not an authority's"));
            }
            check_validity(&parsed).map_err(problem)?;
            roots.add(certificate).map_err(|_| problem("holds a certificate that cannot be used"))?;
        }
        Ok(roots)
    }

    fn identity(&self) -> Result<Option<Identity>, DestinationProblem> {
        match (&self.0.client_certificate_file, &self.0.client_private_key_file) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                let chain = self.certificates(CERTIFICATE, certificate)?;
                let leaf = chain.first().and_then(|leaf| X509Certificate::from_der(leaf).ok());
                let (_, leaf) = leaf.ok_or_else(|| {
                    self.problem(CERTIFICATE, certificate, "holds an unreadable certificate")
                })?;
                check_validity(&leaf).map_err(|reason| self.problem(CERTIFICATE, certificate, reason))?;
                Ok(Some((chain, self.private_key(key)?)))
            }
            (Some(_), None) => {
                Err(DestinationProblem::new(&self.0.name, KEY, "is missing beside the certificate"))
            }
            (None, Some(_)) => {
                Err(DestinationProblem::new(&self.0.name, CERTIFICATE, "is missing beside the key"))
            }
        }
    }

    fn private_key(&self, path: &Path) -> Result<PrivateKeyDer<'static>, DestinationProblem> {
        let pem = read_private(path)
            .map_err(|error| DestinationProblem::of_file(&self.0.name, KEY, path, error))?;
        PrivateKeyDer::from_pem_slice(&pem)
            .map_err(|_| self.problem(KEY, path, "holds no private key in PEM"))
    }

    fn certificates(
        &self,
        setting: &'static str,
        path: &Path,
    ) -> Result<Vec<CertificateDer<'static>>, DestinationProblem> {
        let pem = std::fs::read(path).map_err(|error| {
            let reason = format_args!("cannot be read: {}", error.kind()).to_string();
            DestinationProblem::of_file(&self.0.name, setting, path, reason)
        })?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<_, _>>()
            .map_err(|_| self.problem(setting, path, "is not PEM"))?;
        if certificates.is_empty() {
            Err(self.problem(setting, path, "holds no certificate"))
        } else {
            Ok(certificates)
        }
    }

    fn problem(&self, setting: &'static str, path: &Path, reason: &'static str) -> DestinationProblem {
        DestinationProblem::of_file(&self.0.name, setting, path, reason)
    }
}

fn check_validity(certificate: &X509Certificate<'_>) -> Result<(), &'static str> {
    let now = ASN1Time::now();
    if now > certificate.validity().not_after {
        return Err("holds a certificate that has expired");
    }
    if now < certificate.validity().not_before {
        return Err("holds a certificate that is not valid yet");
    }
    Ok(())
}

const AUTHORITIES: &str = "ca_file";
const CERTIFICATE: &str = "client_certificate_file";
const KEY: &str = "client_private_key_file";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_has_authenticated_encryption() {
        let config = client_config(RootCertStore::empty(), None).unwrap();
        let suites = &config.crypto_provider().cipher_suites;
        assert!(!suites.is_empty());
        for suite in suites {
            let name = format!("{:?}", suite.suite());
            assert!(name.contains("_GCM_") || name.contains("_CHACHA20_POLY1305_"), "{name}");
            assert!(name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_"), "{name}");
        }
        assert!(!config.enable_early_data);
    }
}
