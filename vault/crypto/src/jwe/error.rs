//! What is told of a refusal, and to whom.

/// A JWE was refused. One text for every reason: which of them it was would help only someone who tries, and answers that
/// tell "malformed" from "altered" are what messages were read by without the key (Bleichenbacher, Vaudenay).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a compact JWE (ECDH-ES on P-256, A256GCM) that was encrypted to a key of this vault")]
pub struct JweError(Refusal);

impl JweError {
    /// For a `kid` that no key has: the same to the caller as any other refusal.
    pub const fn unknown_key() -> Self {
        Self(Refusal::NotForThisKey)
    }

    /// Why. For tests and counters, never for the answer.
    pub const fn refusal(self) -> Refusal {
        self.0
    }
}

impl From<Refusal> for JweError {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

/// Why a JWE was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not five parts of base64url of the right lengths with a JSON object in front.
    Malformed,
    /// Another algorithm, or a header member that is not one of those read here: compression, critical extensions and
    /// keys that the sender names by itself are among them.
    Unsupported,
    /// The ephemeral key is no public key on P-256.
    EphemeralKey,
    /// Its `kid` is another key's.
    NotForThisKey,
    /// The tag is wrong: encrypted to another key under this one's name, or altered.
    Integrity,
}

/// More than 64 KiB to seal, or more than 4 MiB in a part of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a JWE of this vault holds at most 65536 bytes of plaintext, and a part of an export 4194304")]
pub struct PlaintextTooLong;

/// Why a public key was not taken. It holds nothing secret, or should not, so this says what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicJwkError {
    /// Not a JWK of the kind.
    #[error(
        "the key must be one JSON object with kty \"EC\", crv \"P-256\", x and y (43 characters of base64url each) and \
         may have use \"enc\", alg \"ECDH-ES\" and kid (1 to 256 visible ASCII characters); nothing else"
    )]
    Malformed,
    /// It has the member `d`.
    #[error("the key must be a public one: this one came with its private part and must be used no more")]
    Private,
    /// The coordinates are those of no point.
    #[error("x and y must be the coordinates of a point on P-256")]
    Point,
}
