//! What the database says is for the vault alone.

/// Texts that only PostgreSQL, its driver or the vault's statements hold.
const WORDS: &[&str] = &[
    "FATAL",
    "PANIC:",
    "SQLSTATE",
    "relation \"",
    "duplicate key",
    "violates",
    "constraint \"",
    "strongroom_service",
    "strongroom_owner",
    "audit_bundles",
    "idempotency_answers",
    "INSERT INTO",
    "SELECT ",
    "terminating connection",
    "read-only transaction",
    "lock timeout",
    "canceling statement",
    "statement timeout",
    "could not extend",
    "No space left",
    "the database system is",
    "server closed",
];

/// The words of the database in a text, each with the line it is in.
pub fn words_of_the_database(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let word = WORDS.iter().find(|word| line.contains(**word))?;
            Some(format!("{word:?} in {}", line.chars().take(300).collect::<String>()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_server_says_and_nothing_in_what_the_vault_says() {
        let said = "FATAL:  terminating connection due to administrator command\n\
                    ERROR: duplicate key value violates unique constraint \"tokens_pkey\"";
        assert_eq!(words_of_the_database(said).len(), 2);
        let own =
            "the connection to the database failed; a lock is held for too long; the database is read-only";
        assert!(words_of_the_database(own).is_empty());
    }
}
