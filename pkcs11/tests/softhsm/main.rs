//! The adapter on SoftHSM: the contract of the port on every rung of every ladder, and what has to happen when somebody
//! tampers with the token, when the PIN is wrong and when the device goes away. Each case has a process and a token.
#![expect(clippy::unwrap_used, reason = "a test program")]

mod away;
mod bench;
mod contract;
mod limits;
mod login;
mod tampering;
mod tokens;

use std::process::ExitCode;

use strongroom_softhsm::case;
use strongroom_softhsm::isolated::{Case, run};

use away::*;
use contract::*;
use limits::*;
use login::*;
use tampering::*;
use tokens::*;

fn main() -> ExitCode {
    const CASES: &[Case] = &[
        case!(keeps_the_contract),
        case!(keeps_the_contract_with_cbc_and_hmac),
        case!(keeps_the_contract_with_padded_key_wrap),
        case!(keeps_the_contract_on_a_module_without_key_wrap, without["CKM_AES_KEY_WRAP"]),
        case!(keeps_the_contract_where_no_key_can_be_imported),
        case!(keeps_the_contract_with_ecb_check_values),
        case!(without_single_blocks_the_tokens_own_check_values_serve),
        case!(keeps_the_contract_with_one_session),
        case!(without_hmac_the_registry_is_under_cmac),
        case!(where_no_rung_is_left_it_refuses),
        case!(a_key_sealed_on_one_rung_opens_after_the_token_has_climbed),
        case!(a_second_object_of_the_same_id_is_ambiguous),
        case!(a_second_object_of_the_same_label_is_ambiguous),
        case!(a_deleted_key_is_missing),
        case!(a_planted_key_is_refused_for_each_attribute),
        case!(a_planted_key_with_the_right_attributes_is_refused_for_its_check_value),
        case!(a_deleted_binding_key_is_noticed),
        case!(a_wrong_pin_is_tried_once),
        case!(a_logout_behind_its_back_is_mended),
        case!(a_logout_behind_its_back_hides_no_keys),
        case!(another_label_is_not_the_token),
        case!(of_two_tokens_with_one_label_the_serial_decides),
        case!(a_module_serves_one_connection_at_a_time),
        case!(a_file_that_is_no_module_is_refused),
        case!(what_it_is_can_be_shown_as_evidence),
        case!(a_full_queue_refuses_at_once),
        case!(a_call_without_time_is_late),
        case!(failures_under_load_do_not_shake_it),
        case!(labels_are_checked),
        case!(a_token_that_goes_away_is_refused_quickly_and_comes_back),
        case!(a_token_that_comes_back_without_its_keys_stays_away),
        case!(another_token_of_the_same_label_is_not_taken_for_it),
        case!(it_can_be_dropped_while_the_token_is_away),
    ];
    run(CASES)
}
