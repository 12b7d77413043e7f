//! The server's side of TLS, exchangeable while it runs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{ServerConfig, crypto::aws_lc_rs, version::TLS13};
use tokio::sync::watch;

use super::{Material, PublicMaterial};
use crate::config::{Problem, PublicTlsConfig, TlsConfig};

/// What handshakes use at this moment.
pub struct ServerTls {
    files: Files,
    current: ArcSwap<ServerConfig>,
    generation: watch::Sender<u64>,
}

/// Whom it lets in.
enum Files {
    /// Who has a certificate of one of our authorities.
    Clients(TlsConfig),
    /// Anybody.
    Public(PublicTlsConfig),
}

impl ServerTls {
    /// From the files of the configuration, for clients with certificates.
    pub fn load(files: &TlsConfig) -> Result<Self, Vec<Problem>> {
        Self::of(Files::Clients(files.clone()))
    }

    /// For browsers, which have none.
    pub fn load_public(files: PublicTlsConfig) -> Result<Self, Vec<Problem>> {
        Self::of(Files::Public(files))
    }

    fn of(files: Files) -> Result<Self, Vec<Problem>> {
        let current = ArcSwap::from_pointee(read(&files)?);
        Ok(Self { files, current, generation: watch::Sender::new(0) })
    }

    /// Reads the files again. If anything is wrong with them, everything stays as it is: what was in force goes on, and
    /// a revocation list that has gone stale lets nobody in.
    pub fn reload(&self) -> Result<(), Vec<Problem>> {
        self.current.store(Arc::new(read(&self.files)?));
        self.generation.send_modify(|generation| *generation += 1);
        Ok(())
    }

    /// For a handshake that begins now.
    pub fn current(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }

    /// Changes with every reload: connections from before end then, so that whoever was revoked has to come again.
    pub fn generations(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }
}

fn read(files: &Files) -> Result<ServerConfig, Vec<Problem>> {
    let files = match files {
        Files::Clients(files) => files,
        Files::Public(files) => {
            return public_config(&PublicMaterial::load(files)?)
                .map_err(|error| vec![crate::config::problem("hosted_field", error.to_string())]);
        }
    };
    let material = Material::load(files)?;
    if !material.checks_revocation() {
        tracing::warn!("no revocation lists are configured: a client certificate holds until it expires");
    }
    server_config(&material).map_err(|error| vec![crate::config::problem("tls", error.to_string())])
}

/// Why rustls refuses what was read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("the certificate and the private key cannot be used: {0}")]
    Certificate(#[from] rustls::Error),
    #[error("the authorities or revocation lists cannot be used: {0}")]
    Verifier(#[from] VerifierBuilderError),
}

pub(super) fn server_config(material: &Material) -> Result<ServerConfig, Unusable> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(
        Arc::new(material.authorities.clone()),
        Arc::clone(&provider),
    )
    .with_crls(material.revocation_lists.iter().cloned())
    .enforce_revocation_expiration()
    // Strangers are not told whom we trust.
    .clear_root_hint_subjects()
    .build()?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(material.chain.clone(), material.private_key.clone_key())?;
    Ok(without_memory(config))
}

pub(super) fn public_config(material: &PublicMaterial) -> Result<ServerConfig, Unusable> {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(material.chain.clone(), material.private_key.clone_key())?;
    Ok(without_memory(config))
}

/// No session is resumed and nothing is sent early: each connection proves everything anew.
fn without_memory(mut config: ServerConfig) -> ServerConfig {
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
