use strongroom_domain::Action;

use crate::limits::{MAX_BODY, MAX_SINGLE_BODY};

/// One call of the gRPC API. Nothing is reachable that does not stand in [`METHODS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// Which call.
    pub id: MethodId,
    /// Its path: service and name.
    pub path: &'static str,
    /// What the policies are asked.
    pub action: Action,
    /// The most bytes of one message to it.
    pub message_cap: usize,
    /// Whether items and results are streams.
    pub streams: bool,
    /// Whether it makes something once for an `idempotency-key`.
    pub creates: bool,
}

macro_rules! methods {
    ($($id:ident $name:literal: $path:literal, $action:expr, $cap:expr, $streams:expr, $creates:expr, $summary:literal;)+) => {
        /// Which call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum MethodId {
            $(#[doc = $summary] $id,)+
        }

        impl MethodId {
            /// The label in metrics and logs.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$id => $name,)+
                }
            }

            /// Its row in the table.
            pub const fn method(self) -> &'static Method {
                match self {
                    $(Self::$id => &Method {
                        id: Self::$id,
                        path: $path,
                        action: $action,
                        message_cap: $cap,
                        streams: $streams,
                        creates: $creates,
                    },)+
                }
            }
        }

        /// All calls.
        pub const METHODS: &[Method] = &[$(*MethodId::$id.method(),)+];
    };
}

const ONE: usize = MAX_SINGLE_BODY;
const MANY: usize = MAX_BODY;
const STREAM: bool = true;
const UNARY: bool = false;
const CREATES: bool = true;
const PLAIN: bool = false;

methods! {
    CreateToken "grpc_create_token":
        "/strongroom.v1.TokenService/CreateToken", Action::TokenCreate, ONE, UNARY, CREATES,
        "Turns a value into a token.";
    CreateTokens "grpc_create_tokens":
        "/strongroom.v1.TokenService/CreateTokens", Action::TokenCreate, ONE, STREAM, PLAIN,
        "Turns many values into tokens, each on its own.";
    DetokenizeToken "grpc_detokenize_token":
        "/strongroom.v1.TokenService/DetokenizeToken", Action::TokenDetokenize, ONE, UNARY, PLAIN,
        "Reveals the value of a token for a purpose.";
    DetokenizeTokens "grpc_detokenize_tokens":
        "/strongroom.v1.TokenService/DetokenizeTokens", Action::TokenDetokenize, ONE, STREAM, PLAIN,
        "Reveals the values of many tokens, each on its own.";

    Encrypt "grpc_encrypt":
        "/strongroom.v1.CryptoService/Encrypt", Action::Encrypt, MANY, UNARY, PLAIN,
        "Protects a field.";
    EncryptFields "grpc_encrypt_fields":
        "/strongroom.v1.CryptoService/EncryptFields", Action::Encrypt, MANY, STREAM, PLAIN,
        "Protects many fields, each on its own.";
    Decrypt "grpc_decrypt":
        "/strongroom.v1.CryptoService/Decrypt", Action::Decrypt, MANY, UNARY, PLAIN,
        "Reads a protected field.";
    DecryptFields "grpc_decrypt_fields":
        "/strongroom.v1.CryptoService/DecryptFields", Action::Decrypt, MANY, STREAM, PLAIN,
        "Reads many protected fields, each on its own.";
}
