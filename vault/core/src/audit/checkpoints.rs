//! Signed statements of where the stream stands, for whoever keeps them out of the operator's reach.

use strongroom_crypto::audit_v1::{Checkpoint, SignedCheckpoint, VerifierKey, export};

use crate::VaultError;
use crate::ports::store::CheckpointRow;
use crate::ports::{Hsm, HsmKey, Store};
use crate::vault::Core;

/// Signs the head of each of this node's streams that stands further than its last checkpoint, keeps the notes and shows
/// them to the witnesses.
pub(crate) async fn sign_news(core: &Core) -> Result<(), VaultError> {
    for position in core.committer().positions() {
        let signed = core.store().latest_checkpoint(&position.stream).await?.map_or(0, |row| row.size);
        if position.size > signed {
            sign_head(core, &position.stream, position.size, position.root).await?;
        }
    }
    Ok(())
}

/// Signs where a stream stands, keeps the note and shows it to the witnesses.
pub(super) async fn sign_head(
    core: &Core,
    stream: &str,
    size: u64,
    root: [u8; 32],
) -> Result<(), VaultError> {
    let snapshot = core.snapshot();
    let signing_key = snapshot.hsm_key(crate::ports::HsmKeyKind::AuditSigning)?;
    let origin = export::origin(&cluster_name(&snapshot.cluster.cluster_id), stream);
    let checkpoint = Checkpoint::new(&origin, size, root)
        .map_err(|_| VaultError::Internal("a checkpoint could not be made"))?;
    let note = sign(core.hsm(), signing_key, &core.verifier_key, &checkpoint).await?;
    let row = CheckpointRow { stream: stream.to_owned(), size, note, created_at: core.clock().now() };
    core.store().keep_checkpoint(&row).await?;
    for witness in &core.ports.witnesses {
        if let Err(error) = witness.publish(&row.note).await {
            // The next checkpoint covers this one too, so a witness that comes back has missed nothing but time.
            metrics::counter!("strongroom_witness_failures_total").increment(1);
            tracing::error!(witness = witness.name(), %error, "a checkpoint was not witnessed");
        }
    }
    metrics::gauge!("strongroom_audit_checkpoint_size", "stream" => stream.to_owned()).set(size as f64);
    Ok(())
}

/// The cluster's id as it stands in origins and key names.
pub(crate) fn cluster_name(cluster: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*cluster))
}

/// The key under which auditors verify, with its name.
pub(crate) async fn verifier_key(
    hsm: &dyn Hsm,
    key: &HsmKey,
    cluster: &[u8; 16],
) -> Result<VerifierKey, VaultError> {
    let public = hsm.public_key(key).await?;
    VerifierKey::new(&export::key_name(&cluster_name(cluster)), &public)
        .map_err(|_| VaultError::Internal("the audit signing key has an unusable public key"))
}

async fn sign(
    hsm: &dyn Hsm,
    key: &HsmKey,
    verifier: &VerifierKey,
    checkpoint: &Checkpoint,
) -> Result<String, VaultError> {
    let signature = hsm.sign(key, checkpoint.signed_text().as_bytes()).await?;
    SignedCheckpoint::assemble(checkpoint, verifier, &signature)
        .map_err(|_| VaultError::Internal("a checkpoint could not be signed"))
}

/// Refuses a stream that stands before its own last checkpoint: the database was rolled back behind the vault's back.
pub(crate) async fn check_against_checkpoint(
    store: &dyn Store,
    stream: &super::AuditStream,
    verifier: &VerifierKey,
) -> Result<(), VaultError> {
    let Some(row) = store.latest_checkpoint(stream.name()).await? else { return Ok(()) };
    let checkpoint =
        SignedCheckpoint::verify(&row.note, verifier).map_err(|_| VaultError::IntegrityFailure)?;
    let same_place = checkpoint.size() == stream.size();
    if stream.size() < checkpoint.size() || (same_place && *checkpoint.root() != stream.root()) {
        tracing::error!(
            stream = stream.name(),
            size = stream.size(),
            signed = checkpoint.size(),
            "the audit stream does not reach its last signed checkpoint: it was truncated or rewritten"
        );
        return Err(VaultError::IntegrityFailure);
    }
    Ok(())
}
