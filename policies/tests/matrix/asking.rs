//! Requests, and all of them.

use std::sync::LazyLock;

use strongroom_core::ports::{AccessRequest, Decision, Policy};
use strongroom_domain::{
    Action, CertificateSerial, DetokenizationPurpose, Principal, Reveal, Role, RoleSet, SpiffeId,
};
use strongroom_policies::CedarPolicy;

/// The rules of this release.
pub(crate) static RULES: LazyLock<CedarPolicy> = LazyLock::new(|| CedarPolicy::load().unwrap());

static CUSTOMER: LazyLock<Principal> = LazyLock::new(|| principal("acme"));
static PLATFORM: LazyLock<Principal> = LazyLock::new(|| principal("platform"));

fn principal(tenant: &str) -> Principal {
    Principal {
        id: SpiffeId::parse(&format!("spiffe://example.org/tenant/{tenant}/service/desk")).unwrap(),
        certificate: CertificateSerial::from_bytes(&[7]),
    }
}

/// All that can be asked about one action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) roles: RoleSet,
    pub(crate) platform: bool,
    pub(crate) action: Action,
    pub(crate) purpose: Option<DetokenizationPurpose>,
    pub(crate) reveal: Option<Reveal>,
    pub(crate) granted: Option<Role>,
    pub(crate) concerns_itself: bool,
}

impl Asked {
    /// The plainest request: a customer's, about someone else; to detokenize, to display it masked; to grant, `auditor`.
    pub(crate) fn plain(roles: impl IntoIterator<Item = Role>, action: Action) -> Self {
        Self {
            roles: roles.into_iter().collect(),
            platform: false,
            action,
            purpose: Some(DetokenizationPurpose::Display),
            reveal: Some(Reveal::Masked),
            granted: Some(Role::Auditor),
            concerns_itself: false,
        }
    }

    pub(crate) fn on_platform(self) -> Self {
        Self { platform: true, ..self }
    }

    pub(crate) fn request(&self) -> AccessRequest<'static> {
        AccessRequest {
            principal: if self.platform { &PLATFORM } else { &CUSTOMER },
            roles: self.roles,
            action: self.action,
            purpose: self.purpose,
            reveal: self.reveal,
            granted: self.granted,
            concerns_itself: self.concerns_itself,
        }
    }

    pub(crate) fn decision(&self) -> Decision {
        RULES.decide(&self.request())
    }
}

/// Each of them, and nothing.
pub(crate) fn each_or_none<T: Copy>(all: &'static [T]) -> impl Iterator<Item = Option<T>> {
    all.iter().copied().map(Some).chain([None])
}

/// Every request that an identity with these roles can make.
pub(crate) fn everything(roles: RoleSet) -> Vec<Asked> {
    let mut all = Vec::new();
    for action in Action::ALL {
        for platform in [false, true] {
            for concerns_itself in [false, true] {
                let asked = Asked { platform, concerns_itself, ..Asked::plain(roles.iter(), *action) };
                match action {
                    Action::TokenDetokenize | Action::TokenExport => {
                        all.extend(each_or_none(DetokenizationPurpose::ALL).flat_map(|purpose| {
                            each_or_none(Reveal::ALL).map(move |reveal| Asked { purpose, reveal, ..asked })
                        }))
                    }
                    Action::ProxyForward => all.extend(
                        each_or_none(DetokenizationPurpose::ALL).map(|purpose| Asked { purpose, ..asked }),
                    ),
                    Action::GrantCreate => {
                        all.extend(each_or_none(Role::ALL).map(|granted| Asked { granted, ..asked }));
                    }
                    _ => all.push(asked),
                }
            }
        }
    }
    all
}
