//! The texts the engine is made from.

use sha2::{Digest, Sha256};

/// A file of rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleFile<'a> {
    /// The file's name, for error texts.
    pub(crate) name: &'a str,
    /// What it says.
    pub(crate) text: &'a str,
}

/// The schema and all rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'a> {
    /// What the rules may speak of.
    pub(crate) schema: &'a str,
    /// The rules, a file per area.
    pub(crate) rules: &'a [RuleFile<'a>],
}

impl Sources<'static> {
    /// Those this release was built with.
    pub(crate) const BUILT_IN: Self =
        Self { schema: include_str!("../schema/strongroom.cedarschema"), rules: RULES };
}

const RULES: &[RuleFile<'static>] = &[
    RuleFile { name: "audit.cedar", text: include_str!("../rules/audit.cedar") },
    RuleFile { name: "crypto.cedar", text: include_str!("../rules/crypto.cedar") },
    RuleFile { name: "exclusions.cedar", text: include_str!("../rules/exclusions.cedar") },
    RuleFile { name: "honeytokens.cedar", text: include_str!("../rules/honeytokens.cedar") },
    RuleFile { name: "identities.cedar", text: include_str!("../rules/identities.cedar") },
    RuleFile { name: "keys.cedar", text: include_str!("../rules/keys.cedar") },
    RuleFile { name: "profiles.cedar", text: include_str!("../rules/profiles.cedar") },
    RuleFile { name: "proxy.cedar", text: include_str!("../rules/proxy.cedar") },
    RuleFile { name: "status.cedar", text: include_str!("../rules/status.cedar") },
    RuleFile { name: "tokens.cedar", text: include_str!("../rules/tokens.cedar") },
];

impl Sources<'_> {
    /// SHA-256 over all of them, in lower-case hexadecimal. Each part goes in after its length, so that no text can be
    /// moved from one file into the next without a trace.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let names_and_texts = self.rules.iter().flat_map(|file| [file.name, file.text]);
        for part in std::iter::once(self.schema).chain(names_and_texts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_rule_file_lies_there_unread() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let built_in: BTreeSet<String> = RULES.iter().map(|file| file.name.to_owned()).collect();
        assert_eq!(on_disk, built_in);
    }

    #[test]
    fn the_fingerprint_names_every_byte_and_its_place() {
        let first = Sources { schema: "s", rules: &[RuleFile { name: "a", text: "bc" }] };
        let moved = Sources { schema: "s", rules: &[RuleFile { name: "ab", text: "c" }] };
        let changed = Sources { schema: "s", rules: &[RuleFile { name: "a", text: "bd" }] };
        let other_schema = Sources { schema: "t", rules: first.rules };
        let fingerprints: BTreeSet<String> =
            [first, moved, changed, other_schema].iter().map(Sources::fingerprint).collect();
        assert_eq!(fingerprints.len(), 4);
        assert!(fingerprints.iter().all(|text| text.len() == 64));
        assert_eq!(first.fingerprint(), first.fingerprint());
    }
}
