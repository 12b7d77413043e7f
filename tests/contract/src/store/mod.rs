//! What every store promises, as clauses that run against each adapter.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests: a clause that does not hold ends the run where it failed"
)]

mod answers;
mod audit;
mod commits;
mod fingerprints;
mod gathering;
mod leases;
mod races;
mod registry;
mod samples;
mod security_codes;
mod segments;
mod tokens;
mod velocity;

use std::future::Future;
use std::sync::Arc;

use strongroom_core::ports::Store;

/// Runs every clause, each on a store of its own: `make` gives an empty one.
pub async fn run_all<F, Fut>(make: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Arc<dyn Store>>,
{
    macro_rules! clauses {
        ($($group:ident: $($clause:ident),+;)+) => {
            $($($group::$clause(make().await).await;)+)+
        };
    }
    clauses! {
        commits: all_of_a_batch_or_nothing, every_conflicting_unit_is_named_and_no_other,
            of_units_with_the_same_row_the_first_wins, a_unit_that_conflicts_leaves_room_for_the_next,
            a_unit_is_applied_whole_or_not_at_all, units_see_what_earlier_units_did, batches_may_be_large,
            a_stream_is_continued_where_it_stands, a_fenced_batch_writes_nothing, the_same_batch_twice_is_written_once,
            a_batch_may_hold_changes_of_every_kind, there_is_no_change_without_a_record,
            streams_do_not_disturb_each_other;
        tokens: a_token_comes_back_as_it_went_in, values_of_every_kind_come_back, what_may_change_of_a_token_changes, a_token_exists_once_in_a_tenant, every_finder_asks_for_the_tenant,
            many_tokens_are_found_at_once, ended_tokens_lose_their_values, only_the_expected_version_can_end,
            a_token_ends_once, expired_tokens_are_still_found, lists_are_ordered_and_paged, lists_leave_tombstones_out,
            lists_hold_what_matches_and_nothing_else, an_alias_leads_to_one_token_of_its_tenant,
            names_and_labels_of_a_token_change;
        fingerprints: fingerprints_lead_to_their_tokens, scope_version_and_tenant_keep_fingerprints_apart,
            a_deterministic_fingerprint_exists_once, random_fingerprints_may_be_many,
            a_fingerprint_can_move_to_another_token, deleting_what_is_gone_changes_nothing,
            many_fingerprints_are_found_at_once;
        answers: an_answer_comes_back_as_it_went_in, an_answer_is_kept_once, callers_do_not_see_each_others_answers,
            an_answer_under_way_is_completed_once_and_by_its_own_request, an_answer_under_way_can_be_released,
            old_answers_are_forgotten_oldest_first;
        security_codes: a_period_has_one_key, a_card_has_one_code_the_latest, many_codes_are_put_at_once,
            nothing_is_sealed_under_a_key_that_is_closed_or_gone, expired_codes_are_found_and_the_new_in_their_place_stay,
            one_of_many_makers_of_a_key_wins;
        registry: it_is_empty_before_init, every_row_comes_back_as_it_went_in, a_row_with_the_same_key_is_replaced,
            there_is_one_cluster, the_head_moves_from_the_expected_epoch_only, a_key_name_is_unique_in_its_tenant,
            a_version_needs_its_key, times_of_use_never_move_backwards;
        audit: bundles_come_back_as_they_went_in, reading_begins_in_the_middle_of_a_bundle,
            streams_and_heads_are_listed, checkpoints_are_kept_and_stay;
        segments: a_segment_is_kept_once, streams_are_segmented_by_themselves,
            segments_are_listed_latest_first_and_paged, segments_of_other_times_are_left_out;
        leases: a_lease_is_taken_and_renewed, a_lease_goes_to_another_when_its_time_is_over,
            one_of_many_takers_wins;
        velocity: a_count_comes_back_as_it_went_in, a_count_is_written_on_the_one_before_only,
            identities_do_not_see_each_others_counts, of_many_that_take_a_block_one_does;
        gathering: everyone_gets_their_own_rows, an_asker_that_goes_away_takes_no_answer_along;
        races: one_of_many_deterministic_tokens_wins, one_of_many_endings_wins, streams_are_written_side_by_side,
            one_of_many_continuations_wins, readers_see_whole_commits, a_dropped_commit_does_no_harm;
    }
    make().await.check().await.unwrap();
}
