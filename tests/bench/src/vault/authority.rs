//! Certificates for both ends.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};

use crate::Outcome;

/// One root for the server and all clients.
pub(crate) struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A root and the server's certificate, in this folder.
    pub(crate) fn create(folder: &Path) -> Outcome<Self> {
        let mut params = params("Strongroom benchmark authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pair = KeyPair::generate()?;
        fs::write(folder.join("ca.pem"), params.self_signed(&pair)?.pem())?;
        let authority = Self { folder: folder.to_owned(), issuer: Issuer::new(params, pair) };
        let names =
            vec![SanType::DnsName("localhost".try_into()?), SanType::IpAddress(Ipv4Addr::LOCALHOST.into())];
        authority.issue("server", ExtendedKeyUsagePurpose::ServerAuth, names)?;
        Ok(authority)
    }

    /// A certificate for a service.
    pub(crate) fn issue_client(&self, trust_domain: &str, tenant: &str, service: &str) -> Outcome<()> {
        let uri = format!("spiffe://{trust_domain}/tenant/{tenant}/service/{service}");
        let name = format!("clients/{tenant}-{service}");
        self.issue(&name, ExtendedKeyUsagePurpose::ClientAuth, vec![SanType::URI(uri.try_into()?)])
    }

    fn issue(&self, name: &str, usage: ExtendedKeyUsagePurpose, names: Vec<SanType>) -> Outcome<()> {
        let mut params = params(name);
        params.subject_alt_names = names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        let pair = KeyPair::generate()?;
        let certificate = params.signed_by(&pair, &self.issuer)?;
        fs::write(self.folder.join(format!("{name}.pem")), certificate.pem())?;
        let key = self.folder.join(format!("{name}.key"));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(key)?;
        Ok(file.write_all(pair.serialize_pem().as_bytes())?)
    }
}

fn params(common_name: &str) -> CertificateParams {
    let now = time::OffsetDateTime::now_utc();
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = now - time::Duration::hours(1);
    params.not_after = now + time::Duration::days(30);
    params.use_authority_key_identifier_extension = true;
    params
}
