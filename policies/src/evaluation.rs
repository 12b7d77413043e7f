//! Asking the rules.

use std::collections::HashMap;

use cedar_policy::{
    ActionConstraint, Authorizer, Decision as CedarDecision, Effect, Entities, Entity, EntityUid, Policy,
    PolicySet, PrincipalConstraint, Request, Schema,
};
use strongroom_core::ports::Decision;
use strongroom_domain::{Action, Role, RoleSet};

use crate::names::Names;
use crate::question::{Question, Wish};
use crate::reading::{self, PolicyLoadError};
use crate::sources::Sources;

/// The rules, checked, and all that they can be asked, prepared.
pub(crate) struct Rules {
    authorizer: Authorizer,
    names: Names,
    /// Every wish in Cedar's words. The schema has accepted each, so none fails while the vault runs; a wish that leaves
    /// out what the schema asks for is not among them and is refused.
    requests: HashMap<Wish, Request>,
    slices: HashMap<Action, Slice>,
}

/// What bears on one action. Evaluation takes time in proportion to the number of rules, and most rules speak of other
/// actions.
struct Slice {
    /// The action with the families it belongs to.
    action: Entity,
    rules: PolicySet,
    /// The roles to which some rule permits it. Nobody else need ask.
    permitted_to: Appointees,
}

/// To whom the rules permit an action at all, whatever else they ask for.
enum Appointees {
    /// A rule's head does not say, so it may be anyone.
    Anyone,
    /// Holders of one of these.
    Holders(RoleSet),
}

impl Appointees {
    fn include(&self, roles: RoleSet) -> bool {
        match self {
            Self::Anyone => true,
            Self::Holders(holders) => roles.iter().any(|role| holders.contains(role)),
        }
    }
}

impl Rules {
    /// Reads and checks schema and rules.
    pub(crate) fn read(sources: Sources<'_>) -> Result<Self, PolicyLoadError> {
        let schema = reading::schema(sources.schema)?;
        let rules = reading::rules(sources)?;
        reading::check(&schema, &rules)?;
        let names = Names::new()?;
        let slices = slices(&schema, &names, &rules)?;
        let requests = requests(&schema, &names)?;
        Ok(Self { authorizer: Authorizer::new(), names, requests, slices })
    }

    /// What the rules say. Whatever cannot be put to them is denied.
    pub(crate) fn decide(&self, question: Question) -> Decision {
        self.ask(question).unwrap_or(Decision::Deny)
    }

    fn ask(&self, question: Question) -> Option<Decision> {
        let slice = self.slices.get(&question.wish.action)?;
        if !slice.permitted_to.include(question.roles) {
            // No rule could permit it for any purpose, and what is not permitted is denied.
            return Some(Decision::Deny);
        }
        let caller = self.caller(question.roles);
        let entities = Entities::from_entities([caller, slice.action.clone()], None).ok()?;
        let permitted = |wish| self.permitted(wish, slice, &entities);
        Some(if permitted(question.wish) {
            Decision::Allow
        } else if question.wish.for_any_purpose().any(permitted) {
            // All that stood in the way was the purpose or the extent: the caller may be told so.
            Decision::DenyPurpose
        } else {
            Decision::Deny
        })
    }

    /// Whether a rule permits it, none forbids it, and every rule that bears on it could be evaluated.
    fn permitted(&self, wish: Wish, slice: &Slice, entities: &Entities) -> bool {
        let Some(request) = self.requests.get(&wish) else { return false };
        let response = self.authorizer.is_authorized(request, &slice.rules, entities);
        // Cedar leaves out a rule that fails to evaluate. It may have been the one that forbids.
        let all_evaluated = response.diagnostics().errors().next().is_none();
        all_evaluated && response.decision() == CedarDecision::Allow
    }

    /// The caller: nobody in particular, with these roles.
    fn caller(&self, roles: RoleSet) -> Entity {
        let roles = roles.iter().map(|role| self.names.role(role.as_str())).collect();
        Entity::new_no_attrs(self.names.caller.clone(), roles)
    }
}

fn requests(schema: &Schema, names: &Names) -> Result<HashMap<Wish, Request>, PolicyLoadError> {
    Wish::all()
        .map(|wish| {
            let request = names.request(wish, schema)?;
            Ok((wish, request))
        })
        .collect()
}

fn slices(
    schema: &Schema,
    names: &Names,
    rules: &PolicySet,
) -> Result<HashMap<Action, Slice>, PolicyLoadError> {
    let declared = schema.action_entities().map_err(|error| PolicyLoadError::Schema(error.to_string()))?;
    Action::ALL
        .iter()
        .map(|action| {
            let uid = names.action(action.as_str());
            let unknown = || PolicyLoadError::ActionUnknown(*action);
            let entity = declared.get(&uid).ok_or_else(unknown)?.clone();
            let families: Vec<EntityUid> = declared.ancestors(&uid).ok_or_else(unknown)?.cloned().collect();
            let bearing = rules.policies().filter(|rule| bears_on(rule, &uid, &families)).cloned();
            let rules = PolicySet::from_policies(bearing)
                .map_err(|error| PolicyLoadError::Invalid(error.to_string()))?;
            let permitted_to = appointees(&rules, names);
            Ok((*action, Slice { action: entity, rules, permitted_to }))
        })
        .collect()
}

/// Whether a rule's head leaves room for the action. A rule whose head does not can neither permit nor forbid it.
fn bears_on(rule: &Policy, action: &EntityUid, families: &[EntityUid]) -> bool {
    match rule.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(one) => one == *action,
        ActionConstraint::In(listed) => listed.iter().any(|one| one == action || families.contains(one)),
    }
}

fn appointees(rules: &PolicySet, names: &Names) -> Appointees {
    let mut holders = RoleSet::EMPTY;
    for rule in rules.policies().filter(|rule| rule.effect() == Effect::Permit) {
        let role = match rule.principal_constraint() {
            PrincipalConstraint::In(named) => {
                Role::ALL.iter().find(|role| names.role(role.as_str()) == named)
            }
            PrincipalConstraint::Any
            | PrincipalConstraint::Eq(_)
            | PrincipalConstraint::Is(_)
            | PrincipalConstraint::IsIn(..) => None,
        };
        let Some(role) = role else { return Appointees::Anyone };
        holders = holders.with(*role);
    }
    Appointees::Holders(holders)
}
