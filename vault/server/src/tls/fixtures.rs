//! Authorities, certificates and clients for tests.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason,
    RevokedCertParams, SanType, SerialNumber,
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, version::TLS13};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

use crate::config::TlsConfig;

/// A certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub(crate) struct Issued {
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyPair,
}

/// What a certificate is to look like.
pub(crate) struct Wanted {
    pub(crate) sans: Vec<SanType>,
    pub(crate) usages: Vec<ExtendedKeyUsagePurpose>,
    pub(crate) serial: u64,
    pub(crate) lifetime: Duration,
}

impl Wanted {
    pub(crate) fn client(uri: &str) -> Self {
        Self {
            sans: vec![SanType::URI(uri.try_into().unwrap())],
            usages: vec![ExtendedKeyUsagePurpose::ClientAuth],
            serial: 4711,
            lifetime: Duration::hours(1),
        }
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn issue(&self, wanted: Wanted) -> Issued {
        let mut params = CertificateParams::default();
        params.subject_alt_names = wanted.sans;
        params.extended_key_usages = wanted.usages;
        params.serial_number = Some(SerialNumber::from(wanted.serial));
        params.not_before = OffsetDateTime::now_utc() - Duration::hours(2);
        params.not_after = OffsetDateTime::now_utc() + wanted.lifetime;
        let key = KeyPair::generate().unwrap();
        Issued { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }

    pub(crate) fn server(&self) -> Issued {
        self.issue(Wanted {
            sans: vec![SanType::DnsName("localhost".try_into().unwrap())],
            usages: vec![ExtendedKeyUsagePurpose::ServerAuth],
            serial: 1,
            lifetime: Duration::hours(1),
        })
    }

    /// A client that trusts this authority and comes with a certificate, or with none.
    pub(crate) fn client(&self, with: Option<&Issued>, alpn: &[&str]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match with {
            Some(issued) => builder.with_client_auth_cert(issued.chain(), issued.key_der()).unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}

impl Issued {
    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.der().clone()]
    }

    fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}

/// A server's files in a temporary folder.
pub(crate) struct Files {
    folder: tempfile::TempDir,
    pub(crate) config: TlsConfig,
}

impl Files {
    pub(crate) fn of(authority: &Authority) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let config = TlsConfig {
            certificate_file: at("server.pem"),
            private_key_file: at("server.key"),
            client_ca_file: at("ca.pem"),
            crl_files: Vec::new(),
        };
        let server = authority.server();
        std::fs::write(&config.certificate_file, server.certificate.pem()).unwrap();
        std::fs::write(&config.private_key_file, server.key.serialize_pem()).unwrap();
        std::fs::write(&config.client_ca_file, authority.0.pem()).unwrap();
        let files = Self { folder, config };
        files.set_mode(&files.config.private_key_file, 0o600);
        files
    }

    pub(crate) fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    pub(crate) fn set_mode(&self, path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Takes another server's private key in place of its own.
    pub(crate) fn write_key(&self, other: &Path) {
        std::fs::copy(other, &self.config.private_key_file).unwrap();
    }

    /// Configures a revocation list that holds for so many seconds from now.
    pub(crate) fn add_crl(&mut self, authority: &Authority, revoked: &[u64], holds_seconds: i64) {
        self.config.crl_files = vec![self.write_crl(authority, revoked, holds_seconds)];
    }

    /// Writes a revocation list over the one there is.
    pub(crate) fn write_crl(&self, authority: &Authority, revoked: &[u64], holds_seconds: i64) -> PathBuf {
        let now = OffsetDateTime::now_utc();
        let entry = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: now - Duration::hours(1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: now - Duration::hours(1),
            next_update: now + Duration::seconds(holds_seconds),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let path = self.folder.path().join("crl.pem");
        std::fs::write(&path, params.signed_by(&authority.0).unwrap().pem().unwrap()).unwrap();
        path
    }
}
