//! What the TLS side needs from disk, read and checked before anything uses it.

use std::io::Read as _;
use std::path::Path;

use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::time::ASN1Time;
use zeroize::Zeroizing;

use crate::config::{Problem, PublicTlsConfig, TlsConfig, WhoMayRead, open_private, problem, problem_with};

/// Certificates, key, authorities and revocation lists.
pub struct Material {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) private_key: PrivateKeyDer<'static>,
    pub(super) authorities: RootCertStore,
    pub(super) revocation_lists: Vec<CertificateRevocationListDer<'static>>,
}

impl Material {
    /// Reads and checks all of it; tells everything that is wrong at once.
    pub fn load(files: &TlsConfig) -> Result<Self, Vec<Problem>> {
        let chain = certificate_chain("tls.certificate_file", &files.certificate_file);
        let private_key = private_key("tls.private_key_file", &files.private_key_file);
        let authorities = authorities(&files.client_ca_file);
        let lists: Vec<_> = files.crl_files.iter().map(|path| revocation_lists(path)).collect();
        let mut problems = Vec::new();
        let mut note = |problem: Option<&Problem>| problems.extend(problem.cloned());
        note(chain.as_ref().err());
        note(private_key.as_ref().err());
        note(authorities.as_ref().err());
        for list in &lists {
            note(list.as_ref().err());
        }
        let (Ok(chain), Ok(private_key), Ok(authority_certificates)) = (chain, private_key, authorities)
        else {
            return Err(problems);
        };
        let revocation_lists: Vec<_> = lists.into_iter().flatten().flatten().collect();
        problems.extend(lists_without_authority(files, &revocation_lists, &authority_certificates));
        let mut authorities = RootCertStore::empty();
        for certificate in authority_certificates {
            if authorities.add(certificate).is_err() {
                problems.push(problem("tls.client_ca_file", "holds a certificate that cannot be used"));
            }
        }
        let material = Self { chain, private_key, authorities, revocation_lists };
        if problems.is_empty()
            && let Err(reason) = super::server::server_config(&material)
        {
            problems.push(problem("tls", reason.to_string()));
        }
        if problems.is_empty() { Ok(material) } else { Err(problems) }
    }

    /// Whether revocation is checked at all.
    pub const fn checks_revocation(&self) -> bool {
        !self.revocation_lists.is_empty()
    }
}

/// What a server needs that lets anybody in.
pub struct PublicMaterial {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) private_key: PrivateKeyDer<'static>,
}

impl PublicMaterial {
    /// Reads and checks both; tells everything that is wrong at once.
    pub fn load(files: &PublicTlsConfig) -> Result<Self, Vec<Problem>> {
        let chain = certificate_chain("hosted_field.certificate_file", &files.certificate_file);
        let private_key = private_key("hosted_field.private_key_file", &files.private_key_file);
        let (chain, private_key) = match (chain, private_key) {
            (Ok(chain), Ok(private_key)) => (chain, private_key),
            (chain, private_key) => return Err(chain.err().into_iter().chain(private_key.err()).collect()),
        };
        let material = Self { chain, private_key };
        match super::server::public_config(&material) {
            Ok(_) => Ok(material),
            Err(reason) => Err(vec![problem("hosted_field", reason.to_string())]),
        }
    }
}

fn certificate_chain(setting: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let chain = certificates(setting, path)?;
    let leaf = chain.first().ok_or_else(|| problem_with(setting, path, "holds no certificate"))?;
    let leaf = parsed(leaf).ok_or_else(|| problem_with(setting, path, UNREADABLE_CERTIFICATE))?;
    check_validity(setting, path, &leaf)?;
    if leaf.is_ca() {
        return Err(problem_with(setting, path, "begins with an authority's certificate, not a server's"));
    }
    Ok(chain)
}

fn private_key(setting: &'static str, path: &Path) -> Result<PrivateKeyDer<'static>, Problem> {
    let mut file =
        open_private(path, WhoMayRead::Owner).map_err(|error| problem_with(setting, path, error))?;
    let mut pem = Zeroizing::new(Vec::with_capacity(MAX_KEY_FILE_BYTES));
    (&mut file)
        .take(u64::try_from(MAX_KEY_FILE_BYTES).unwrap_or(u64::MAX))
        .read_to_end(&mut pem)
        .map_err(|error| problem_with(setting, path, format_args!("cannot be read: {}", error.kind())))?;
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| problem_with(setting, path, "holds no private key in PEM"))
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    const SETTING: &str = "tls.client_ca_file";
    let certificates = certificates(SETTING, path)?;
    if certificates.is_empty() {
        return Err(problem_with(SETTING, path, "holds no certificate"));
    }
    for certificate in &certificates {
        let certificate =
            parsed(certificate).ok_or_else(|| problem_with(SETTING, path, UNREADABLE_CERTIFICATE))?;
        if !certificate.is_ca() {
            return Err(problem_with(SETTING, path, "holds a certificate that is not an authority's"));
        }
        check_validity(SETTING, path, &certificate)?;
    }
    Ok(certificates)
}

fn revocation_lists(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, Problem> {
    let pem = read(CRL_SETTING, path)?;
    let lists: Vec<_> = CertificateRevocationListDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| problem_with(CRL_SETTING, path, "is not PEM"))?;
    if lists.is_empty() {
        return Err(problem_with(CRL_SETTING, path, "holds no revocation list"));
    }
    for list in &lists {
        let (_, list) = CertificateRevocationList::from_der(list)
            .map_err(|_| problem_with(CRL_SETTING, path, "holds an unreadable revocation list"))?;
        // A list that does not say until when it holds would never go stale.
        let Some(next_update) = list.next_update() else {
            return Err(problem_with(CRL_SETTING, path, "holds a revocation list without a next update"));
        };
        if next_update < ASN1Time::now() {
            return Err(problem_with(CRL_SETTING, path, "holds a stale revocation list"));
        }
    }
    Ok(lists)
}

/// A list of an authority that is not among ours protects nothing; most likely one of the two files is the wrong one.
fn lists_without_authority(
    files: &TlsConfig,
    lists: &[CertificateRevocationListDer<'static>],
    authorities: &[CertificateDer<'static>],
) -> Option<Problem> {
    let subjects: Vec<_> = authorities
        .iter()
        .filter_map(parsed)
        .map(|authority| authority.subject().as_raw().to_vec())
        .collect();
    let is_ours = |list: &CertificateRevocationListDer<'static>| {
        CertificateRevocationList::from_der(list)
            .is_ok_and(|(_, list)| subjects.iter().any(|subject| subject == list.issuer().as_raw()))
    };
    let path = files.crl_files.first()?;
    let ours = lists.iter().filter(|list| is_ours(list)).count();
    (ours == 0 && !lists.is_empty())
        .then(|| problem_with(CRL_SETTING, path, "holds no list of an authority in tls.client_ca_file"))
}

fn certificates(setting: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let pem = read(setting, path)?;
    CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| problem_with(setting, path, "is not PEM"))
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, Problem> {
    std::fs::read(path)
        .map_err(|error| problem_with(setting, path, format_args!("cannot be read: {}", error.kind())))
}

fn parsed<'a>(certificate: &'a CertificateDer<'static>) -> Option<X509Certificate<'a>> {
    X509Certificate::from_der(certificate).ok().map(|(_, certificate)| certificate)
}

fn check_validity(
    setting: &'static str,
    path: &Path,
    certificate: &X509Certificate<'_>,
) -> Result<(), Problem> {
    let now = ASN1Time::now();
    if now > certificate.validity().not_after {
        return Err(problem_with(setting, path, "holds a certificate that has expired"));
    }
    if now < certificate.validity().not_before {
        return Err(problem_with(setting, path, "holds a certificate that is not valid yet"));
    }
    Ok(())
}

const CRL_SETTING: &str = "tls.crl_files";
const UNREADABLE_CERTIFICATE: &str = "holds an unreadable certificate";
const MAX_KEY_FILE_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::fixtures::{Authority, Files};

    fn problems(files: &Files) -> Vec<String> {
        Material::load(&files.config)
            .map(drop)
            .unwrap_err()
            .iter()
            .map(|problem| problem.to_string().replace(&files.folder(), ""))
            .collect()
    }

    #[test]
    fn good_files_are_taken() {
        let files = Files::of(&Authority::new("ours"));
        assert!(Material::load(&files.config).is_ok_and(|material| !material.checks_revocation()));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let files = Files::of(&Authority::new("ours"));
        std::fs::write(&files.config.certificate_file, "no PEM").unwrap();
        files.set_mode(&files.config.private_key_file, 0o644);
        std::fs::remove_file(&files.config.client_ca_file).unwrap();
        assert_eq!(
            problems(&files),
            [
                "tls.certificate_file: /server.pem holds no certificate",
                "tls.private_key_file: /server.key has mode 0644; it must be 0400 or 0600",
                "tls.client_ca_file: /ca.pem cannot be read: entity not found",
            ]
        );
    }

    #[test]
    fn the_parts_must_belong_together() {
        let (ours, other) = (Authority::new("ours"), Authority::new("other"));
        let mut files = Files::of(&ours);
        std::fs::write(&files.config.client_ca_file, ours.server().certificate.pem()).unwrap();
        assert_eq!(
            problems(&files),
            ["tls.client_ca_file: /ca.pem holds a certificate that is not an authority's"]
        );

        files = Files::of(&ours);
        files.write_key(&Files::of(&ours).config.private_key_file);
        assert!(problems(&files)[0].starts_with("tls: "), "{:?}", problems(&files));

        files = Files::of(&ours);
        files.add_crl(&other, &[], 3600);
        assert_eq!(
            problems(&files),
            ["tls.crl_files: /crl.pem holds no list of an authority in tls.client_ca_file"]
        );
    }

    #[test]
    fn a_stale_revocation_list_is_refused() {
        let ours = Authority::new("ours");
        let mut files = Files::of(&ours);
        files.add_crl(&ours, &[], -60);
        assert_eq!(problems(&files), ["tls.crl_files: /crl.pem holds a stale revocation list"]);
        files.add_crl(&ours, &[], 3600);
        assert!(Material::load(&files.config).is_ok_and(|material| material.checks_revocation()));
    }
}
