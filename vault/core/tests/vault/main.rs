//! What the vault promises, shown over ports in memory with the rules of the release: the order of the pipeline, the
//! record, the registry, the operations, and what each of them does when a part fails or is tampered with.

#[cfg(test)]
mod asking;
#[cfg(test)]
mod told_egress;
#[cfg(test)]
mod watched_hsm;
#[cfg(test)]
mod watched_store;
#[cfg(test)]
mod world;

#[cfg(test)]
mod audit_export;
#[cfg(test)]
mod audit_search;
#[cfg(test)]
mod audit_sequence;
#[cfg(test)]
mod audit_stream;
#[cfg(test)]
mod commit_faults;
#[cfg(test)]
mod committing;
#[cfg(test)]
mod correlation;
#[cfg(test)]
mod deterministic_fields;
#[cfg(test)]
mod encryption_keys;
#[cfg(test)]
mod fields;
#[cfg(test)]
mod format_preserving;
#[cfg(test)]
mod forwards;
#[cfg(test)]
mod honeytokens;
#[cfg(test)]
mod hsm_protection;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod key_memory;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod macs;
#[cfg(test)]
mod model;
#[cfg(test)]
mod once;
#[cfg(test)]
mod orphans;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod registry_changes;
#[cfg(test)]
mod registry_tampering;
#[cfg(test)]
mod security_codes;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod starting;
#[cfg(test)]
mod token_guesses;
#[cfg(test)]
mod token_kinds;
#[cfg(test)]
mod token_life;
#[cfg(test)]
mod token_names;
#[cfg(test)]
mod token_refusals;
#[cfg(test)]
mod token_reuse;
#[cfg(test)]
mod token_search;
#[cfg(test)]
mod token_shapes;
#[cfg(test)]
mod token_tampering;
#[cfg(test)]
mod token_update;
#[cfg(test)]
mod velocity;
