//! The names that rules and requests share.

use cedar_policy::{Context, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression, Schema};

use crate::question::{Circumstances, Tenant, Wish};
use crate::reading::PolicyLoadError;

/// The schema's kinds, read once: Cedar reads a name with its whole parser.
pub(crate) struct Names {
    pub(crate) caller: EntityUid,
    role: EntityTypeName,
    tenant: EntityTypeName,
    action: EntityTypeName,
    purpose: EntityTypeName,
    reveal: EntityTypeName,
}

impl Names {
    pub(crate) fn new() -> Result<Self, PolicyLoadError> {
        let kind = |name: &str| {
            name.parse::<EntityTypeName>().map_err(|error| PolicyLoadError::Schema(error.to_string()))
        };
        Ok(Self {
            caller: named(&kind("Identity")?, "caller"),
            role: kind("Role")?,
            tenant: kind("Tenant")?,
            action: kind("Action")?,
            purpose: kind("Purpose")?,
            reveal: kind("Reveal")?,
        })
    }

    pub(crate) fn action(&self, name: &str) -> EntityUid {
        named(&self.action, name)
    }

    pub(crate) fn role(&self, name: &str) -> EntityUid {
        named(&self.role, name)
    }

    /// A wish as a request that conforms to the schema.
    pub(crate) fn request(&self, wish: Wish, schema: &Schema) -> Result<Request, PolicyLoadError> {
        let unlike = |reason: String| PolicyLoadError::RequestRefused { action: wish.action, reason };
        let context = Context::from_pairs(self.circumstances(wish.circumstances))
            .map_err(|error| unlike(error.to_string()))?;
        let action = self.action(wish.action.as_str());
        Request::new(self.caller.clone(), action, self.tenant(wish.tenant), context, Some(schema))
            .map_err(|error| unlike(error.to_string()))
    }

    fn tenant(&self, tenant: Tenant) -> EntityUid {
        let name = match tenant {
            Tenant::Platform => "platform",
            Tenant::Customer => "customer",
        };
        named(&self.tenant, name)
    }

    fn circumstances(&self, circumstances: Circumstances) -> Vec<(String, RestrictedExpression)> {
        let entity = |kind, name| RestrictedExpression::new_entity_uid(named(kind, name));
        let flag = RestrictedExpression::new_bool;
        let stated = match circumstances {
            Circumstances::None => vec![],
            Circumstances::Detokenization { purpose, reveal } => vec![
                purpose.map(|one| ("purpose", entity(&self.purpose, one.as_str()))),
                reveal.map(|one| ("reveal", entity(&self.reveal, one.as_str()))),
            ],
            Circumstances::Use { purpose } => {
                vec![purpose.map(|one| ("purpose", entity(&self.purpose, one.as_str())))]
            }
            Circumstances::Appointment { concerns_itself } => {
                vec![Some(("concerns_itself", flag(concerns_itself)))]
            }
            Circumstances::NewAppointment { concerns_itself, granted } => vec![
                Some(("concerns_itself", flag(concerns_itself))),
                granted.map(|one| ("granted", entity(&self.role, one.as_str()))),
            ],
        };
        stated.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn named(kind: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(name))
}
