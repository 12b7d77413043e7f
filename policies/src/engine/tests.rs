use std::collections::BTreeSet;

use cedar_policy::SchemaFragment;
use proptest::prelude::*;
use strongroom_domain::{
    Action, CertificateSerial, DetokenizationPurpose, Principal, Reveal, Role, RoleSet, SpiffeId,
};

use super::*;
use crate::sources::RuleFile;

fn principal(tenant: &str) -> Principal {
    Principal {
        id: SpiffeId::parse(&format!("spiffe://example.org/tenant/{tenant}/service/shop")).unwrap(),
        certificate: CertificateSerial::from_bytes(&[1]),
    }
}

fn request(principal: &Principal, roles: RoleSet, action: Action) -> AccessRequest<'_> {
    AccessRequest {
        principal,
        roles,
        action,
        purpose: None,
        reveal: None,
        granted: None,
        concerns_itself: false,
    }
}

/// The built-in rules and one file more.
fn load_with(text: &str) -> Result<CedarPolicy, PolicyLoadError> {
    let mut rules = Sources::BUILT_IN.rules.to_vec();
    rules.push(RuleFile { name: "more.cedar", text });
    CedarPolicy::from_sources(Sources { schema: Sources::BUILT_IN.schema, rules: &rules })
}

#[test]
fn the_built_in_rules_load_and_are_named() {
    let policy = CedarPolicy::load().unwrap();
    assert_eq!(policy.fingerprint(), Sources::BUILT_IN.fingerprint());
    assert_ne!(policy.fingerprint(), load_with("").unwrap().fingerprint());
}

#[test]
fn a_flawed_rule_keeps_all_rules_from_loading() {
    let invalid = [
        (
            "unknown attribute",
            r#"@id("x") permit (principal, action, resource) when { principal.age == 3 };"#,
        ),
        (
            "unknown circumstance",
            r#"@id("x") forbid (principal, action, resource) when { context.purpose == Purpose::"refund" };"#,
        ),
        ("misspelt role", r#"@id("x") permit (principal in Role::"tokeniser", action, resource);"#),
        ("misspelt action", r#"@id("x") permit (principal, action == Action::"token.made", resource);"#),
        (
            "misspelt purpose",
            r#"@id("x") forbid (principal, action == Action::"token.detokenize", resource) when { context.purpose == Purpose::"fun" };"#,
        ),
        ("unknown kind", r#"@id("x") permit (principal in Team::"blue", action, resource);"#),
        (
            "comparison of unlike things",
            r#"@id("x") forbid (principal, action == Action::"grant.create", resource) when { context.granted == "auditor" };"#,
        ),
        ("a tenant by its name", r#"@id("x") permit (principal, action, resource == Tenant::"acme");"#),
        ("a rule that never applies", r#"@id("x") forbid (principal, action, resource) when { false };"#),
    ];
    for (flaw, text) in invalid {
        assert!(matches!(load_with(text), Err(PolicyLoadError::Invalid(_))), "{flaw}");
    }
    let unreadable = load_with(r#"@id("x") permit (principal, action, resource) when { ;"#);
    assert!(matches!(unreadable, Err(PolicyLoadError::Unreadable { .. })));
    let nameless = load_with("forbid (principal, action, resource);");
    assert!(matches!(nameless, Err(PolicyLoadError::WithoutId { .. })));
    let twice = load_with(r#"@id("tokens.tokenizer") forbid (principal, action, resource);"#);
    assert!(matches!(twice, Err(PolicyLoadError::Refused { .. })));
    let template = load_with(r#"@id("x") forbid (principal == ?principal, action, resource);"#);
    assert!(matches!(template, Err(PolicyLoadError::Refused { .. })));
}

#[test]
fn a_schema_that_lacks_an_action_does_not_load() {
    let schema = Sources::BUILT_IN.schema.replace(r#", "status.get" appliesTo"#, " appliesTo");
    assert_ne!(schema, Sources::BUILT_IN.schema);
    let without_status: Vec<_> =
        Sources::BUILT_IN.rules.iter().copied().filter(|file| file.name != "status.cedar").collect();
    let loaded = CedarPolicy::from_sources(Sources { schema: &schema, rules: &without_status });
    assert!(matches!(loaded, Err(PolicyLoadError::ActionUnknown(Action::StatusGet))));
}

#[test]
fn a_schema_that_refuses_what_the_vault_asks_does_not_load() {
    let changes = [
        ("    \"display\",\n", "", Action::TokenDetokenize),
        (r#"["masked", "full"]"#, r#"["masked"]"#, Action::TokenDetokenize),
        ("granted: Role }", "granted: Role, until: Long }", Action::GrantCreate),
        (r#"enum ["platform", "customer"]"#, r#"enum ["platform"]"#, Action::TokenCreate),
    ];
    for (from, to, action) in changes {
        let schema = Sources::BUILT_IN.schema.replace(from, to);
        assert_ne!(schema, Sources::BUILT_IN.schema);
        // Rules of its own, so that it is the requests that are found wanting.
        let rule = RuleFile { name: "one.cedar", text: r#"@id("x") permit (principal, action, resource);"# };
        match CedarPolicy::from_sources(Sources { schema: &schema, rules: &[rule] }) {
            Err(PolicyLoadError::RequestRefused { action: refused, .. }) => assert_eq!(refused, action),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_rule_that_cannot_be_evaluated_denies() {
    let acme = principal("acme");
    let operator = request(&acme, RoleSet::EMPTY.with(Role::Operator), Action::StatusGet);
    assert_eq!(CedarPolicy::load().unwrap().decide(&operator), Decision::Allow);
    // Well-typed, so validation has nothing against it; overflows whenever it is evaluated.
    let overflowing = r#"@id("x") forbid (principal, action == Action::"status.get", resource)
        when { 9223372036854775807 + 1 == 0 };"#;
    let policy = load_with(overflowing).unwrap();
    assert_eq!(policy.decide(&operator), Decision::Deny);
    // Other actions have nothing to do with it.
    let auditor = request(&acme, RoleSet::EMPTY.with(Role::Auditor), Action::AuditSearch);
    assert_eq!(policy.decide(&auditor), Decision::Allow);
}

#[test]
fn a_prohibition_of_a_family_reaches_each_of_its_actions() {
    let policy = load_with(r#"@id("x") forbid (principal, action in Action::"token.*", resource);"#).unwrap();
    let acme = principal("acme");
    for action in Action::ALL.iter().filter(|action| action.as_str().starts_with("token.")) {
        let roles = [Role::Tokenizer, Role::Detokenizer, Role::Gateway].into_iter().collect();
        let asked = AccessRequest {
            purpose: Some(DetokenizationPurpose::Refund),
            reveal: Some(Reveal::Masked),
            ..request(&acme, roles, *action)
        };
        assert_eq!(policy.decide(&asked), Decision::Deny, "{action}");
    }
}

#[test]
fn a_permission_that_names_no_role_reaches_everyone() {
    let acme = principal("acme");
    let asked = request(&acme, RoleSet::EMPTY, Action::StatusGet);
    assert_eq!(CedarPolicy::load().unwrap().decide(&asked), Decision::Deny);
    let policy =
        load_with(r#"@id("x") permit (principal, action == Action::"status.get", resource);"#).unwrap();
    assert_eq!(policy.decide(&asked), Decision::Allow);
    assert_eq!(policy.decide(&request(&acme, RoleSet::EMPTY, Action::AuditSearch)), Decision::Deny);
}

/// The schema in Cedar's JSON form, in which its lists can be counted.
fn schema_as_json() -> serde_json::Value {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(Sources::BUILT_IN.schema).unwrap();
    fragment.to_json_value().unwrap()[""].clone()
}

#[test]
fn the_schema_and_the_vault_know_the_same_names() {
    fn texts(names: &serde_json::Value) -> BTreeSet<String> {
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }
    fn owned(names: impl Iterator<Item = &'static str>) -> BTreeSet<String> {
        names.map(str::to_owned).collect()
    }
    let schema = schema_as_json();
    let kinds = &schema["entityTypes"];
    assert_eq!(texts(&kinds["Role"]["enum"]), owned(Role::ALL.iter().map(|one| one.as_str())));
    assert_eq!(
        texts(&kinds["Purpose"]["enum"]),
        owned(DetokenizationPurpose::ALL.iter().map(|one| one.as_str()))
    );
    assert_eq!(texts(&kinds["Reveal"]["enum"]), owned(Reveal::ALL.iter().map(|one| one.as_str())));
    let actions: BTreeSet<String> = schema["actions"].as_object().unwrap().keys().cloned().collect();
    let single = actions.iter().filter(|name| !name.ends_with(".*")).cloned().collect::<BTreeSet<_>>();
    assert_eq!(single, owned(Action::ALL.iter().map(|one| one.as_str())));
}

#[test]
fn a_family_holds_all_that_begin_like_it_and_no_others() {
    let schema = schema_as_json();
    let actions = schema["actions"].as_object().unwrap();
    let families: Vec<&str> = actions.keys().filter_map(|name| name.strip_suffix('*')).collect();
    assert!(!families.is_empty());
    for (name, action) in actions.iter().filter(|(name, _)| !name.ends_with(".*")) {
        let expected: Vec<String> = families
            .iter()
            .filter(|prefix| name.starts_with(**prefix))
            .map(|prefix| format!("{prefix}*"))
            .collect();
        let member_of: Vec<String> = action["memberOf"]
            .as_array()
            .map(|list| list.iter().map(|family| family["id"].as_str().unwrap().to_owned()).collect())
            .unwrap_or_default();
        assert_eq!(member_of, expected, "{name}");
    }
}

#[test]
fn the_exclusive_roles_are_those_the_domain_names() {
    let policy = CedarPolicy::load().unwrap();
    let acme = principal("acme");
    // An auditor who comes to hold both kinds loses even what no other rule touches.
    for first in Role::ALL {
        for second in Role::ALL {
            let roles = RoleSet::from_iter([Role::Auditor, *first, *second]);
            let decision = policy.decide(&request(&acme, roles, Action::AuditSearch));
            let expected = if roles.is_exclusive_conflict() { Decision::Deny } else { Decision::Allow };
            assert_eq!(decision, expected, "{first} + {second}");
        }
    }
}

fn any_roles() -> impl Strategy<Value = RoleSet> {
    proptest::collection::vec(proptest::sample::select(Role::ALL), 0..4)
        .prop_map(|roles| roles.into_iter().collect())
}

proptest! {
    #[test]
    fn a_remembered_answer_is_the_evaluated_one(
        roles in any_roles(),
        action in proptest::sample::select(Action::ALL),
        purpose in proptest::option::of(proptest::sample::select(DetokenizationPurpose::ALL)),
        reveal in proptest::option::of(proptest::sample::select(Reveal::ALL)),
        granted in proptest::option::of(proptest::sample::select(Role::ALL)),
        concerns_itself: bool,
        platform: bool,
    ) {
        static SHARED: std::sync::LazyLock<CedarPolicy> =
            std::sync::LazyLock::new(|| CedarPolicy::load().unwrap());
        let principal = principal(if platform { "platform" } else { "acme" });
        let asked = AccessRequest {
            principal: &principal, roles, action, purpose, reveal, granted, concerns_itself,
        };
        let evaluated = SHARED.rules.decide(Question::of(&asked));
        // The shared policy remembers answers from earlier cases; asked twice, at least the second is a remembered one.
        prop_assert_eq!(SHARED.decide(&asked), evaluated);
        prop_assert_eq!(SHARED.answers.get(&Question::of(&asked)), Some(evaluated));
        prop_assert_eq!(SHARED.decide(&asked), evaluated);
    }
}
