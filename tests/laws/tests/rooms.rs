//! Laws on folders and files: where things are, how long they get, what stands nowhere.

use std::fs;
use std::path::Path;

use strongroom_laws::{files, is_test, root, shown};

/// Lines at which a file has more than one subject.
const LONGEST_FILE: usize = 800;

/// The only file that may hold unsafe code, if any: with its proof.
const UNSAFE_PLACES: &[&str] = &["pkcs11/src/raw.rs"];

#[test]
fn no_file_passes_eight_hundred_lines() {
    let long: Vec<_> = files(&root(), ".rs")
        .into_iter()
        .filter(|path| !is_test(path))
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).ok()?.lines().count();
            (lines > LONGEST_FILE).then(|| format!("{} has {lines} lines", shown(&path)))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn a_format_folder_has_specification_vectors_and_fuzz_target() {
    let mut formats = 0;
    let folder = root().join("vault/crypto/src");
    for entry in fs::read_dir(folder).expect("the formats are there").filter_map(Result::ok) {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if !path.is_dir() || !is_format_name(&name) {
            continue;
        }
        formats += 1;
        assert!(path.join("SPEC.md").is_file(), "{name} has no SPEC.md");
        assert!(has_vectors(&path), "{name} has no vectors");
        let target = root().join("tests/fuzz/fuzz_targets").join(format!("{name}.rs"));
        assert!(target.is_file(), "{name} has no fuzz target");
    }
    assert!(formats >= 8, "only {formats} formats found");
}

#[test]
fn no_folder_is_named_after_nothing() {
    for path in files(&root(), ".rs") {
        for part in path.strip_prefix(root()).unwrap_or(&path).components() {
            let part = part.as_os_str().to_string_lossy();
            let stem = part.trim_end_matches(".rs");
            let vague = ["util", "utils", "common", "helpers", "misc", "manager", "handy"];
            assert!(!vague.contains(&stem), "{} says nothing of what is in it", shown(&path));
        }
    }
}

#[test]
fn the_root_holds_the_rooms_and_single_files() {
    let rooms = ["vault", "pkcs11", "gateway", "policies", "softhsm", "tests", "deploy", "docs", "target"];
    for entry in fs::read_dir(root()).expect("the root is readable").filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_room = rooms.contains(&name.as_str()) || name.starts_with('.');
        assert!(!entry.path().is_dir() || is_room, "{name} is no room of this house");
    }
}

#[test]
fn unsafe_code_is_in_its_named_place() {
    let word = ["uns", "afe"].concat();
    for path in files(&root(), ".rs") {
        if UNSAFE_PLACES.contains(&shown(&path).as_str()) || path.ends_with("laws/tests/rooms.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file is readable");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let found = [" {", " fn", " impl", " extern"]
                .iter()
                .any(|after| code.contains(&format!("{word}{after}")));
            assert!(!found, "{}:{} is outside the named place", shown(&path), number + 1);
        }
    }
}

/// Our own formats carry a version; the one of a standard carries the standard's name.
fn is_format_name(name: &str) -> bool {
    matches!(name, "ff1" | "jwe")
        || name
            .rsplit_once("_v")
            .is_some_and(|(_, version)| !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()))
}

fn has_vectors(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.filter_map(Result::ok).any(|entry| {
            let path = entry.path();
            let named = entry.file_name().to_string_lossy().starts_with("vectors");
            named && (path.is_file() || fs::read_dir(&path).is_ok_and(|mut inside| inside.next().is_some()))
        })
    })
}
