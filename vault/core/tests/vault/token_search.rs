//! Finding tokens: by value, and page by page.

use std::collections::BTreeMap;
use std::time::Duration;

use strongroom_core::{NewToken, TokenQuery, VaultError};
use strongroom_domain::{Reuse, TokenProfile};

use crate::asking::{
    card, card_for, card_number, create_profile, first, metadata, profile, rotate_key, search_card,
    token_for, tokenize,
};
use crate::world::{World, call};

#[tokio::test]
async fn a_value_leads_to_its_live_tokens_of_the_profile() {
    let world = World::open().await;
    create_profile(&world.vault, TokenProfile { reuse: Reuse::Deterministic, ..profile("same") })
        .await
        .unwrap();
    let number = card_number(1);
    let mut expected = Vec::new();
    for round in 0..3 {
        expected.push(token_for(&world.vault, card(&number)).await);
        if round == 0 {
            rotate_key(&world.vault, "tokenization").await.unwrap();
        }
        world.clock.advance(Duration::from_secs(1));
    }
    let deterministic = token_for(&world.vault, card_for("same", &number)).await;
    token_for(&world.vault, card(&card_number(2))).await;
    let ended =
        token_for(&world.vault, NewToken { ttl: Some(Duration::from_secs(1)), ..card(&number) }).await;
    world.clock.advance(Duration::from_secs(1));

    let caller = call("acme", "tokenizer");
    let search = async |name: &str| search_card(&world.vault, &caller, &number, name).await;
    assert_eq!(search("default").await, Ok(expected.clone()));
    assert!(!expected.contains(&ended));
    assert_eq!(search("same").await, Ok(vec![deterministic]));
    assert_eq!(search("none").await, Err(VaultError::ProfileNotFound));
    let stranger = call("globex", "tokenizer");
    assert_eq!(search_card(&world.vault, &stranger, &number, "default").await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_list_comes_in_pages_without_a_token_twice_or_missing() {
    const TOKENS: u64 = 250;
    let world = World::open().await;
    let caller = call("acme", "tokenizer");
    let mut expected = BTreeMap::new();
    for batch in 0..5 {
        // All of a batch are of one moment: the cursor must tell them apart.
        let of_batch = |index: u64| NewToken {
            metadata: metadata(&[("index", &index.to_string())]).unwrap(),
            ..card(&card_number(index))
        };
        let indices = batch * TOKENS / 5..(batch + 1) * TOKENS / 5;
        for made in tokenize(&world.vault, &caller, indices.map(of_batch).collect()).await.unwrap() {
            let view = made.unwrap().token;
            expected.insert((view.created_at, view.token.clone()), view);
        }
        world.clock.advance(Duration::from_millis(1));
    }
    token_for(&world.vault, card(&card_number(9_999))).await;
    for (limit, pages) in [(100, 3), (251, 1), (1000, 1), (250, 2), (7, 36)] {
        let mut seen = Vec::new();
        let mut after = None;
        let mut asked = 0;
        loop {
            let page = world
                .vault
                .list_tokens(&caller, &TokenQuery { after: after.clone(), ..first(limit) })
                .await
                .unwrap();
            assert!(page.tokens.len() <= limit as usize);
            seen.extend(page.tokens);
            asked += 1;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((seen.len() as u64, asked), (TOKENS + 1, pages));
        for (view, expected) in seen.iter().zip(expected.values()) {
            assert_eq!((&view.token, &view.metadata), (&expected.token, &expected.metadata));
        }
    }
    assert_eq!(world.vault.list_tokens(&call("globex", "tokenizer"), &first(10)).await.unwrap().tokens, []);
}
