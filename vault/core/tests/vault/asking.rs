//! The vault's operations as tests ask for them: typed answers, made-up cards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use strongroom_core::ports::store::AuditFilter;
use strongroom_core::{
    Answer, AuditQuery, Call, CardInput, DecryptItem, Decrypted, DetokenizeRequest, EncryptItem, Encrypted,
    EncryptionKeyView, GrantView, KeyView, Metadata, NewEncryptionKey, NewGrant, NewIdentity, NewKey,
    NewToken, ProfileView, RevealedValue, TokenQuery, Tokenized, ValueInput, Vault, VaultError,
};
use strongroom_crypto::audit_v1::Event;
use strongroom_crypto::jwe::RecipientKey;
use strongroom_domain::{
    Context, DetokenizationPurpose, KeyName, KeyPurpose, ProfileName, Protection, Reveal, Role, Secret,
    Timestamp, Token, TokenProfile,
};

use crate::world::{call, service};

/// Takes down what an operation renders, in place of sending it.
pub(crate) struct Seen<T>(Mutex<Option<T>>);

impl<T: Clone> Seen<T> {
    pub(crate) const fn nothing() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn render(&self, output: &T) -> Answer {
        *self.0.lock().unwrap() = Some(output.clone());
        answer("")
    }

    pub(crate) fn output(self) -> T {
        self.0.into_inner().unwrap().unwrap()
    }
}

pub(crate) fn answer(body: &str) -> Answer {
    Answer { status: 200, body: body.as_bytes().to_vec() }
}

/// A card number with a right check digit, of a Visa range; another one for each index.
pub(crate) fn card_number(index: u64) -> String {
    with_check_digit(&format!("400000{index:09}"))
}

/// Appends the digit that makes the check digit right.
pub(crate) fn with_check_digit(digits: &str) -> String {
    let right = |check: &u32| {
        let number = format!("{digits}{check}");
        strongroom_domain::Pan::parse(&number, strongroom_domain::LuhnRule::Required).is_ok()
    };
    format!("{digits}{}", (0..10).find(right).unwrap())
}

/// A request for a token by the profile that every tenant has.
pub(crate) fn card(number: &str) -> NewToken {
    NewToken {
        value: ValueInput::Card(card_input(number)),
        profile: profile_name("default"),
        ttl: None,
        max_uses: None,
        metadata: Metadata::default(),
        aliases: BTreeSet::new(),
        tags: BTreeSet::new(),
        security_code: None,
        security_code_ttl: None,
    }
}

/// The first so many tokens, whatever they are.
pub(crate) fn first(limit: u32) -> TokenQuery {
    TokenQuery { limit, ..TokenQuery::default() }
}

/// A request for a token by another profile.
pub(crate) fn card_for(profile: &str, number: &str) -> NewToken {
    NewToken { profile: profile_name(profile), ..card(number) }
}

pub(crate) fn card_input(number: &str) -> CardInput {
    CardInput { number: Secret::new(number.to_owned()), expiry: None, holder: None }
}

pub(crate) fn metadata(pairs: &[(&str, &str)]) -> Result<Metadata, VaultError> {
    Metadata::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

pub(crate) async fn tokenize(
    vault: &Vault,
    call: &Call,
    items: Vec<NewToken>,
) -> Result<Vec<Result<Tokenized, VaultError>>, VaultError> {
    let seen = Seen::nothing();
    vault.tokenize(call, items.into_iter().map(Ok).collect(), None, |output| seen.render(output)).await?;
    Ok(seen.output())
}

pub(crate) async fn tokenize_one(
    vault: &Vault,
    call: &Call,
    item: NewToken,
) -> Result<Tokenized, VaultError> {
    tokenize(vault, call, vec![item]).await?.pop().unwrap()
}

/// A new token of acme's.
pub(crate) async fn token_for(vault: &Vault, item: NewToken) -> Token {
    tokenize_one(vault, &call("acme", "tokenizer"), item).await.unwrap().token.token
}

pub(crate) fn detokenization(tokens: &[&Token], reveal: Reveal) -> DetokenizeRequest {
    let tokens = tokens.iter().map(|token| Ok((*token).into())).collect();
    DetokenizeRequest { tokens, purpose: DetokenizationPurpose::Authorisation, reveal, encrypt_to: None }
}

pub(crate) async fn detokenize(
    vault: &Vault,
    call: &Call,
    token: &Token,
    reveal: Reveal,
) -> Result<RevealedValue, VaultError> {
    let mut revealed = vault.detokenize(call, &detokenization(&[token], reveal)).await?;
    revealed.pop().unwrap().map(|revealed| revealed.value)
}

/// The full value of a token of acme's.
pub(crate) async fn reveal(vault: &Vault, token: &Token) -> Result<RevealedValue, VaultError> {
    detokenize(vault, &call("acme", "detokenizer"), token, Reveal::Full).await
}

/// Whether it is this number, in full.
pub(crate) fn shows(value: &RevealedValue, wanted: &str) -> bool {
    match value {
        RevealedValue::Full(value) => value.identity() == wanted.as_bytes(),
        RevealedValue::Masked { .. } | RevealedValue::Encrypted { .. } => false,
    }
}

pub(crate) async fn create_profile(vault: &Vault, profile: TokenProfile) -> Result<ProfileView, VaultError> {
    let seen = Seen::nothing();
    vault.create_profile(&call("acme", "key-admin"), profile, None, |output| seen.render(output)).await?;
    Ok(seen.output())
}

/// A profile like the default one, to be changed where it differs. Of numbers so long enough are left that equal values may
/// show.
pub(crate) fn profile(name: &str) -> TokenProfile {
    TokenProfile { min_card_digits: 15, ..TokenProfile::standard(profile_name(name)) }
}

pub(crate) fn profile_name(name: &str) -> ProfileName {
    ProfileName::parse(name).unwrap()
}

pub(crate) fn key_name(name: &str) -> KeyName {
    KeyName::parse(name).unwrap()
}

/// Makes a key for fields, as acme's key-admin.
pub(crate) async fn create_key(vault: &Vault, name: &str) -> Result<KeyView, VaultError> {
    create_key_for(vault, name, KeyPurpose::FieldEncryption).await
}

/// Makes a key for something, as acme's key-admin.
pub(crate) async fn create_key_for(
    vault: &Vault,
    name: &str,
    purpose: KeyPurpose,
) -> Result<KeyView, VaultError> {
    make_key(vault, new_key(name, purpose)).await
}

pub(crate) fn new_key(name: &str, purpose: KeyPurpose) -> NewKey {
    let name = key_name(name);
    NewKey { name, purpose, protection: Protection::Envelope, value_format: None, rotation_days: 90 }
}

/// Makes a key, as acme's key-admin.
pub(crate) async fn make_key(vault: &Vault, key: NewKey) -> Result<KeyView, VaultError> {
    let seen = Seen::nothing();
    vault.create_key(&call("acme", "key-admin"), key, None, |output| seen.render(output)).await?;
    Ok(seen.output())
}

pub(crate) async fn rotate_key(vault: &Vault, name: &str) -> Result<KeyView, VaultError> {
    let seen = Seen::nothing();
    let caller = call("acme", "key-admin");
    vault.rotate_key(&caller, &key_name(name), None, |output| seen.render(output)).await?;
    Ok(seen.output())
}

pub(crate) fn context(field: &str) -> Context {
    Context::new(BTreeMap::from([("field".to_owned(), field.to_owned())])).unwrap()
}

pub(crate) fn field(plaintext: &str, place: &str) -> EncryptItem {
    EncryptItem { plaintext: Secret::new(plaintext.as_bytes().to_vec()), context: context(place) }
}

pub(crate) fn sealed(ciphertext: &[u8], place: &str) -> DecryptItem {
    DecryptItem { ciphertext: ciphertext.to_vec(), key_version: None, context: context(place) }
}

/// Seals one field as acme's encryptor.
pub(crate) async fn encrypt(vault: &Vault, key: &str, item: EncryptItem) -> Result<Encrypted, VaultError> {
    let caller = call("acme", "encryptor");
    vault.encrypt(&caller, &key_name(key), &[item]).await?.pop().unwrap()
}

/// Opens one field as acme's decryptor.
pub(crate) async fn decrypt(vault: &Vault, key: &str, item: DecryptItem) -> Result<Decrypted, VaultError> {
    let caller = call("acme", "decryptor");
    vault.decrypt(&caller, &key_name(key), &[item]).await?.pop().unwrap()
}

/// Makes an identity of acme's known.
pub(crate) async fn make_known(
    vault: &Vault,
    name: &str,
    expires_at: Option<Timestamp>,
) -> Result<(), VaultError> {
    let identity = NewIdentity { service: service(name), reason: "a test".to_owned(), expires_at };
    let caller = call("acme", "identity-admin");
    vault.create_identity(&caller, identity, None, |_| answer("")).await.map(drop)
}

/// Appoints an identity of acme's.
pub(crate) async fn appoint(
    vault: &Vault,
    name: &str,
    role: Role,
    expires_at: Option<Timestamp>,
) -> Result<GrantView, VaultError> {
    let seen = Seen::nothing();
    let grant = NewGrant { role, encrypted_only: false, reason: "a test".to_owned(), expires_at };
    let caller = call("acme", "identity-admin");
    vault.create_grant(&caller, &service(name), grant, None, |output| seen.render(output)).await?;
    Ok(seen.output())
}

/// A pair of keys of a caller's; another one for each number.
pub(crate) fn pair(number: u8) -> RecipientKey {
    RecipientKey::generate(&Secret::new([number; 48]))
}

/// Registers the public half for an identity of acme's.
pub(crate) async fn register(
    vault: &Vault,
    name: &str,
    pair: &RecipientKey,
    expires_at: Option<Timestamp>,
) -> Result<EncryptionKeyView, VaultError> {
    register_text(vault, name, &pair.public().to_string(), expires_at).await
}

/// Registers a text that need not be a key.
pub(crate) async fn register_text(
    vault: &Vault,
    name: &str,
    jwk: &str,
    expires_at: Option<Timestamp>,
) -> Result<EncryptionKeyView, VaultError> {
    let seen = Seen::nothing();
    let key = NewEncryptionKey { jwk: Secret::new(jwk.to_owned()), reason: "a test".to_owned(), expires_at };
    let caller = call("acme", "identity-admin");
    vault.create_encryption_key(&caller, &service(name), key, None, |output| seen.render(output)).await?;
    Ok(seen.output())
}

/// What an auditor finds of a request.
pub(crate) async fn search(vault: &Vault, auditor: &Call, wanted: &Call) -> Vec<Event> {
    let request_id = Some(wanted.request_id.as_str().to_owned());
    let filter = AuditFilter { request_id, ..AuditFilter::default() };
    let query = AuditQuery { filter, before: None, limit: 100 };
    vault.search_audit(auditor, &query).await.unwrap().events
}

/// The live tokens of a card number.
pub(crate) async fn search_card(
    vault: &Vault,
    caller: &Call,
    number: &str,
    profile: &str,
) -> Result<Vec<Token>, VaultError> {
    let found =
        vault.search_tokens(caller, &ValueInput::Card(card_input(number)), &profile_name(profile)).await?;
    Ok(found.into_iter().map(|view| view.token).collect())
}
