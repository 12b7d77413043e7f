use strongroom_api::jobs::Checksum;
use strongroom_api::{SecretBytes, Text};
use strongroom_core::JobWork;
use strongroom_domain::Secret;

/// Onto the wire.
pub(super) fn view(job: &strongroom_core::JobView) -> strongroom_api::jobs::JobView {
    let mut view = strongroom_api::jobs::JobView {
        job: Text(job.job.clone()),
        kind: Text(job.kind),
        state: Text(job.state),
        next_part: job.next_part,
        rows: job.rows,
        created: None,
        existing: None,
        failed: None,
        passed_over: None,
        lines: None,
        checksum_key: None,
        checksum: None,
        receiver: None,
        purpose: None,
        created_at: Text(job.created_at),
        updated_at: Text(job.updated_at),
        finished_at: job.finished_at.map(Text),
    };
    match &job.work {
        JobWork::Import { lines, checksum_key, checksum } => {
            view.created = Some(job.created);
            view.existing = Some(job.existing);
            view.failed = Some(job.failed);
            view.lines = Some(*lines);
            view.checksum_key = Some(key(checksum_key));
            view.checksum = Some(Text(Checksum(*checksum.as_bytes())));
        }
        JobWork::Export { receiver, purpose } => {
            view.passed_over = Some(job.failed);
            view.receiver = Some(receiver.clone());
            view.purpose = Some(Text(*purpose));
        }
    }
    view
}

/// The key of a checksum, for the other side.
#[expect(clippy::disallowed_methods, reason = "both sides compute the checksum; this goes to the other side")]
pub(super) fn key(key: &Secret<[u8; 32]>) -> SecretBytes {
    SecretBytes::new(key.expose().to_vec())
}
