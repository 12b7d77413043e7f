//! Which bodies each call takes and gives.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, ToSchema};

use crate::audit::{CheckpointsView, EXPORT_CONTENT_TYPE, EventQuery, EventView};
use crate::crypto::{
    CreateDataKey, DataKeyView, DecryptItem, DecryptedField, DecryptedItem, EncryptItem, EncryptedField,
    EncryptedItem, JwkSet, LookedUpItem, MacItem, MadeMac, MadeMacItem, PublicKeyView, ReencryptItem,
    SignItem, Signed, SignedItem, StoredAs, Verified, VerifiedItem, VerifiedMac, VerifiedMacItem, VerifyItem,
    VerifyMacItem,
};
use crate::documents::{DocumentInput, ProtectedDocument, ReadDocument};
use crate::encryption_keys::{CreateEncryptionKey, EncryptionKeyView};
use crate::honeytokens::{CreateHoneytoken, HoneytokenView};
use crate::identities::{
    CreateGrant, CreateIdentity, GrantView, IdentityView, SetVelocityLimits, VelocityLimitsView,
};
use crate::keys::{CreateKey, KeyView};
use crate::profiles::{CreateProfile, ProfileView};
use crate::proxy::{ForwardRequest, ForwardedAnswer};
use crate::status::StatusView;
use crate::tokens::{
    CreateToken, CreateTokens, CreatedToken, DetokenizeToken, DetokenizeTokens, DetokenizedItem,
    DetokenizedToken, PutSecurityCode, ReportAuthorisation, SearchTokens, SecurityCodeKept, TokenListQuery,
    TokenView, UpdateToken,
};
use crate::{Batch, List, ListQuery, OneOrMany, Problem, RouteId};

type Schemas = Vec<(String, RefOr<Schema>)>;

/// A body's schema, and those it refers to.
pub(super) struct Body {
    pub(super) reference: RefOr<Schema>,
    schemas: Schemas,
}

/// Everything a call takes and gives beside its path.
#[derive(Default)]
pub(super) struct Bodies {
    pub(super) query: Vec<Parameter>,
    pub(super) request: Option<Body>,
    pub(super) answers: Vec<Answer>,
}

/// What a call gives when it goes well.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) description: &'static str,
    /// Content type and schema.
    pub(super) body: Option<(&'static str, Body)>,
}

impl Body {
    pub(super) fn collect_schemas(&self, into: &mut BTreeMap<String, RefOr<Schema>>) {
        into.extend(self.schemas.iter().cloned());
    }
}

impl Bodies {
    pub(super) fn collect_schemas(&self, into: &mut BTreeMap<String, RefOr<Schema>>) {
        let answers = self.answers.iter().filter_map(|answer| answer.body.as_ref().map(|(_, body)| body));
        self.request.iter().chain(answers).for_each(|body| body.collect_schemas(into));
    }

    fn takes<T: ToSchema>(self) -> Self {
        Self { request: Some(body::<T>()), ..self }
    }

    fn asks<T: IntoParams>(self) -> Self {
        Self { query: T::into_params(|| Some(ParameterIn::Query)), ..self }
    }

    fn gives<T: ToSchema>(self, status: u16, description: &'static str) -> Self {
        self.gives_as("application/json", body::<T>(), status, description)
    }

    fn gives_as(
        mut self,
        content_type: &'static str,
        body: Body,
        status: u16,
        description: &'static str,
    ) -> Self {
        self.answers.push(Answer { status, description, body: Some((content_type, body)) });
        self
    }

    fn gives_nothing(mut self, status: u16, description: &'static str) -> Self {
        self.answers.push(Answer { status, description, body: None });
        self
    }

    /// One item or many, answered alike.
    fn one_or_many<One: ToSchema, Item: ToSchema>(self) -> Self {
        let (one, many) = (body::<One>(), body::<Batch<Item>>());
        let either = utoipa::openapi::OneOfBuilder::new().item(one.reference).item(many.reference);
        let schemas = one.schemas.into_iter().chain(many.schemas).collect();
        let either = Body { reference: RefOr::T(either.into()), schemas };
        self.gives_as("application/json", either, 200, "The answer to the item, or to each item in order.")
    }
}

/// The bodies of errors.
pub(super) fn problem() -> Body {
    body::<Problem>()
}

/// The bodies of a call.
pub(super) fn of(id: RouteId) -> Bodies {
    const DONE: &str = "Made.";
    const FOUND: &str = "Found.";
    let bodies = Bodies::default();
    match id {
        RouteId::CreateToken => bodies
            .takes::<CreateToken>()
            .gives::<TokenView>(201, DONE)
            .gives::<TokenView>(200, "A deterministic profile found the value's token."),
        RouteId::CreateTokens => {
            bodies.takes::<CreateTokens>().gives::<Batch<CreatedToken>>(200, "What became of each.")
        }
        RouteId::ListTokens => bodies.asks::<TokenListQuery>().gives::<List<TokenView>>(200, FOUND),
        RouteId::DetokenizeTokens => {
            bodies.takes::<DetokenizeTokens>().gives::<Batch<DetokenizedItem>>(200, "What became of each.")
        }
        RouteId::SearchTokens => bodies.takes::<SearchTokens>().gives::<List<TokenView>>(200, FOUND),
        RouteId::GetToken => bodies.gives::<TokenView>(200, FOUND),
        RouteId::UpdateToken => {
            bodies.takes::<UpdateToken>().gives::<TokenView>(200, "The token as it is now.")
        }
        RouteId::PutSecurityCode => {
            bodies.takes::<PutSecurityCode>().gives::<SecurityCodeKept>(201, "Kept, until then.")
        }
        RouteId::ReportAuthorisation => {
            bodies.takes::<ReportAuthorisation>().gives_nothing(204, "Destroyed.")
        }
        RouteId::DeleteToken => bodies.gives_nothing(204, "Ended."),
        RouteId::DetokenizeToken => {
            bodies.takes::<DetokenizeToken>().gives::<DetokenizedToken>(200, "The value.")
        }

        RouteId::Forward => bodies.takes::<ForwardRequest>().gives::<ForwardedAnswer>(
            200,
            "The destination's answer, whatever its status. With the same Idempotency-Key, the same one again.",
        ),

        RouteId::CreateKey => bodies.takes::<CreateKey>().gives::<KeyView>(201, DONE),
        RouteId::ListKeys => bodies.asks::<ListQuery>().gives::<List<KeyView>>(200, FOUND),
        RouteId::GetKey => bodies.gives::<KeyView>(200, FOUND),
        RouteId::RotateKey => bodies.gives::<KeyView>(200, "The key with its new version."),
        RouteId::Encrypt => {
            bodies.takes::<OneOrMany<EncryptItem>>().one_or_many::<EncryptedField, EncryptedItem>()
        }
        RouteId::Decrypt => {
            bodies.takes::<OneOrMany<DecryptItem>>().one_or_many::<DecryptedField, DecryptedItem>()
        }
        RouteId::Reencrypt => {
            bodies.takes::<OneOrMany<ReencryptItem>>().one_or_many::<EncryptedField, EncryptedItem>()
        }
        RouteId::Lookup => bodies.takes::<OneOrMany<EncryptItem>>().one_or_many::<StoredAs, LookedUpItem>(),
        RouteId::CreateDataKey => {
            bodies.takes::<CreateDataKey>().gives::<DataKeyView>(200, "The key, in clear and protected.")
        }
        RouteId::Mac => bodies.takes::<OneOrMany<MacItem>>().one_or_many::<MadeMac, MadeMacItem>(),
        RouteId::VerifyMac => {
            bodies.takes::<OneOrMany<VerifyMacItem>>().one_or_many::<VerifiedMac, VerifiedMacItem>()
        }

        RouteId::Sign => bodies.takes::<OneOrMany<SignItem>>().one_or_many::<Signed, SignedItem>(),
        RouteId::VerifySignature => {
            bodies.takes::<OneOrMany<VerifyItem>>().one_or_many::<Verified, VerifiedItem>()
        }
        RouteId::ListPublicKeys => bodies.gives::<List<PublicKeyView>>(200, FOUND),

        RouteId::GetJwks => bodies.gives::<JwkSet>(200, FOUND),

        RouteId::EncryptDocument => {
            bodies.takes::<DocumentInput>().gives::<ProtectedDocument>(200, "The protected document.")
        }
        RouteId::DecryptDocument => {
            bodies.takes::<DocumentInput>().gives::<ReadDocument>(200, "The document as it was.")
        }
        RouteId::ReencryptDocument => {
            bodies.takes::<DocumentInput>().gives::<ProtectedDocument>(200, "The protected document.")
        }

        RouteId::CreateProfile => bodies.takes::<CreateProfile>().gives::<ProfileView>(201, DONE),
        RouteId::ListProfiles => bodies.asks::<ListQuery>().gives::<List<ProfileView>>(200, FOUND),
        RouteId::GetProfile => bodies.gives::<ProfileView>(200, FOUND),

        RouteId::CreateIdentity => bodies.takes::<CreateIdentity>().gives::<IdentityView>(201, DONE),
        RouteId::ListIdentities => bodies.asks::<ListQuery>().gives::<List<IdentityView>>(200, FOUND),
        RouteId::GetIdentity => bodies.gives::<IdentityView>(200, FOUND),
        RouteId::DisableIdentity => bodies.gives::<IdentityView>(200, "The identity, out of use."),
        RouteId::GetVelocityLimits => bodies.gives::<VelocityLimitsView>(200, FOUND),
        RouteId::SetVelocityLimits => bodies
            .takes::<SetVelocityLimits>()
            .gives::<VelocityLimitsView>(200, "The limits as they are now."),
        RouteId::CreateGrant => bodies.takes::<CreateGrant>().gives::<GrantView>(201, DONE),
        RouteId::RevokeGrant => bodies.gives::<GrantView>(200, "The grant, ended."),

        RouteId::CreateEncryptionKey => {
            bodies.takes::<CreateEncryptionKey>().gives::<EncryptionKeyView>(201, DONE)
        }
        RouteId::ListEncryptionKeys => bodies.gives::<List<EncryptionKeyView>>(200, FOUND),
        RouteId::RevokeEncryptionKey => bodies.gives::<EncryptionKeyView>(200, "The key, ended."),
        RouteId::CreateHoneytoken => bodies.takes::<CreateHoneytoken>().gives::<HoneytokenView>(201, DONE),
        RouteId::ListHoneytokens => bodies.asks::<ListQuery>().gives::<List<HoneytokenView>>(200, FOUND),
        RouteId::WithdrawHoneytoken => bodies.gives::<HoneytokenView>(200, "The honeytoken as it is now."),

        RouteId::SearchAuditEvents => bodies.asks::<EventQuery>().gives::<List<EventView>>(200, FOUND),
        RouteId::ExportAudit => bodies.gives_as(
            EXPORT_CONTENT_TYPE,
            inline(Type::String),
            200,
            "A JSON object a line, in the format strongroom-audit-export/1.",
        ),
        RouteId::GetCheckpoints => bodies.gives::<CheckpointsView>(200, FOUND),

        RouteId::GetStatus => bodies.gives::<StatusView>(200, "The node."),
        RouteId::GetOpenApi => {
            bodies.gives_as("application/json", inline(Type::Object), 200, "This document.")
        }
    }
}

fn body<T: ToSchema>() -> Body {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    Body { reference: RefOr::Ref(Ref::from_schema_name(T::name())), schemas }
}

fn inline(schema_type: Type) -> Body {
    Body { reference: ObjectBuilder::new().schema_type(schema_type).into(), schemas: Vec::new() }
}
