//! Reading schema and rules, and refusing whatever is not right with them.

use cedar_policy::{PolicyId, PolicySet, Schema, ValidationMode, Validator};
use strongroom_domain::Action;

use crate::sources::Sources;

/// Why the rules cannot be used. Schema and rules hold no secret, so the texts say what is wrong and where.
#[derive(Debug, thiserror::Error)]
pub enum PolicyLoadError {
    /// The schema is not one.
    #[error("the policy schema cannot be read: {0}")]
    Schema(String),
    /// The schema does not know an action of the vault.
    #[error("the policy schema lacks the action {0}")]
    ActionUnknown(Action),
    /// The schema does not accept what the vault will ask about an action.
    #[error("the policy schema refuses requests for {action}: {reason}")]
    RequestRefused {
        /// Which action.
        action: Action,
        /// What Cedar says.
        reason: String,
    },
    /// A rule file is not Cedar.
    #[error("rules/{file} cannot be read: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// What Cedar says.
        reason: String,
    },
    /// A rule has no name to be cited by.
    #[error("rules/{file}: every rule must carry @id(\"…\")")]
    WithoutId {
        /// Which file.
        file: String,
    },
    /// A rule has a name that another rule has, or is a template.
    #[error("rules/{file}: {reason}")]
    Refused {
        /// Which file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A rule does not agree with the schema, or can never apply.
    #[error("the rules do not agree with the schema: {0}")]
    Invalid(String),
}

/// The schema; a warning in it is an error.
pub(crate) fn schema(text: &str) -> Result<Schema, PolicyLoadError> {
    let (schema, mut warnings) =
        Schema::from_cedarschema_str(text).map_err(|error| PolicyLoadError::Schema(error.to_string()))?;
    match warnings.next() {
        Some(warning) => Err(PolicyLoadError::Schema(warning.to_string())),
        None => Ok(schema),
    }
}

/// All rules in one set, each under the name it carries, so that what Cedar reports can be found in the files.
pub(crate) fn rules(sources: Sources<'_>) -> Result<PolicySet, PolicyLoadError> {
    let mut rules = PolicySet::new();
    for file in sources.rules {
        let name = || file.name.to_owned();
        let refused = |reason: String| PolicyLoadError::Refused { file: name(), reason };
        let read: PolicySet = file
            .text
            .parse()
            .map_err(|error| PolicyLoadError::Unreadable { file: name(), reason: causes(&error) })?;
        if read.num_of_templates() != 0 {
            return Err(refused("a template is no rule".to_owned()));
        }
        for rule in read.policies() {
            let id = rule.annotation("id").filter(|id| !id.is_empty());
            let id = id.ok_or_else(|| PolicyLoadError::WithoutId { file: name() })?;
            rules.add(rule.new_id(PolicyId::new(id))).map_err(|error| refused(error.to_string()))?;
        }
    }
    Ok(rules)
}

/// Strict validation. Warnings count too: they tell of rules that can never apply, which their author did not intend.
pub(crate) fn check(schema: &Schema, rules: &PolicySet) -> Result<(), PolicyLoadError> {
    let result = Validator::new(schema.clone()).validate(rules, ValidationMode::Strict);
    if result.validation_passed_without_warnings() {
        return Ok(());
    }
    let errors = result.validation_errors().map(ToString::to_string);
    let warnings = result.validation_warnings().map(ToString::to_string);
    Err(PolicyLoadError::Invalid(errors.chain(warnings).collect::<Vec<_>>().join("; ")))
}

/// An error with all its causes, on one line.
fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
