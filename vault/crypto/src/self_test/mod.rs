//! Known-answer tests, run at every start before anything is decrypted: a processor, a compiler or a library that
//! computes wrongly is found while no data are at stake (FIPS 140-3, 10.3: pre-operational and conditional self-tests).
//!
//! Each algorithm answers a published vector, each format of this crate one of its own, end to end.

mod algorithms;
mod formats;

/// An algorithm gave a wrong answer. Nothing that this process computes can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the self-test of {algorithm} gave a wrong answer")]
pub struct SelfTestFailure {
    /// Which one.
    pub algorithm: &'static str,
}

/// Runs them all. Takes a few milliseconds.
pub fn run() -> Result<(), SelfTestFailure> {
    check(|known| known.answer)
}

/// Takes the answers from outside, so that a test can hand in wrong ones.
fn check<Answer: AsRef<str>>(answer: impl Fn(&KnownAnswer) -> Answer) -> Result<(), SelfTestFailure> {
    for known in all() {
        if !(known.holds)(answer(known).as_ref()) {
            return Err(SelfTestFailure { algorithm: known.algorithm });
        }
    }
    Ok(())
}

fn all() -> impl Iterator<Item = &'static KnownAnswer> {
    algorithms::KNOWN_ANSWERS.iter().chain(formats::KNOWN_ANSWERS)
}

/// One test: the answer (bytes in lower-case hexadecimal) and whether the computation agrees with it.
struct KnownAnswer {
    algorithm: &'static str,
    answer: &'static str,
    holds: fn(&str) -> bool,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_answer_is_right() {
        assert_eq!(run(), Ok(()));
        let names: HashSet<&str> = all().map(|known| known.algorithm).collect();
        assert_eq!(names.len(), all().count(), "a failure names one test");
    }

    /// Were a comparison missing or cut short anywhere, the answer changed in that place would pass.
    #[test]
    fn an_answer_wrong_in_any_place_is_noticed_by_its_name() {
        for known in all() {
            for place in 0..known.answer.len() {
                let wrong = |other: &KnownAnswer| {
                    let mut answer = other.answer.as_bytes().to_vec();
                    if other.algorithm == known.algorithm {
                        answer[place] = if answer[place] == b'1' { b'2' } else { b'1' };
                    }
                    String::from_utf8(answer).unwrap()
                };
                assert_eq!(
                    check(wrong),
                    Err(SelfTestFailure { algorithm: known.algorithm }),
                    "place {place}"
                );
            }
        }
    }

    #[test]
    fn no_answer_passes_for_want_of_an_answer() {
        for known in all() {
            assert!(!(known.holds)(""), "{}", known.algorithm);
        }
    }
}
