//! Aliases and tags: what they lead to, what they never lead to, and that nobody else can lead them elsewhere.

use std::collections::BTreeSet;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::TokenFilter;
use strongroom_core::{
    DetokenizeRequest, NewToken, RevealedValue, SetChange, TokenQuery, TokenUpdate, Vault, VaultError,
};
use strongroom_domain::{
    Alias, DetokenizationPurpose, Reuse, Reveal, Tag, Token, TokenProfile, TokenReference,
};

use crate::asking::{
    card, card_for, card_number, create_profile, first, profile, shows, token_for, tokenize, tokenize_one,
};
use crate::world::{World, call, tenant};

fn alias(text: &str) -> Alias {
    Alias::parse(text).unwrap()
}

fn named(index: u64, names: &[&str]) -> NewToken {
    NewToken { aliases: names.iter().map(|name| alias(name)).collect(), ..card(&card_number(index)) }
}

async fn reveal_by(vault: &Vault, tenant: &str, alias_text: &str) -> Result<RevealedValue, VaultError> {
    let request = DetokenizeRequest {
        tokens: vec![Ok(alias(alias_text).into())],
        purpose: DetokenizationPurpose::Authorisation,
        reveal: Reveal::Full,
        encrypt_to: None,
    };
    let mut revealed = vault.detokenize(&call(tenant, "detokenizer"), &request).await?;
    revealed.pop().unwrap().map(|revealed| revealed.value)
}

fn changed(add: &[&str], remove: &[&str]) -> TokenUpdate {
    let set = |names: &[&str]| names.iter().map(|name| alias(name)).collect();
    TokenUpdate { aliases: SetChange { add: set(add), remove: set(remove) }, ..TokenUpdate::default() }
}

#[tokio::test]
async fn an_alias_stands_wherever_a_token_does() {
    let world = World::open().await;
    let vault = &world.vault;
    let token = token_for(vault, named(1, &["customer-42/card-1", "oldvendor:77"])).await;
    let tokenizer = call("acme", "tokenizer");
    let view = vault.get_token(&tokenizer, alias("oldvendor:77")).await.unwrap();
    assert_eq!((&view.token, view.aliases.len()), (&token, 2));
    assert!(shows(&reveal_by(vault, "acme", "customer-42/card-1").await.unwrap(), &card_number(1)));

    // One token under both names in one request, and one that is not there.
    let reader = call("acme", "detokenizer");
    let by = |text: &str| Ok(TokenReference::Alias(alias(text)));
    let request = DetokenizeRequest {
        tokens: vec![by("oldvendor:77"), Ok((&token).into()), by("nobody")],
        purpose: DetokenizationPurpose::Authorisation,
        reveal: Reveal::Masked,
        encrypt_to: None,
    };
    let outcomes: Vec<_> = vault.detokenize(&reader, &request).await.unwrap();
    let found: Vec<_> = outcomes.into_iter().map(|one| one.map(|revealed| revealed.token)).collect();
    assert_eq!(found, [Ok(token.clone()), Ok(token.clone()), Err(VaultError::NotFound)]);
    let records = world.records_of(&reader).await;
    let told: Vec<_> = records
        .iter()
        .map(|one| (one.object.as_deref(), one.alias.as_deref(), one.outcome.as_str()))
        .collect();
    let name = Some(token.as_str());
    assert_eq!(
        told,
        [
            (name, Some("oldvendor:77"), "success"),
            (name, None, "success"),
            (None, Some("nobody"), "not_found")
        ]
    );

    let view = vault.update_token(&tokenizer, alias("oldvendor:77"), &changed(&["b"], &[])).await.unwrap();
    assert_eq!(view.aliases.len(), 3);
    vault.delete_token(&call("acme", "tokenizer"), alias("b")).await.unwrap();
    assert_eq!(vault.get_token(&tokenizer, &token).await, Err(VaultError::NotFound));
}

#[tokio::test]
async fn an_alias_is_one_tokens_alone_and_a_conflict_leaves_nothing_behind() {
    let world = World::open().await;
    let vault = &world.vault;
    let first_token = token_for(vault, named(1, &["a"])).await;
    let caller = call("acme", "tokenizer");
    // The first of the batch takes `b`, so the third cannot; the second wants what is taken already.
    let items = vec![named(2, &["b"]), named(3, &["c", "a"]), named(4, &["b"]), named(5, &[])];
    let outcomes = tokenize(vault, &caller, items).await.unwrap();
    let kept: Vec<_> = outcomes.iter().map(|one| one.as_ref().map(drop).map_err(VaultError::clone)).collect();
    assert_eq!(kept, [Ok(()), Err(VaultError::AliasTaken), Err(VaultError::AliasTaken), Ok(())]);
    let outcomes: Vec<_> = world.records_of(&caller).await.into_iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, ["success", "alias_taken", "alias_taken", "success"]);
    assert_eq!(vault.get_token(&caller, alias("c")).await, Err(VaultError::NotFound));
    assert_eq!(vault.list_tokens(&caller, &first(10)).await.unwrap().tokens.len(), 3);

    let second = outcomes_token(vault, "b").await;
    let refused = vault.update_token(&caller, &second, &changed(&["d", "a"], &[])).await;
    assert_eq!(refused, Err(VaultError::AliasTaken));
    assert_eq!(vault.get_token(&caller, alias("d")).await, Err(VaultError::NotFound));
    // Given up by one it is free for another; what one has is no conflict with itself.
    vault.update_token(&caller, &first_token, &changed(&["a"], &[])).await.unwrap();
    vault.update_token(&caller, &first_token, &changed(&[], &["a", "never-had"])).await.unwrap();
    vault.update_token(&caller, &second, &changed(&["a"], &[])).await.unwrap();
    assert_eq!(vault.get_token(&caller, alias("a")).await.unwrap().token, second);
    let both = vault.update_token(&caller, &second, &changed(&["x"], &["x"])).await;
    assert!(matches!(both, Err(VaultError::Invalid(_))));
    let many: Vec<String> = (0..9).map(|number| format!("n{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(matches!(tokenize_one(vault, &caller, named(9, &many)).await, Err(VaultError::Invalid(_))));
}

async fn outcomes_token(vault: &Vault, name: &str) -> Token {
    vault.get_token(&call("acme", "tokenizer"), alias(name)).await.unwrap().token
}

#[tokio::test]
async fn a_deleted_token_keeps_its_aliases_from_others() {
    let world = World::open().await;
    let vault = &world.vault;
    let token = token_for(vault, named(1, &["oldvendor:1", "given-up"])).await;
    let caller = call("acme", "tokenizer");
    vault.update_token(&caller, &token, &changed(&[], &["given-up"])).await.unwrap();
    vault.delete_token(&caller, &token).await.unwrap();
    assert_eq!(reveal_by(vault, "acme", "oldvendor:1").await.err(), Some(VaultError::NotFound));
    let again = tokenize_one(vault, &caller, named(2, &["oldvendor:1"])).await;
    assert_eq!(again.err(), Some(VaultError::AliasTaken));
    assert!(tokenize_one(vault, &caller, named(2, &["given-up"])).await.is_ok());
}

#[tokio::test]
async fn a_tenants_aliases_are_its_own() {
    let world = World::open().await;
    let vault = &world.vault;
    token_for(vault, named(1, &["a"])).await;
    assert_eq!(reveal_by(vault, "globex", "a").await.err(), Some(VaultError::NotFound));
    let theirs = tokenize_one(vault, &call("globex", "tokenizer"), named(2, &["a"])).await.unwrap();
    assert!(shows(&reveal_by(vault, "globex", "a").await.unwrap(), &card_number(2)));
    assert!(shows(&reveal_by(vault, "acme", "a").await.unwrap(), &card_number(1)));
    vault.delete_token(&call("globex", "tokenizer"), &theirs.token.token).await.unwrap();
    assert!(reveal_by(vault, "acme", "a").await.is_ok());
}

/// Whoever writes to the database points the name of one card at another card.
#[tokio::test]
async fn an_alias_pointed_at_another_token_is_noticed() {
    let world = World::open().await;
    let vault = &world.vault;
    create_profile(vault, TokenProfile { reversible: false, ..profile("one-way") }).await.unwrap();
    token_for(vault, named(1, &["a"])).await;
    let other = token_for(vault, named(2, &["b"])).await;
    let bare = token_for(vault, card(&card_number(3))).await;
    let one_way = token_for(vault, NewToken { profile: profile("one-way").name, ..named(4, &["w"]) }).await;
    let tokenizer = call("acme", "tokenizer");
    for target in [other, bare, one_way] {
        // The row that leads, alone.
        let there = target.clone();
        world.store.tamper_aliases(move |row| row.token = there.clone());
        assert_eq!(reveal_by(vault, "acme", "a").await.err(), Some(VaultError::IntegrityFailure));
        assert_eq!(vault.get_token(&tokenizer, alias("a")).await, Err(VaultError::IntegrityFailure));
        // And the names in the token's own row with it: the seal has them too.
        world.store.tamper_tokens(|row| {
            row.aliases.insert(alias("a"));
        });
        assert!(reveal_by(vault, "acme", "a").await.is_err());
        assert_eq!(vault.get_token(&tokenizer, alias("a")).await, Err(VaultError::IntegrityFailure));
        let update = vault.update_token(&tokenizer, alias("a"), &TokenUpdate::default()).await;
        assert_eq!(update, Err(VaultError::IntegrityFailure));
        assert_eq!(vault.delete_token(&tokenizer, alias("a")).await, Err(VaultError::IntegrityFailure));
        let query = TokenQuery { alias: Some(alias("a")), ..first(1) };
        assert_eq!(vault.list_tokens(&tokenizer, &query).await.err(), Some(VaultError::IntegrityFailure));
        // Nor does it help to take the seal away.
        world.store.tamper_tokens(|row| {
            row.aliases.insert(alias("a"));
            row.metadata_envelope = None;
        });
        assert_eq!(vault.get_token(&tokenizer, alias("a")).await, Err(VaultError::IntegrityFailure));
        world.store.stop_tampering();
    }
    assert!(shows(&reveal_by(vault, "acme", "a").await.unwrap(), &card_number(1)));
}

/// An alias that was taken away, put back from an old copy of its row.
#[tokio::test]
async fn an_alias_brought_back_from_a_backup_is_noticed() {
    let world = World::open().await;
    let vault = &world.vault;
    let old = token_for(vault, named(1, &["a"])).await;
    let new = token_for(vault, card(&card_number(2))).await;
    let caller = call("acme", "tokenizer");
    vault.update_token(&caller, &old, &changed(&[], &["a"])).await.unwrap();
    vault.update_token(&caller, &new, &changed(&["a"], &[])).await.unwrap();
    world.store.tamper_aliases(move |row| row.token = old.clone());
    assert_eq!(reveal_by(vault, "acme", "a").await.err(), Some(VaultError::IntegrityFailure));
}

#[tokio::test]
async fn a_deterministic_token_is_found_again_with_the_aliases_it_has() {
    let world = World::open().await;
    let vault = &world.vault;
    create_profile(vault, TokenProfile { reuse: Reuse::Deterministic, ..profile("same") }).await.unwrap();
    let caller = call("acme", "tokenizer");
    let with = |names: &[&str]| NewToken {
        aliases: names.iter().map(|name| alias(name)).collect(),
        ..card_for("same", &card_number(1))
    };
    let made = tokenize_one(vault, &caller, with(&["a", "b"])).await.unwrap();
    let again = tokenize_one(vault, &caller, with(&["b"])).await.unwrap();
    assert_eq!((again.created, &again.token.token), (false, &made.token.token));
    assert!(matches!(tokenize_one(vault, &caller, with(&["c"])).await, Err(VaultError::Invalid(_))));
    assert_eq!(vault.get_token(&caller, alias("c")).await, Err(VaultError::NotFound));
}

#[tokio::test]
async fn tags_come_and_go_and_find_their_tokens() {
    let world = World::open().await;
    let vault = &world.vault;
    let tag = |text: &str| Tag::parse(text).unwrap();
    let tagged = |index: u64, tags: &[&str]| NewToken {
        tags: tags.iter().map(|text| tag(text)).collect(),
        ..card(&card_number(index))
    };
    let one = token_for(vault, tagged(1, &["eu", "gold"])).await;
    let two = token_for(vault, tagged(2, &["eu"])).await;
    let caller = call("acme", "tokenizer");
    let with = async |text: &str| {
        let filter = TokenFilter { tag: Some(tag(text)), ..TokenFilter::default() };
        let query = TokenQuery { filter, ..first(10) };
        let page = vault.list_tokens(&caller, &query).await.unwrap();
        page.tokens.into_iter().map(|view| view.token).collect::<BTreeSet<_>>()
    };
    assert_eq!(with("eu").await, BTreeSet::from([one.clone(), two.clone()]));
    assert_eq!(with("gold").await, BTreeSet::from([one.clone()]));
    let tags = SetChange { add: [tag("gold")].into(), remove: [tag("eu")].into() };
    let view =
        vault.update_token(&caller, &two, &TokenUpdate { tags, ..TokenUpdate::default() }).await.unwrap();
    assert_eq!(view.tags, BTreeSet::from([tag("gold")]));
    assert_eq!(with("eu").await, BTreeSet::from([one.clone()]));
    vault.delete_token(&caller, &one).await.unwrap();
    assert_eq!(with("gold").await, BTreeSet::from([two.clone()]));
    let row = world.store.find_token(&tenant("acme"), &one).await.unwrap().unwrap();
    assert!(row.tags.is_empty());
    let many: Vec<String> = (0..17).map(|number| format!("t{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(matches!(tokenize_one(vault, &caller, tagged(3, &many)).await, Err(VaultError::Invalid(_))));
    // A label put on by somebody else is noticed like a name.
    world.store.tamper_tokens(move |row| {
        row.tags.insert(Tag::parse("vip").unwrap());
    });
    assert_eq!(vault.get_token(&caller, &two).await, Err(VaultError::IntegrityFailure));
}
