//! Where the packages are, and putting them there once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::InteropError;

/// The interpreter of the virtual environment that has the packages.
pub fn python() -> Result<PathBuf, InteropError> {
    let folder = installed(&package(""), "python", &["requirements.txt"], |folder| {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
        run(Command::new(folder.join("bin/python")).args(pip).arg("-r").arg(package("requirements.txt")))
    })?;
    Ok(folder.join("bin/python"))
}

/// The folder that Node.js finds the packages in, those of the `package.json` in `package`, installed under `name`.
pub fn node_modules(package: &Path, name: &str) -> Result<PathBuf, InteropError> {
    let files = ["package.json", "package-lock.json"];
    let folder = installed(package, name, &files, |folder| {
        fs::create_dir_all(folder).map_err(at(folder))?;
        for file in files {
            fs::copy(package.join(file), folder.join(file)).map_err(at(folder))?;
        }
        run(Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"])
            .current_dir(folder))
    })?;
    Ok(folder.join("node_modules"))
}

/// A path in this package.
pub(crate) fn package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), InteropError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(at(Path::new(&program)))?;
    if output.status.success() { Ok(()) } else { Err(failed(program, &output.stderr)) }
}

/// A program's own last words.
pub(crate) fn failed(program: String, stderr: &[u8]) -> InteropError {
    let lines = String::from_utf8_lossy(stderr).lines().map(str::to_owned).collect::<Vec<_>>();
    let last = lines.get(lines.len().saturating_sub(20)..).unwrap_or_default();
    InteropError::Program { program, message: last.join("\n") }
}

pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> InteropError {
    let path = path.display().to_string();
    move |error| InteropError::Io(path.clone(), error)
}

/// The folder, with what the files ask for in it. Test processes run side by side: one installs while the others wait.
/// What was installed for other versions, or only in part, is replaced: the mark is written last.
fn installed(
    package: &Path,
    name: &str,
    files: &[&str],
    install: impl FnOnce(&Path) -> Result<(), InteropError>,
) -> Result<PathBuf, InteropError> {
    let interop = self::package("../../target/interop");
    fs::create_dir_all(&interop).map_err(at(&interop))?;
    let (folder, mark) = (interop.join(name), interop.join(format!("{name}.installed")));
    let lock = interop.join(format!("{name}.lock"));
    let lock_file = File::create(&lock).map_err(at(&lock))?;
    lock_file.lock().map_err(at(&lock))?;

    let mut wanted = Vec::new();
    for file in files {
        wanted.extend(fs::read(package.join(file)).map_err(at(Path::new(file)))?);
    }
    if fs::read(&mark).is_ok_and(|found| found == wanted) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(at(&folder))?;
    }
    install(&folder)?;
    fs::write(&mark, &wanted).map_err(at(&mark))?;
    Ok(folder)
}
