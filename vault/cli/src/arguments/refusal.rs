//! What is said when the arguments make no sense.
//!
//! clap's own texts repeat what was typed. Here that may be a card number, put where none is taken: it would stand in
//! the output of a script, which is kept. So only texts of our own are shown, and names of options and commands.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Refusal;
use crate::exit::Exit;

/// What to write instead of running a command.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// The text.
    pub text: String,
    /// Help and version were asked for, so they are a result.
    pub is_result: bool,
}

impl Refused {
    pub(super) fn new(error: &clap::Error) -> Self {
        let text = match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                return Self { text: error.render().to_string(), is_result: true };
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::MissingSubcommand
            | ErrorKind::MissingRequiredArgument
            | ErrorKind::ArgumentConflict => error.render().to_string(),
            ErrorKind::UnknownArgument => unknown_argument(error),
            ErrorKind::InvalidSubcommand => unknown_command(error),
            ErrorKind::InvalidValue | ErrorKind::ValueValidation => refused_value(error),
            _ => format!("error: the arguments are not as expected{}", of_option(error)),
        };
        Self { text: text.trim_end().to_owned(), is_result: false }
    }

    /// The exit code.
    pub const fn exit(&self) -> Exit {
        if self.is_result { Exit::Done } else { Exit::Usage }
    }
}

fn unknown_argument(error: &clap::Error) -> String {
    let Some(name) = context(error, ContextKind::InvalidArg).filter(|name| is_plain(name)) else {
        return "error: unexpected argument; card numbers are read from standard input or --number-file, never from \
                the arguments, which other users can see"
            .to_owned();
    };
    if ["--url", "--ca", "--cert", "--key", "--profile", "--config"].contains(&name.as_str()) {
        return format!(
            "error: unexpected argument {name}: the options of the connection stand before the command"
        );
    }
    let suggested = context(error, ContextKind::SuggestedArg);
    let hint = suggested.map(|name| format!("; is {name} meant?")).unwrap_or_default();
    format!("error: unexpected argument {name}{hint}")
}

fn unknown_command(error: &clap::Error) -> String {
    let name = context(error, ContextKind::InvalidSubcommand).filter(|name| is_plain(name));
    let suggested = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::String(name)) => Some(name.clone()),
        Some(ContextValue::Strings(names)) => names.first().cloned(),
        _ => None,
    };
    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
    let hint = suggested.map(|name| format!("; is {name} meant?")).unwrap_or_default();
    format!("error: there is no such command{name}{hint}; --help lists them")
}

fn refused_value(error: &clap::Error) -> String {
    let allowed = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(names)) => Some(format!("must be one of: {}", names.join(", "))),
        _ => error.source().and_then(|source| source.downcast_ref::<Refusal>()).map(ToString::to_string),
    };
    let allowed = allowed.unwrap_or_else(|| "the value is not valid".to_owned());
    format!("error: {allowed}{}", of_option(error))
}

fn of_option(error: &clap::Error) -> String {
    // From our own definition, unlike what stands there for an unknown argument.
    context(error, ContextKind::InvalidArg).map(|name| format!(" (for {name})")).unwrap_or_default()
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// Whether it looks like the name of an option or a command, and cannot be a value.
fn is_plain(name: &str) -> bool {
    name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn refused(typed: &[&str]) -> Refused {
        crate::arguments::parse(typed.iter().map(OsString::from)).map(drop).unwrap_err()
    }

    #[test]
    fn no_text_repeats_a_value() {
        const NUMBER: &str = "4111111111111111";
        for typed in [
            &["strongroom", "tokens", "create", NUMBER][..],
            &["strongroom", "tokens", "create", "--number", NUMBER],
            &["strongroom", "tokens", "create", "--number=4111111111111111"],
            &["strongroom", "tokens", "create", "--4111111111111111"],
            &["strongroom", "tokens", "create", "--exp-month", NUMBER],
            &["strongroom", "tokens", "create", "--exp-year", NUMBER],
            &["strongroom", "tokens", "create", "--ttl", "4111111111111111x"],
            &["strongroom", "tokens", "create", "--metadata", NUMBER],
            &["strongroom", "tokens", "create", "--profile", "4111 1111 1111 1111"],
            &["strongroom", "tokens", "get", "4111 1111 1111 1111"],
            &["strongroom", "tokens", "detokenize", NUMBER, "--purpose", NUMBER],
            &["strongroom", "tokens", NUMBER],
            &["strongroom", NUMBER],
            &["strongroom", "tokens", "search", NUMBER],
        ] {
            let refused = refused(typed);
            assert!(!refused.text.contains("4111"), "{}", refused.text);
            assert!(refused.text.starts_with("error: "), "{}", refused.text);
            assert_eq!(refused.exit(), Exit::Usage);
        }
    }

    #[test]
    fn says_what_is_allowed_and_what_was_meant() {
        let text = refused(&["strongroom", "tokens", "detokenize", "tok_x", "--purpose", "fun"]).text;
        assert!(text.contains("a token") || text.contains("authorisation"), "{text}");
        let text = refused(&["strongroom", "tokens", "create", "--exp-monht", "1"]).text;
        assert!(text.contains("--exp-month"), "{text}");
        let text = refused(&["strongroom", "token"]).text;
        assert!(text.contains("tokens"), "{text}");
        let text = refused(&["strongroom", "tokens", "list", "--url", "https://x"]).text;
        assert!(text.contains("before the command"), "{text}");
    }

    #[test]
    fn help_and_version_are_results() {
        for typed in ["--help", "--version"] {
            let refused = refused(&["strongroom", typed]);
            assert!(refused.is_result && refused.exit() == Exit::Done);
        }
        assert!(refused(&["strongroom", "--help"]).text.contains("Exit codes:"));
    }
}
