//! Answers already given.

use std::collections::HashMap;
use std::sync::RwLock;

use strongroom_core::ports::Decision;

use crate::question::Question;

/// Remembers answers, and never waits for anyone: whoever finds the table busy asks the rules instead, which takes some
/// microseconds and gives the same answer.
///
/// Nothing is ever taken out, and nothing needs to be. Rules and schema do not change while the process lives, they see no
/// clock and no data, and a [`Question`] holds all that they do see. Roles that come and go make another question, so a
/// revoked grant is in force with the next request.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    given: RwLock<HashMap<Question, Decision>>,
}

impl Answers {
    /// A tenant's identities hold a handful of sets of roles, and each set has fewer than a hundred questions. Were there
    /// ever more, the rest would be answered by the rules each time; memory stays bounded.
    const AT_MOST: usize = 4096;

    /// The answer, if it is known and can be had at once.
    pub(crate) fn get(&self, question: &Question) -> Option<Decision> {
        self.given.try_read().ok()?.get(question).copied()
    }

    /// Remembers an answer, if there is room and nobody else is at it.
    pub(crate) fn keep(&self, question: Question, decision: Decision) {
        if let Ok(mut given) = self.given.try_write()
            && given.len() < Self::AT_MOST
        {
            given.insert(question, decision);
        }
    }
}

#[cfg(test)]
mod tests {
    use strongroom_domain::{Action, Role, RoleSet};

    use super::*;
    use crate::question::{Circumstances, Tenant, Wish};

    fn question(roles: RoleSet) -> Question {
        let wish =
            Wish { tenant: Tenant::Customer, action: Action::StatusGet, circumstances: Circumstances::None };
        Question { roles, wish }
    }

    #[test]
    fn a_busy_table_is_not_waited_for() {
        let answers = Answers::default();
        let asked = question(RoleSet::EMPTY);
        answers.keep(asked, Decision::Allow);
        assert_eq!(answers.get(&asked), Some(Decision::Allow));
        let other = question(RoleSet::EMPTY.with(Role::Operator));
        {
            let _writer = answers.given.write().unwrap();
            assert_eq!(answers.get(&asked), None);
            answers.keep(other, Decision::Allow);
        }
        assert_eq!(answers.get(&other), None);
        assert_eq!(answers.get(&asked), Some(Decision::Allow));
    }

    #[test]
    fn the_table_is_bounded() {
        let answers = Answers::default();
        let subsets = (0..1_u32 << Role::ALL.len())
            .map(|bits| Role::ALL.iter().copied().filter(|role| bits & (1 << *role as u32) != 0).collect());
        for roles in subsets {
            let asked = question(roles);
            let on_platform = Question { wish: Wish { tenant: Tenant::Platform, ..asked.wish }, ..asked };
            answers.keep(asked, Decision::Deny);
            answers.keep(on_platform, Decision::Deny);
        }
        assert_eq!(answers.given.read().unwrap().len(), Answers::AT_MOST);
    }
}
