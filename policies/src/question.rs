//! What a decision depends on, and nothing else.

use strongroom_core::ports::AccessRequest;
use strongroom_domain::{Action, DetokenizationPurpose, Reveal, Role, RoleSet};

/// A request, reduced to all that the rules can see of it.
///
/// The rules are evaluated from this value alone, and remembered answers are found by it. So an answer cannot depend on
/// something that is missing here: two requests with the same question have the same answer, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) roles: RoleSet,
    pub(crate) wish: Wish,
}

/// What is to be done, no matter by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Wish {
    pub(crate) tenant: Tenant,
    pub(crate) action: Action,
    pub(crate) circumstances: Circumstances,
}

/// The kinds of tenant that the rules tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tenant {
    /// The one of those who run the vault.
    Platform,
    /// Any other.
    Customer,
}

/// What else counts; which of it does depends on the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Circumstances {
    /// Nothing: the action says it all.
    None,
    /// What a value is wanted for, and how much of it.
    Detokenization { purpose: Option<DetokenizationPurpose>, reveal: Option<Reveal> },
    /// What a value is to be used for, without being shown.
    Use { purpose: Option<DetokenizationPurpose> },
    /// Whose identity or appointment it is.
    Appointment { concerns_itself: bool },
    /// Whose appointment it will be, and to what.
    NewAppointment { concerns_itself: bool, granted: Option<Role> },
}

impl Question {
    /// The question behind a request.
    pub(crate) fn of(request: &AccessRequest<'_>) -> Self {
        let tenant =
            if request.principal.tenant().is_platform() { Tenant::Platform } else { Tenant::Customer };
        let AccessRequest { roles, action, purpose, reveal, granted, concerns_itself, .. } = *request;
        let circumstances = match action {
            Action::TokenDetokenize => Circumstances::Detokenization { purpose, reveal },
            Action::ProxyForward => Circumstances::Use { purpose },
            Action::GrantCreate => Circumstances::NewAppointment { concerns_itself, granted },
            Action::GrantRevoke | Action::IdentityDisable | Action::VelocityLimitsSet => {
                Circumstances::Appointment { concerns_itself }
            }
            // Were the schema to give another action circumstances, the vault would not start before it stands above.
            _ => Circumstances::None,
        };
        Self { roles, wish: Wish { tenant, action, circumstances } }
    }
}

impl Wish {
    /// Every wish that leaves nothing unstated.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let of = |tenant, action: Action| {
            let circumstances = match action {
                Action::TokenDetokenize => detokenizations().collect(),
                Action::ProxyForward => uses().collect(),
                Action::GrantCreate => new_appointments().collect(),
                Action::GrantRevoke | Action::IdentityDisable | Action::VelocityLimitsSet => {
                    BOTH.map(|concerns_itself| Circumstances::Appointment { concerns_itself }).to_vec()
                }
                _ => vec![Circumstances::None],
            };
            circumstances.into_iter().map(move |circumstances| Self { tenant, action, circumstances })
        };
        let tenants = [Tenant::Platform, Tenant::Customer];
        tenants
            .into_iter()
            .flat_map(move |tenant| Action::ALL.iter().flat_map(move |action| of(tenant, *action)))
    }

    /// The same wish with every purpose and extent that could have been stated; none if these do not count.
    pub(crate) fn for_any_purpose(self) -> impl Iterator<Item = Self> {
        let others: Vec<_> = match self.circumstances {
            Circumstances::Detokenization { .. } => detokenizations().collect(),
            Circumstances::Use { .. } => uses().collect(),
            Circumstances::None
            | Circumstances::Appointment { .. }
            | Circumstances::NewAppointment { .. } => Vec::new(),
        };
        others.into_iter().map(move |circumstances| Self { circumstances, ..self })
    }
}

const BOTH: [bool; 2] = [false, true];

fn detokenizations() -> impl Iterator<Item = Circumstances> {
    DetokenizationPurpose::ALL.iter().flat_map(|purpose| {
        Reveal::ALL
            .iter()
            .map(|reveal| Circumstances::Detokenization { purpose: Some(*purpose), reveal: Some(*reveal) })
    })
}

fn uses() -> impl Iterator<Item = Circumstances> {
    DetokenizationPurpose::ALL.iter().map(|purpose| Circumstances::Use { purpose: Some(*purpose) })
}

fn new_appointments() -> impl Iterator<Item = Circumstances> {
    Role::ALL.iter().flat_map(|role| {
        BOTH.map(|concerns_itself| Circumstances::NewAppointment { concerns_itself, granted: Some(*role) })
    })
}
