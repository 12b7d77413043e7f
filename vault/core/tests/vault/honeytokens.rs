//! Tokens that nobody has business with: like any other to whoever uses them, and an alarm to whoever watches.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Effect, RegistryRow, TokenFilter};
use strongroom_core::{HoneytokenView, NewHoneytoken, TokenUpdate, Vault, VaultError};
use strongroom_crypto::audit_v1::Event;
use strongroom_domain::{Reveal, Token};

use crate::asking::{
    Seen, answer, card, card_number, detokenize, first, reveal, search, search_card, shows, token_for,
    tokenize_one,
};
use crate::world::{World, call, settings, tenant};

async fn mark(vault: &Vault, token: &Token) -> Result<HoneytokenView, VaultError> {
    let seen = Seen::nothing();
    let wanted = NewHoneytoken { token: token.clone().into(), reason: "beside the shop's cards".to_owned() };
    let admin = call("acme", "identity-admin");
    vault.create_honeytoken(&admin, wanted, None, |made| seen.render(made)).await?;
    Ok(seen.output())
}

async fn alarms(world: &World) -> Vec<Event> {
    let mut records = world.records().await;
    records.retain(|record| record.action == "alarm.raised");
    records
}

#[tokio::test]
async fn each_use_raises_an_alarm_in_the_same_request_and_is_answered_as_ever() {
    let world = World::open().await;
    let number = card_number(1);
    let token = token_for(&world.vault, card(&number)).await;
    let plain = token_for(&world.vault, card(&card_number(2))).await;
    mark(&world.vault, &token).await.unwrap();

    // Whoever uses other tokens, lists all or makes one for the same value raises none.
    reveal(&world.vault, &plain).await.unwrap();
    world.vault.list_tokens(&call("acme", "detokenizer"), &first(10)).await.unwrap();
    tokenize_one(&world.vault, &call("acme", "tokenizer"), card(&number)).await.unwrap();
    assert_eq!(alarms(&world).await, []);

    let caller = call("acme", "detokenizer");
    assert!(shows(&detokenize(&world.vault, &caller, &token, Reveal::Full).await.unwrap(), &number));
    let records = world.records_of(&caller).await;
    assert_eq!(records.len(), 2);
    let alarm = &records[1];
    assert_eq!((alarm.action.as_str(), alarm.outcome.as_str()), ("alarm.raised", "honeytoken_used"));
    assert_eq!(alarm.object.as_deref(), Some(token.as_str()));
    assert_eq!(alarm.actor, caller.principal.id.to_string());
    assert_eq!(alarm.purpose.as_deref(), Some("authorisation"));
    // The tenant's auditor finds it, and no other tenant's.
    assert_eq!(search(&world.vault, &call("acme", "auditor"), &caller).await.len(), 2);
    assert_eq!(search(&world.vault, &call("globex", "auditor"), &caller).await, []);
}

#[tokio::test]
async fn every_way_to_use_it_raises_one() {
    let world = World::open().await;
    let number = card_number(1);
    let token = token_for(&world.vault, card(&number)).await;
    mark(&world.vault, &token).await.unwrap();
    let by = |name: &str| call("acme", name);
    let masked = by("detokenizer");
    detokenize(&world.vault, &masked, &token, Reveal::Masked).await.unwrap();
    let gets = by("gateway");
    world.vault.get_token(&gets, &token).await.unwrap();
    let searches = by("tokenizer");
    assert_eq!(search_card(&world.vault, &searches, &number, "default").await.unwrap().len(), 1);
    for caller in [&masked, &gets, &searches] {
        let records = world.records_of(caller).await;
        assert_eq!(records.iter().filter(|record| record.outcome == "honeytoken_used").count(), 1);
    }
    // Of the same caller again within the minute: counted.
    world.vault.update_token(&by("tokenizer"), &token, &TokenUpdate::default()).await.unwrap();
    world.vault.delete_token(&by("tokenizer"), &token).await.unwrap();
    assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::NotFound));
    assert_eq!(alarms(&world).await.len(), 3);
    world.vault.close().await.unwrap();
    let memory = &world.store.memory;
    let last = memory.read_bundles(crate::world::STREAM, 0, u32::MAX).await.unwrap();
    let raised: Vec<_> = last
        .iter()
        .flat_map(crate::world::records_in)
        .filter(|record| record.action == "alarm.raised")
        .map(|record| record.count)
        .collect();
    assert_eq!(raised.len(), 5);
    assert_eq!(raised.iter().sum::<u32>(), 6, "{raised:?}");
}

#[tokio::test(start_paused = true)]
async fn a_storm_makes_few_alarms_and_none_is_lost() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    mark(&world.vault, &token).await.unwrap();
    for _ in 0..50 {
        reveal(&world.vault, &token).await.unwrap();
    }
    assert_eq!(alarms(&world).await.len(), 1);
    // The minute ends without another use: what was counted is raised by itself, soon.
    tokio::time::sleep(Duration::from_secs(66)).await;
    let raised = alarms(&world).await;
    assert_eq!(raised.iter().map(|alarm| alarm.count).collect::<Vec<_>>(), [1, 49]);
    let caller = call("acme", "detokenizer").principal;
    assert!(
        raised.iter().all(|alarm| alarm.actor == caller.id.to_string() && alarm.tenant == *caller.tenant())
    );
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(alarms(&world).await.len(), 2);
}

#[tokio::test]
async fn an_alarm_that_could_not_be_recorded_is_raised_with_the_next() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    mark(&world.vault, &token).await.unwrap();
    world.fail_commits(true);
    assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::AuditUnavailable));
    world.fail_commits(false);
    reveal(&world.vault, &token).await.unwrap();
    assert_eq!(alarms(&world).await.iter().map(|alarm| alarm.count).collect::<Vec<_>>(), [2]);
}

/// Whoever holds a copy of the database, and nothing else.
#[tokio::test]
async fn no_row_and_no_record_tells_which_token_it_is() {
    let world = World::open().await;
    let mut tokens = Vec::new();
    for number in 0..20 {
        tokens.push(token_for(&world.vault, card(&card_number(number))).await);
    }
    let before = world.records().await.len();
    let view = mark(&world.vault, &tokens[7]).await.unwrap();
    // The marking changed nothing but the registry.
    let effects = world.store.effects();
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::ReviseToken { .. })));
    // What was recorded of it names the mark and not the token.
    let records = world.records().await.split_off(before);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].object, Some(view.id.to_string()));
    assert!(!format!("{records:?}").contains(tokens[7].as_str()));

    let rows = world.store.memory.load_registry().await.unwrap().unwrap().rows;
    let marked: Vec<_> = rows.iter().filter(|row| matches!(row, RegistryRow::Honeytoken(_))).collect();
    assert_eq!(marked.len(), 1);
    assert!(!format!("{marked:?}").contains(tokens[7].as_str()));
    // The rows of the tokens themselves differ in nothing that the marking set.
    let listed =
        world.store.memory.list_tokens(&tenant("acme"), &TokenFilter::default(), None, 100).await.unwrap();
    let like_its_neighbours = |one: &strongroom_core::ports::store::TokenRow| {
        (one.profile.clone(), one.created_by.clone(), one.created_at, one.row_version, one.uses, one.state)
    };
    assert_eq!(listed.len(), 20);
    assert!(listed.iter().all(|row| like_its_neighbours(row) == like_its_neighbours(&listed[0])));
}

#[tokio::test]
async fn marks_are_set_by_those_who_answer_for_identities_and_can_be_withdrawn() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let marked = mark(&world.vault, &token).await.unwrap();
    assert_eq!(mark(&world.vault, &token).await.err(), Some(VaultError::AlreadyExists));
    let unknown = Token::parse("0000009876541111").unwrap();
    assert_eq!(mark(&world.vault, &unknown).await.err(), Some(VaultError::NotFound));
    let telling = NewHoneytoken { token: token.clone().into(), reason: format!("this is {token}") };
    let admin = call("acme", "identity-admin");
    let refusal = world.vault.create_honeytoken(&admin, telling, None, |_| answer("")).await.err();
    assert!(matches!(refusal, Some(VaultError::Invalid(_))));
    for role in ["detokenizer", "tokenizer", "key-admin", "gateway"] {
        let refusal = world.vault.list_honeytokens(&call("acme", role)).await.err();
        assert_eq!(refusal, Some(VaultError::PermissionDenied), "{role}");
    }
    assert_eq!(world.vault.list_honeytokens(&call("acme", "auditor")).await, Ok(vec![marked.clone()]));
    assert_eq!(world.vault.list_honeytokens(&call("globex", "auditor")).await, Ok(vec![]));

    // A node that starts later knows it too.
    let other = world.start(settings("node-2")).await.unwrap();
    let caller = call("acme", "detokenizer");
    detokenize(&other, &caller, &token, Reveal::Full).await.unwrap();
    assert_eq!(search(&other, &call("acme", "auditor"), &caller).await.len(), 2);

    let theirs = world.vault.withdraw_honeytoken(&call("globex", "identity-admin"), marked.id).await;
    assert_eq!(theirs.err(), Some(VaultError::NotFound));
    let withdrawn = world.vault.withdraw_honeytoken(&admin, marked.id).await.unwrap();
    assert_eq!(withdrawn.withdrawn_by, Some(admin.principal.id.to_string()));
    assert_eq!(world.vault.withdraw_honeytoken(&admin, marked.id).await, Ok(withdrawn));
    let before = alarms(&world).await.len();
    reveal(&world.vault, &token).await.unwrap();
    assert_eq!(alarms(&world).await.len(), before);
    // And it can be marked anew.
    mark(&world.vault, &token).await.unwrap();
    world.vault.get_token(&call("acme", "gateway"), &token).await.unwrap();
    assert_eq!(alarms(&world).await.len(), before + 1);
}
