//! What every HSM promises, as clauses that run against each adapter.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests: a clause that does not hold ends the run where it failed"
)]

mod concurrency;
mod destruction;
mod keys;
mod random;
mod sealing;
mod signing;
mod wrapping;

use std::sync::atomic::{AtomicU64, Ordering};

use strongroom_core::ports::{Hsm, HsmError, HsmKey, HsmKeyKind};
use strongroom_domain::Secret;

/// Runs every clause. The clauses share one HSM, as the vault's calls do; each creates keys of its own in it, so it must
/// be empty or at least be given up afterwards.
pub async fn run_all(hsm: &dyn Hsm) {
    macro_rules! clauses {
        ($($group:ident: $($clause:ident),+;)+) => {
            $($($group::$clause(hsm).await;)+)+
        };
    }
    clauses! {
        keys: it_holds_no_keys_before_there_are_any, created_keys_are_proven_and_distinct, a_label_is_given_once,
            a_missing_key_is_called_missing, a_key_of_another_kind_is_not_the_recorded_one,
            another_check_value_or_label_is_not_the_recorded_key, a_key_serves_its_kind_only;
        destruction: a_destroyed_key_is_gone_and_opens_nothing, only_short_lived_keys_are_destroyed,
            short_lived_keys_are_listed_by_their_labels, a_label_fits_its_kind;
        random: random_bytes_have_their_length_and_never_repeat;
        sealing: what_was_sealed_opens, sealing_twice_gives_different_bytes, another_place_does_not_open_it,
            another_key_does_not_open_it, no_byte_of_it_may_change, no_part_of_it_may_be_cut_or_grow,
            a_wrapped_key_is_not_sealed_data, it_goes_on_after_refusing;
        wrapping: what_was_wrapped_unwraps_to_the_same_key, every_wrapped_key_is_new,
            another_place_or_key_does_not_unwrap_it, no_byte_of_a_wrapped_key_may_change,
            sealed_data_is_not_a_wrapped_key;
        signing: a_mac_depends_on_the_key_and_on_every_byte, a_signature_verifies_with_the_public_key;
        concurrency: many_calls_at_once_do_not_mix;
    }
}

/// A label that no other clause uses.
fn fresh_label(name: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("contract/{name}/{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The same for a key of this kind.
fn fresh_label_of(kind: HsmKeyKind) -> String {
    let mark = if kind.is_short_lived() { HsmKeyKind::SHORT_LIVED_MARK } else { "" };
    fresh_label(&format!("{}{mark}", kind.as_str()))
}

async fn key(hsm: &dyn Hsm, kind: HsmKeyKind) -> HsmKey {
    hsm.create_key(kind, &fresh_label_of(kind)).await.unwrap()
}

fn material(bytes: &[u8]) -> Secret<Vec<u8>> {
    Secret::new(bytes.to_vec())
}

/// Whether a key was refused for what it is.
fn is_another_key(error: &HsmError) -> bool {
    matches!(error, HsmError::NotTheRecordedKey { .. } | HsmError::Missing(_))
}

/// The refusal, without requiring that what was not refused can be shown.
fn refusal<T>(outcome: Result<T, HsmError>) -> HsmError {
    outcome.err().unwrap()
}

/// The same bytes with one bit of one byte changed, for every byte.
fn each_with_a_changed_byte(bytes: &[u8]) -> Vec<Vec<u8>> {
    (0..bytes.len())
        .map(|changed| {
            let flip = |(at, byte): (usize, &u8)| if at == changed { byte ^ (1 << (at % 8)) } else { *byte };
            bytes.iter().enumerate().map(flip).collect()
        })
        .collect()
}
