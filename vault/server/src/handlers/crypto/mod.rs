//! Using keys: protecting fields and reading them, one or many at the same address.

mod data_key;
mod decrypt;
mod encrypt;
mod jwks;
mod lookup;
mod mac;
mod reencrypt;
mod sign;

pub(crate) use data_key::data_key;
pub(crate) use decrypt::decrypt;
pub(crate) use encrypt::encrypt;
pub(crate) use jwks::jwks;
pub(crate) use lookup::lookup;
pub(crate) use mac::{mac, verify_mac};
pub(crate) use reencrypt::reencrypt;
pub(crate) use sign::{public_keys, sign, verify};

use strongroom_api::crypto::{EncryptItem, EncryptedField, EncryptedItem};
use strongroom_api::{Batch, Binary, OneOrMany, Problem};
use strongroom_core::{Encrypted, VaultError};
use strongroom_domain::RequestId;

use super::Outcome;
use crate::problem::{self, Failure};
use crate::request::Reply;

/// How the answer is to look.
#[derive(Clone, Copy)]
enum Shape {
    One,
    Many,
}

/// The items, however they came, and the shape of the answer.
fn unpack<T, U>(wanted: OneOrMany<T>, take: impl Fn(T) -> U) -> (Shape, Vec<U>) {
    match wanted {
        OneOrMany::One(item) => (Shape::One, vec![take(item)]),
        OneOrMany::Many(items) => (Shape::Many, items.into_iter().map(take).collect()),
    }
}

/// The plain values and where they belong.
fn plain_items(wanted: OneOrMany<EncryptItem>) -> (Shape, Vec<strongroom_core::EncryptItem>) {
    unpack(wanted, |item| strongroom_core::EncryptItem {
        plaintext: item.plaintext.into_secret(),
        context: item.context.0,
    })
}

/// The one result, if only one was asked for.
fn only<T>(results: Vec<Result<T, VaultError>>) -> Result<T, Failure> {
    let result = results.into_iter().next().ok_or_else(|| Failure::internal("one item gave no answer"))?;
    Ok(result?)
}

/// What became of each, in order.
fn each<T, U>(
    results: Vec<Result<T, VaultError>>,
    request_id: &RequestId,
    done: impl Fn(T) -> U,
    refused: impl Fn(Problem) -> U,
) -> Batch<U> {
    let items = results.into_iter().enumerate().map(|(index, result)| match result {
        Ok(value) => done(value),
        Err(error) => refused(problem::of_item(&error, index, request_id)),
    });
    Batch { items: items.collect() }
}

/// The answer to encrypting and re-encrypting.
fn encrypted(shape: Shape, results: Vec<Result<Encrypted, VaultError>>, request_id: &RequestId) -> Outcome {
    match shape {
        Shape::One => Reply::json(&encrypted_field(only(results)?)),
        Shape::Many => {
            let done = |value| EncryptedItem::done(encrypted_field(value));
            Reply::json(&each(results, request_id, done, EncryptedItem::refused))
        }
    }
}

fn encrypted_field(done: Encrypted) -> EncryptedField {
    EncryptedField { ciphertext: Binary(done.ciphertext), key_version: done.key_version.get() }
}
