//! The streams of nodes that are gone. A node that was killed leaves records behind its last checkpoint; a node that
//! lives on signs for them, so that every record ends up under a signature.

use std::sync::Arc;
use std::time::Duration;

use strongroom_crypto::audit_v1::{CompactRange, SignedCheckpoint, leaf_hash};

use super::checkpoints::sign_head;
use super::segments::cut_stream;
use super::unpack;
use crate::VaultError;
use crate::ports::store::{BundleRow, Lease, StreamHead};
use crate::vault::Core;

/// A node that has not renewed the lease of its streams for so many checkpoint intervals is taken to be gone.
const MISSED_INTERVALS: u32 = 3;
/// Bundles read at a time.
const BUNDLES: u32 = 64;

/// Renews the leases of this node's streams; signs the heads of streams whose lease has run out, and cuts their segments.
pub(crate) async fn adopt_orphans(core: &Core) -> Result<(), VaultError> {
    let own = hold_own(core).await?;
    for stream in core.store().streams().await? {
        if own.iter().any(|own| **own == *stream) {
            continue;
        }
        let Some(head) = core.store().stream_head(&stream).await? else { continue };
        let signed = core.store().latest_checkpoint(&stream).await?;
        if signed.as_ref().is_some_and(|row| row.size >= head.size) {
            continue;
        }
        // A holder for this once: an adopter that could renew would keep a stream from the node it belongs to.
        if take(core, &stream, format!("{}/adopts/{}", core.holder, head.size)).await? {
            prove(core, &head, signed.as_ref().map(|row| row.note.as_str())).await?;
            sign_head(core, &stream, head.size, head.root).await?;
            cut_stream(core.store(), &stream).await?;
            tracing::info!(stream, size = head.size, "signed the end of a stream whose node is gone");
        }
    }
    Ok(())
}

/// Takes or renews the leases of this node's streams, and says which these are. Where another node has adopted one while
/// this one was away, its lease comes back when it runs out.
pub(crate) async fn hold_own(core: &Core) -> Result<Vec<Arc<str>>, VaultError> {
    let own: Vec<_> = core.committer().positions().into_iter().map(|position| position.stream).collect();
    for stream in &own {
        take(core, stream, core.holder.clone()).await?;
    }
    Ok(own)
}

async fn take(core: &Core, stream: &str, holder: String) -> Result<bool, VaultError> {
    let now = core.clock().now();
    let until = now.plus(core.settings.checkpoint_interval.max(Duration::from_secs(1)) * MISSED_INTERVALS);
    let lease = Lease { name: format!("audit-stream/{stream}"), holder, now, until };
    Ok(core.store().take_lease(&lease).await?)
}

/// Reads every record since the last checkpoint and holds it against the roots, as an auditor would: nothing is signed
/// that was not seen.
async fn prove(core: &Core, head: &StreamHead, signed: Option<&str>) -> Result<(), VaultError> {
    let mut range = match signed {
        None => CompactRange::new(),
        Some(note) => signed_range(core, &head.stream, note).await?,
    };
    while range.size() < head.size {
        let bundles = core.store().read_bundles(&head.stream, range.size(), BUNDLES).await?;
        for bundle in &bundles {
            append(&mut range, bundle)?;
        }
        if bundles.is_empty() {
            return Err(altered(&head.stream));
        }
    }
    if range.root() == head.root { Ok(()) } else { Err(altered(&head.stream)) }
}

/// The tree as it stood at a checkpoint, which is always taken between two bundles.
async fn signed_range(core: &Core, stream: &str, note: &str) -> Result<CompactRange, VaultError> {
    let checkpoint =
        SignedCheckpoint::verify(note, &core.verifier_key).map_err(|_| VaultError::IntegrityFailure)?;
    let last = checkpoint.size().checked_sub(1).ok_or_else(|| altered(stream))?;
    let bundles = core.store().read_bundles(stream, last, 1).await?;
    bundles
        .first()
        .and_then(|bundle| CompactRange::decode(&bundle.range).ok())
        .filter(|range| range.size() == checkpoint.size() && range.root() == *checkpoint.root())
        .ok_or_else(|| altered(stream))
}

fn append(range: &mut CompactRange, bundle: &BundleRow) -> Result<(), VaultError> {
    if bundle.first_sequence != range.size() {
        return Err(altered(&bundle.stream));
    }
    for bytes in unpack(bundle)? {
        range.append(leaf_hash(&bytes));
    }
    if range.root() == bundle.root { Ok(()) } else { Err(altered(&bundle.stream)) }
}

fn altered(stream: &str) -> VaultError {
    tracing::error!(stream, "a stream whose node is gone does not fit its last checkpoint; it is not signed");
    VaultError::IntegrityFailure
}
