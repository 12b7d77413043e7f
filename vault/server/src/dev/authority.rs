//! The development certificate authority: one root, the server's certificate, one for each client.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, Error, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use strongroom_domain::SpiffeId;
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

use super::files::{self, Layout};
use super::identities;

const AUTHORITY_LIFETIME: Duration = Duration::days(1825);
const LEAF_LIFETIME: Duration = Duration::days(90);
/// What has less left than this is renewed at the next start.
const RENEWED_WITH: Duration = Duration::days(30);

/// Makes what is missing and renews what is about to expire.
pub(super) fn renew(layout: &Layout) -> Result<(), String> {
    let (issuer, is_new) = authority(layout)?;
    let server = server_params().map_err(told)?;
    leaf(&issuer, is_new, server, &layout.server("pem"), &layout.server("key"))?;
    for id in identities::ids() {
        let (tenant, service) = (id.tenant().as_str(), id.service().as_str());
        let (certificate, key) =
            (layout.client(tenant, service, "pem"), layout.client(tenant, service, "key"));
        leaf(&issuer, is_new, client_params(&id).map_err(told)?, &certificate, &key)?;
    }
    Ok(())
}

/// The root, and whether it was made now: then everything it issues is made anew.
fn authority(layout: &Layout) -> Result<(Issuer<'static, KeyPair>, bool), String> {
    let (certificate, key) = (layout.authority(), layout.authority_key());
    let params = authority_params();
    if is_in_force(&certificate) && key.exists() {
        let pem = Zeroizing::new(fs::read_to_string(&key).map_err(|error| error.to_string())?);
        return Ok((Issuer::new(params, KeyPair::from_pem(&pem).map_err(told)?), false));
    }
    let pair = KeyPair::generate().map_err(told)?;
    let root = params.self_signed(&pair).map_err(told)?;
    write_pair(&certificate, &root.pem(), &key, &pair)?;
    Ok((Issuer::new(params, pair), true))
}

fn leaf(
    issuer: &Issuer<'_, KeyPair>,
    always: bool,
    params: CertificateParams,
    certificate: &Path,
    key: &Path,
) -> Result<(), String> {
    if !always && is_in_force(certificate) && key.exists() {
        return Ok(());
    }
    let pair = KeyPair::generate().map_err(told)?;
    let issued = params.signed_by(&pair, issuer).map_err(told)?;
    write_pair(certificate, &issued.pem(), key, &pair)
}

/// The certificate last: it is what the next start looks at.
fn write_pair(certificate: &Path, pem: &str, key: &Path, pair: &KeyPair) -> Result<(), String> {
    let private = Zeroizing::new(pair.serialize_pem());
    files::write(key, 0o600, private.as_bytes())
        .and_then(|()| files::write(certificate, 0o644, pem.as_bytes()))
        .map_err(|error| error.to_string())
}

fn is_in_force(certificate: &Path) -> bool {
    let Ok(der) = CertificateDer::from_pem_file(certificate) else { return false };
    X509Certificate::from_der(&der).is_ok_and(|(_, certificate)| {
        let until = (OffsetDateTime::now_utc() + RENEWED_WITH).unix_timestamp();
        certificate.validity().not_after.timestamp() > until
    })
}

fn authority_params() -> CertificateParams {
    let mut params = lasting(AUTHORITY_LIFETIME);
    params.distinguished_name.push(DnType::CommonName, "Strongroom development authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server_params() -> Result<CertificateParams, Error> {
    let mut params = lasting(LEAF_LIFETIME);
    params.distinguished_name.push(DnType::CommonName, "strongroomd dev");
    params.subject_alt_names = vec![
        SanType::DnsName("localhost".try_into()?),
        SanType::IpAddress(Ipv4Addr::LOCALHOST.into()),
        SanType::IpAddress(Ipv6Addr::LOCALHOST.into()),
    ];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn client_params(id: &SpiffeId) -> Result<CertificateParams, Error> {
    let mut params = lasting(LEAF_LIFETIME);
    params.distinguished_name.push(DnType::CommonName, id.service().as_str());
    params.subject_alt_names = vec![SanType::URI(id.to_string().try_into()?)];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

/// From an hour ago: clocks differ.
fn lasting(lifetime: Duration) -> CertificateParams {
    let now = OffsetDateTime::now_utc();
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.not_before = now - Duration::hours(1);
    params.not_after = now + lifetime;
    params.use_authority_key_identifier_extension = true;
    params
}

fn told(error: Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use strongroom_domain::TrustDomain;

    use super::*;
    use crate::authn::Peer;
    use crate::config::TlsConfig;
    use crate::tls::Material;

    fn serials(layout: &Layout) -> Vec<Vec<u8>> {
        [layout.authority(), layout.server("pem"), layout.client("acme", "tokenizer", "pem")]
            .iter()
            .map(|path| fs::read(path).unwrap())
            .collect()
    }

    #[test]
    fn certificates_are_kept_until_they_are_about_to_expire() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::prepare(folder.path()).unwrap();
        renew(&layout).unwrap();
        let first = serials(&layout);
        renew(&layout).unwrap();
        assert_eq!(serials(&layout), first);

        // A client's certificate that is about to expire is renewed alone.
        let issuer = authority(&layout).unwrap().0;
        let mut params = client_params(&identities::ids()[0]).unwrap();
        params.not_after = OffsetDateTime::now_utc() + Duration::days(29);
        let path = layout.client("acme", "tokenizer", "pem");
        leaf(&issuer, true, params, &path, &layout.client("acme", "tokenizer", "key")).unwrap();
        let expiring = fs::read(&path).unwrap();
        renew(&layout).unwrap();
        assert_ne!(fs::read(&path).unwrap(), expiring);
        assert_eq!(serials(&layout)[..2], first[..2]);

        // A new authority issues everything anew.
        fs::remove_file(layout.authority()).unwrap();
        renew(&layout).unwrap();
        for (new, old) in serials(&layout).iter().zip(&first) {
            assert_ne!(new, old);
        }
    }

    #[test]
    fn every_client_is_named_and_every_key_private() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::prepare(folder.path()).unwrap();
        renew(&layout).unwrap();
        let trust_domain = TrustDomain::parse(identities::TRUST_DOMAIN).unwrap();
        for id in identities::ids() {
            let (tenant, service) = (id.tenant().as_str(), id.service().as_str());
            let certificate = CertificateDer::from_pem_file(layout.client(tenant, service, "pem")).unwrap();
            let peer = Peer::of_handshake(([127, 0, 0, 1], 1).into(), Some(&[certificate]), &trust_domain);
            assert_eq!(peer.identity.unwrap().principal.id, id);
            let mode = fs::metadata(layout.client(tenant, service, "key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let files = TlsConfig {
            certificate_file: layout.server("pem"),
            private_key_file: layout.server("key"),
            client_ca_file: layout.authority(),
            crl_files: Vec::new(),
        };
        assert!(Material::load(&files).is_ok());
    }
}
