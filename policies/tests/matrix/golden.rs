//! The committed matrix: what the rules say to everything, so that a review sees what a changed rule changes.

use std::fmt::Write as _;
use std::path::Path;

use strongroom_core::ports::Decision;
use strongroom_domain::{Action, DetokenizationPurpose, Reveal, Role};

use crate::asking::{Asked, each_or_none};

const HEAD: &str = "\
# Every answer of the rules. Written by a test, read by reviewers; see README.md.
#
# allow     permitted
# purpose   denied, for this purpose or to this extent only
# -         denied
";

#[test]
fn the_committed_matrix_is_what_the_rules_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("matrix.golden");
    let actual = matrix();
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = actual.lines().zip(committed.lines()).find(|(now, then)| now != then);
    assert!(
        actual == committed,
        "The rules no longer give the answers in matrix.golden (lines now: {}, committed: {}).\n\
         First difference, now and committed: {differing:#?}\n\
         If the change is meant: UPDATE_GOLDEN=1 cargo test -p strongroom-policies, then have the difference reviewed.",
        actual.lines().count(),
        committed.lines().count(),
    );
}

fn matrix() -> String {
    let mut text = HEAD.to_owned();
    let row = |action: &Action| action.as_str().to_owned();

    section(
        &mut text,
        "One role, in a customer's tenant (to detokenize: display, masked; to grant: auditor)",
    );
    table(&mut text, Action::ALL.iter().map(|action| (row(action), Asked::plain([], *action))));

    section(&mut text, "One role, on itself: its own identity, its own appointments");
    table(
        &mut text,
        Action::ALL
            .iter()
            .map(|action| (row(action), Asked { concerns_itself: true, ..Asked::plain([], *action) })),
    );

    section(&mut text, "One role, in the platform's tenant");
    table(&mut text, Action::ALL.iter().map(|action| (row(action), Asked::plain([], *action).on_platform())));

    section(&mut text, "token.detokenize: purpose and extent");
    table(&mut text, detokenizations());

    section(&mut text, "token.detokenize in the platform's tenant: purpose and extent");
    table(&mut text, detokenizations().map(|(row, asked)| (row, asked.on_platform())));

    section(&mut text, "proxy.forward: purpose");
    table(&mut text, forwards());

    section(&mut text, "proxy.forward in the platform's tenant: purpose");
    table(&mut text, forwards().map(|(row, asked)| (row, asked.on_platform())));

    section(&mut text, "token.export: purpose and extent");
    table(
        &mut text,
        detokenizations().map(|(row, asked)| (row, Asked { action: Action::TokenExport, ..asked })),
    );

    section(&mut text, "grant.create in a customer's tenant: the role that is granted, and by whom");
    table(&mut text, appointments());

    section(&mut text, "grant.create in the platform's tenant: the role that is granted, and by whom");
    table(&mut text, appointments().map(|(row, asked)| (row, asked.on_platform())));

    section(&mut text, "Two roles, in a customer's tenant: all they may do");
    pairs(&mut text);
    text
}

fn detokenizations() -> impl Iterator<Item = (String, Asked)> {
    each_or_none(Reveal::ALL).flat_map(|reveal| {
        each_or_none(DetokenizationPurpose::ALL).map(move |purpose| {
            let extent = reveal.map_or("(not stated)", Reveal::as_str);
            let reason = purpose.map_or("(not stated)", DetokenizationPurpose::as_str);
            let asked = Asked { purpose, reveal, ..Asked::plain([], Action::TokenDetokenize) };
            (format!("{extent} {reason}"), asked)
        })
    })
}

fn forwards() -> impl Iterator<Item = (String, Asked)> {
    each_or_none(DetokenizationPurpose::ALL).map(|purpose| {
        let row = purpose.map_or("(not stated)", DetokenizationPurpose::as_str).to_owned();
        (row, Asked { purpose, ..Asked::plain([], Action::ProxyForward) })
    })
}

fn appointments() -> impl Iterator<Item = (String, Asked)> {
    each_or_none(Role::ALL).map(|granted| {
        let row = granted.map_or("(not stated)", Role::as_str).to_owned();
        (row, Asked { granted, ..Asked::plain([], Action::GrantCreate) })
    })
}

fn section(text: &mut String, title: &str) {
    write!(text, "\n## {title}\n\n").unwrap();
}

/// A row per request, a column per role, and a first one for none.
fn table(text: &mut String, rows: impl Iterator<Item = (String, Asked)>) {
    let mut lines = vec![format!("{:<28}(none)", "")];
    for role in Role::ALL {
        write!(lines[0], "  {role}").unwrap();
    }
    for (row, asked) in rows {
        let mut line = format!("{row:<28}{:<6}", answer(&asked));
        for role in Role::ALL {
            let with_role = Asked { roles: [*role].into_iter().collect(), ..asked };
            write!(line, "  {:<width$}", answer(&with_role), width = role.as_str().len()).unwrap();
        }
        lines.push(line.trim_end().to_owned());
    }
    for line in lines {
        writeln!(text, "{line}").unwrap();
    }
}

fn pairs(text: &mut String) {
    for (position, first) in Role::ALL.iter().enumerate() {
        for second in Role::ALL.iter().skip(position + 1) {
            let permitted: Vec<&str> = Action::ALL
                .iter()
                .filter(|action| Asked::plain([*first, *second], **action).decision() == Decision::Allow)
                .map(|action| action.as_str())
                .collect();
            let permitted = if permitted.is_empty() { "nothing".to_owned() } else { permitted.join(" ") };
            writeln!(text, "{:<44}{permitted}", format!("{first} + {second}")).unwrap();
        }
    }
}

fn answer(asked: &Asked) -> &'static str {
    match asked.decision() {
        Decision::Allow => "allow",
        Decision::DenyPurpose => "purpose",
        Decision::Deny => "-",
    }
}
