//! Tokens.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Effect, TagRow, TokenCursor, TokenFilter, TokenRow};
use strongroom_domain::{Bin, Brand, IbanEnding, ProfileName, Token, TokenState, ValueKind};

use super::samples::{
    Node, a_row_of_each_kind, alias, alias_row, at, end, end_token, full_token_row, insert_tagged,
    insert_token, tag, tenant, token, token_row,
};

pub(super) async fn a_token_comes_back_as_it_went_in(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let one_way = TokenRow { envelope: None, ..token_row("acme", 2) };
    let ended = TokenRow { state: TokenState::Used, envelope: None, row_version: 2, ..token_row("acme", 3) };
    let rows = [full_token_row("acme"), token_row("acme", 1), one_way, ended];
    node.commit(rows.iter().map(|row| vec![Effect::InsertToken(Box::new(row.clone()))]).collect()).await;
    for row in rows {
        assert_eq!(store.find_token(&row.tenant, &row.token).await.unwrap(), Some(row));
    }
    assert_eq!(store.find_token(&tenant("acme"), &token(4)).await.unwrap(), None);
}

pub(super) async fn a_token_exists_once_in_a_tenant(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![insert_token("acme", 1)], vec![insert_token("rival", 1)]]).await;
    assert_eq!(node.conflicts(vec![vec![insert_token("acme", 1)]]).await, vec![0]);
    node.commit(vec![vec![end_token("acme", 1, 1)]]).await;
    assert_eq!(node.conflicts(vec![vec![insert_token("acme", 1)]]).await, vec![0]);
}

pub(super) async fn every_finder_asks_for_the_tenant(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let other = TokenRow { envelope: Some(b"another value".to_vec()), ..token_row("rival", 1) };
    node.commit(vec![
        vec![insert_token("acme", 1), insert_token("acme", 2)],
        vec![Effect::InsertToken(Box::new(other.clone()))],
    ])
    .await;
    let (acme, rival, stranger) = (tenant("acme"), tenant("rival"), tenant("stranger"));
    let both = [token(1), token(2)];
    assert_eq!(store.find_token(&rival, &token(1)).await.unwrap(), Some(other.clone()));
    assert_eq!(store.find_token(&rival, &token(2)).await.unwrap(), None);
    assert_eq!(store.find_tokens(&rival, &both).await.unwrap(), vec![other.clone()]);
    assert_eq!(store.taken_tokens(&rival, &both).await.unwrap(), vec![token(1)]);
    assert_eq!(store.list_tokens(&rival, &TokenFilter::default(), None, 10).await.unwrap(), vec![other]);
    assert_eq!(
        store.list_tokens(&acme, &TokenFilter::default(), None, 10).await.unwrap(),
        vec![token_row("acme", 1), token_row("acme", 2)]
    );
    assert_eq!(store.find_token(&stranger, &token(1)).await.unwrap(), None);
    assert!(store.find_tokens(&stranger, &both).await.unwrap().is_empty());
    assert!(store.taken_tokens(&stranger, &both).await.unwrap().is_empty());
    assert!(store.list_tokens(&stranger, &TokenFilter::default(), None, 10).await.unwrap().is_empty());
    assert_eq!(node.conflicts(vec![vec![end_token("rival", 2, 1)]]).await, vec![0]);
    node.commit(vec![vec![end_token("rival", 1, 1)]]).await;
    assert_eq!(store.find_token(&acme, &token(1)).await.unwrap(), Some(token_row("acme", 1)));
}

pub(super) async fn many_tokens_are_found_at_once(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit((0..300).map(|number| vec![insert_token("acme", number * 2)]).collect()).await;
    node.commit(vec![vec![end_token("acme", 0, 1)]]).await;
    for count in [0, 1, 2, 3, 255, 256, 257, 600] {
        let asked: Vec<Token> = (0..count).chain(0..count).chain(0..count).map(token).collect();
        let expected: Vec<Token> = (0..count).filter(|number| number % 2 == 0).map(token).collect();
        let rows = store.find_tokens(&tenant("acme"), &asked).await.unwrap();
        let mut found: Vec<Token> = rows.into_iter().map(|row| row.token).collect();
        found.sort();
        assert_eq!(found, expected);
        let mut taken = store.taken_tokens(&tenant("acme"), &asked).await.unwrap();
        taken.sort();
        assert_eq!(taken, expected);
    }
}

pub(super) async fn ended_tokens_lose_their_values(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = full_token_row("acme");
    node.commit(vec![vec![Effect::InsertToken(Box::new(row.clone()))], vec![insert_token("acme", 2)]]).await;
    // Even if its values are still in the row it is given.
    let state = TokenState::Used;
    let ending = Effect::ReviseToken { row: Box::new(TokenRow { state, ..row.revised() }), at: at(50) };
    node.commit(vec![vec![ending], vec![end_token("acme", 2, 1)]]).await;
    let used = TokenRow {
        state: TokenState::Used,
        envelope: None,
        metadata_envelope: None,
        row_version: 2,
        ..row.clone()
    };
    assert_eq!(store.find_token(&row.tenant, &row.token).await.unwrap(), Some(used));
    let deleted =
        TokenRow { state: TokenState::Deleted, envelope: None, row_version: 2, ..token_row("acme", 2) };
    assert_eq!(store.find_token(&row.tenant, &token(2)).await.unwrap(), Some(deleted));
}

pub(super) async fn only_the_expected_version_can_end(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = TokenRow { row_version: 5, ..token_row("acme", 1) };
    node.commit(vec![vec![Effect::InsertToken(Box::new(row.clone()))]]).await;
    for wrong in [1, 4, 6] {
        assert_eq!(node.conflicts(vec![vec![end_token("acme", 1, wrong)]]).await, vec![0]);
        assert_eq!(store.find_token(&row.tenant, &row.token).await.unwrap(), Some(row.clone()));
    }
    node.commit(vec![vec![end_token("acme", 1, 5)]]).await;
}

pub(super) async fn a_token_ends_once(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    node.commit(vec![vec![insert_token("acme", 1)]]).await;
    node.commit(vec![vec![end_token("acme", 1, 1)]]).await;
    for version in [1, 2] {
        assert_eq!(node.conflicts(vec![vec![end_token("acme", 1, version)]]).await, vec![0]);
    }
    let ended = TokenRow { row_version: 2, ..token_row("acme", 1) };
    let back = Effect::ReviseToken { row: Box::new(ended.revised()), at: at(2) };
    assert_eq!(node.conflicts(vec![vec![back]]).await, vec![0], "an ended token is revived");
}

pub(super) async fn values_of_every_kind_come_back(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let rows = a_row_of_each_kind("acme");
    node.commit(rows.iter().map(|row| vec![Effect::InsertToken(Box::new(row.clone()))]).collect()).await;
    assert_eq!(store.list_tokens(&tenant("acme"), &TokenFilter::default(), None, 10).await.unwrap(), rows);
    for row in rows {
        assert_eq!(store.find_token(&row.tenant, &row.token).await.unwrap(), Some(row));
    }
}

/// Sealed values, end and uses; and nothing else of the row.
pub(super) async fn what_may_change_of_a_token_changes(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = full_token_row("acme");
    node.commit(vec![vec![Effect::InsertToken(Box::new(row.clone()))]]).await;
    let wanted = TokenRow {
        envelope: Some(b"sealed anew".to_vec()),
        metadata_envelope: None,
        expires_at: None,
        uses: 3,
        ..row.revised()
    };
    let revise = |row: TokenRow| vec![vec![Effect::ReviseToken { row: Box::new(row), at: at(50) }]];
    let profile = ProfileName::parse("another").unwrap();
    node.commit(revise(TokenRow { profile, created_at: at(1), ..wanted.clone() })).await;
    assert_eq!(store.find_token(&row.tenant, &row.token).await.unwrap(), Some(wanted.clone()));
    assert_eq!(node.conflicts(revise(wanted.clone())).await, vec![0], "decided on what is gone");
    let longer =
        TokenRow { expires_at: Some(at(5000)), metadata_envelope: Some(vec![1]), ..wanted.revised() };
    node.commit(revise(longer.clone())).await;
    assert_eq!(store.find_token(&row.tenant, &row.token).await.unwrap(), Some(longer));
}

/// Whether a token has expired is for the caller's clock to say.
pub(super) async fn expired_tokens_are_still_found(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = TokenRow { expires_at: Some(at(0)), ..token_row("acme", 1) };
    node.commit(vec![vec![Effect::InsertToken(Box::new(row.clone()))]]).await;
    assert_eq!(store.find_token(&row.tenant, &row.token).await.unwrap(), Some(row.clone()));
    assert_eq!(
        store.find_tokens(&row.tenant, std::slice::from_ref(&row.token)).await.unwrap(),
        vec![row.clone()]
    );
    assert_eq!(store.list_tokens(&row.tenant, &TokenFilter::default(), None, 10).await.unwrap(), vec![row]);
}

pub(super) async fn lists_are_ordered_and_paged(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    // Three tokens share each moment; later tokens were made earlier.
    let rows: Vec<TokenRow> = (0..30)
        .map(|number| TokenRow { created_at: at(10 - number / 3), ..token_row("acme", number) })
        .collect();
    node.commit(rows.iter().map(|row| vec![Effect::InsertToken(Box::new(row.clone()))]).collect()).await;
    let mut expected = rows;
    expected.sort_by(|left, right| (left.created_at, &left.token).cmp(&(right.created_at, &right.token)));
    for page in [1, 4, 30, 100] {
        let mut listed: Vec<TokenRow> = Vec::new();
        loop {
            let cursor =
                listed.last().map(|row| TokenCursor { at: row.created_at, token: row.token.clone() });
            let rows = store
                .list_tokens(&tenant("acme"), &TokenFilter::default(), cursor.as_ref(), page)
                .await
                .unwrap();
            assert!(rows.len() <= usize::try_from(page).unwrap());
            if rows.is_empty() {
                break;
            }
            listed.extend(rows);
        }
        assert_eq!(listed, expected);
    }
}

pub(super) async fn lists_leave_tombstones_out(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let used = end(&token_row("acme", 2), TokenState::Used);
    node.commit((1..=3).map(|number| vec![insert_token("acme", number)]).collect()).await;
    node.commit(vec![vec![end_token("acme", 1, 1)], vec![used]]).await;
    let listed = store.list_tokens(&tenant("acme"), &TokenFilter::default(), None, 10).await.unwrap();
    assert_eq!(listed.into_iter().map(|row| row.token).collect::<Vec<_>>(), vec![token(2), token(3)]);
    // A tombstone is still there for those who know the token, and still takes its place.
    assert!(store.find_token(&tenant("acme"), &token(1)).await.unwrap().is_some());
    assert_eq!(store.taken_tokens(&tenant("acme"), &[token(1)]).await.unwrap(), vec![token(1)]);
}

pub(super) async fn an_alias_leads_to_one_token_of_its_tenant(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let insert = |tenant: &str, text: &str, number| Effect::InsertAlias(alias_row(tenant, text, number));
    node.commit(vec![
        vec![insert_token("acme", 1), insert("acme", "a/1", 1), insert("acme", "b", 1)],
        vec![insert_token("rival", 2), insert("rival", "a/1", 2)],
    ])
    .await;
    let asked = [alias("a/1"), alias("b"), alias("c"), alias("a/1")];
    let mut found = store.find_aliases(&tenant("acme"), &asked).await.unwrap();
    found.sort_by(|left, right| left.alias.cmp(&right.alias));
    assert_eq!(found, [alias_row("acme", "a/1", 1), alias_row("acme", "b", 1)]);
    assert_eq!(store.find_aliases(&tenant("rival"), &asked).await.unwrap(), [alias_row("rival", "a/1", 2)]);
    assert!(store.find_aliases(&tenant("stranger"), &asked).await.unwrap().is_empty());
    assert!(store.find_aliases(&tenant("acme"), &[]).await.unwrap().is_empty());
    // Taken: the whole unit is left out.
    let second = vec![insert_token("acme", 3), insert("acme", "c", 3), insert("acme", "b", 3)];
    assert_eq!(node.conflicts(vec![second.clone()]).await, vec![0]);
    assert_eq!(store.find_token(&tenant("acme"), &token(3)).await.unwrap(), None);
    assert!(store.find_aliases(&tenant("acme"), &[alias("c")]).await.unwrap().is_empty());
    // Moved within one unit; another token's is not there to be removed.
    let delete = |number| Effect::DeleteAlias(alias_row("acme", "b", number));
    node.commit(vec![vec![delete(9)]]).await;
    assert_eq!(node.conflicts(vec![second.clone()]).await, vec![0]);
    node.commit(vec![[vec![delete(1)], second].concat()]).await;
    assert_eq!(
        store.find_aliases(&tenant("acme"), &[alias("b")]).await.unwrap(),
        [alias_row("acme", "b", 3)]
    );
}

pub(super) async fn lists_hold_what_matches_and_nothing_else(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let rows = rows_of_many_kinds();
    node.commit(rows.iter().map(|row| insert_tagged(row.clone())).collect()).await;
    node.commit(vec![insert_tagged(TokenRow { tags: [tag("eu")].into(), ..token_row("rival", 500) })]).await;
    let acme = tenant("acme");
    for filter in filters() {
        let mut expected: Vec<TokenRow> =
            rows.iter().filter(|row| filter.matches(&acme, row)).cloned().collect();
        expected.sort_by_key(|row| {
            let TokenCursor { at, token } = filter.position(row);
            (at, token)
        });
        for page in [3, 100] {
            let mut listed: Vec<TokenRow> = Vec::new();
            loop {
                let after = listed.last().map(|row| filter.position(row));
                let rows = store.list_tokens(&acme, &filter, after.as_ref(), page).await.unwrap();
                if rows.is_empty() {
                    break;
                }
                listed.extend(rows);
            }
            assert_eq!(listed, expected, "{filter:?}");
        }
    }
}

/// Sixty tokens that differ in everything a list can ask for, some ended.
fn rows_of_many_kinds() -> Vec<TokenRow> {
    let kinds = a_row_of_each_kind("acme");
    (0..60_u64)
        .zip(kinds.iter().cycle())
        .map(|(number, kind)| {
            let row = TokenRow {
                token: token(number),
                created_at: at(number / 2),
                profile: ProfileName::parse(if number % 3 == 0 { "standard" } else { "other" }).unwrap(),
                tags: if number % 4 == 0 { [tag("eu"), tag("gold")].into() } else { [tag("us")].into() },
                expires_at: (number % 5 == 0).then(|| at(2000 - number)),
                ..kind.clone()
            };
            match number % 7 {
                3 => TokenRow { state: TokenState::Used, envelope: None, ..row },
                5 => TokenRow { state: TokenState::Deleted, envelope: None, ..row },
                _ => row,
            }
        })
        .collect()
}

fn filters() -> Vec<TokenFilter> {
    let all = TokenFilter::default;
    vec![
        all(),
        TokenFilter { bin: Bin::parse("411111"), ..all() },
        TokenFilter { last_four: IbanEnding::parse("1111"), ..all() },
        TokenFilter { last_four: IbanEnding::parse("30AB"), ..all() },
        TokenFilter { last_four: IbanEnding::parse("1111"), bin: Bin::parse("555555"), ..all() },
        TokenFilter { brand: Some(Brand::Visa), ..all() },
        TokenFilter { brand: Some(Brand::Mir), ..all() },
        TokenFilter { kind: Some(ValueKind::Card), ..all() },
        TokenFilter { kind: Some(ValueKind::Text), ..all() },
        TokenFilter { kind: Some(ValueKind::Text), brand: Some(Brand::Visa), ..all() },
        TokenFilter { profile: ProfileName::parse("other").ok(), ..all() },
        TokenFilter { state: Some(TokenState::Used), ..all() },
        TokenFilter { state: Some(TokenState::Active), kind: Some(ValueKind::Card), ..all() },
        TokenFilter { state: Some(TokenState::Deleted), ..all() },
        TokenFilter { tag: Some(tag("eu")), ..all() },
        TokenFilter {
            tag: Some(tag("eu")),
            state: Some(TokenState::Used),
            bin: Bin::parse("411111"),
            ..all()
        },
        TokenFilter { tag: Some(tag("none")), ..all() },
        TokenFilter { created_from: Some(at(7)), created_to: Some(at(12)), ..all() },
        TokenFilter { created_from: Some(at(7)), created_to: Some(at(12)), tag: Some(tag("us")), ..all() },
        TokenFilter { expires_before: Some(at(1970)), ..all() },
        TokenFilter {
            expires_before: Some(at(3000)),
            tag: Some(tag("eu")),
            created_from: Some(at(9)),
            ..all()
        },
    ]
}

pub(super) async fn names_and_labels_of_a_token_change(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = TokenRow { tags: [tag("eu"), tag("gold")].into(), ..token_row("acme", 1) };
    node.commit(vec![insert_tagged(row.clone())]).await;
    let tag_row = |text: &str| TagRow {
        tenant: row.tenant.clone(),
        tag: tag(text),
        created_at: row.created_at,
        token: row.token.clone(),
    };
    let revised = TokenRow { aliases: [alias("a")].into(), tags: [tag("us")].into(), ..row.revised() };
    // A tag that is there already, and one that is gone already, are no conflict.
    let effects = vec![
        Effect::DeleteTag(tag_row("eu")),
        Effect::DeleteTag(tag_row("gold")),
        Effect::DeleteTag(tag_row("never")),
        Effect::InsertTag(tag_row("us")),
        Effect::InsertAlias(alias_row("acme", "a", 1)),
        Effect::ReviseToken { row: Box::new(revised.clone()), at: at(20) },
    ];
    node.commit(vec![effects]).await;
    node.commit(vec![vec![Effect::InsertTag(tag_row("us"))]]).await;
    assert_eq!(store.find_token(&row.tenant, &row.token).await.unwrap(), Some(revised.clone()));
    let with = async |text: &str| {
        let filter = TokenFilter { tag: Some(tag(text)), ..TokenFilter::default() };
        store.list_tokens(&row.tenant, &filter, None, 10).await.unwrap()
    };
    assert_eq!((with("us").await, with("eu").await), (vec![revised.clone()], Vec::new()));
    // A tombstone keeps its names and has no labels.
    node.commit(vec![vec![Effect::DeleteTag(tag_row("us")), end(&revised, TokenState::Deleted)]]).await;
    let ended = store.find_token(&row.tenant, &row.token).await.unwrap().unwrap();
    assert_eq!((ended.aliases, ended.tags.len()), (revised.aliases, 0));
    assert_eq!(store.find_aliases(&row.tenant, &[alias("a")]).await.unwrap(), [alias_row("acme", "a", 1)]);
}
