//! Who may import whom, and how long a file may be. The rules are those of `docs/architecture.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each crate may import of the workspace, development aside.
const MAY_IMPORT: [(&str, &[&str]); 10] = [
    ("lms-core", &[]),
    ("lms-http", &["lms-core"]),
    ("lms-stepik", &["lms-core", "lms-http"]),
    ("lms-openedx", &["lms-core", "lms-http"]),
    ("lms-inginious", &["lms-core", "lms-http"]),
    ("lms-migrate", &["lms-core"]),
    ("lms-emulator", &[]),
    ("lms-testkit", &["lms-core", "lms-http", "lms-emulator"]),
    ("lms", &["lms-core", "lms-http", "lms-stepik", "lms-openedx", "lms-inginious", "lms-migrate"]),
    ("lms-cli", &["lms", "lms-core", "lms-migrate", "lms-emulator"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Dependencies of each member that are members themselves, by kind (`None` for normal ones).
fn imports() -> BTreeMap<String, Vec<(String, Option<String>)>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let members: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().into_iter().flatten().filter_map(|d| {
                let name = d["name"].as_str().filter(|name| members.contains(name))?;
                Some((name.to_owned(), d["kind"].as_str().map(str::to_owned)))
            });
            (package["name"].as_str().unwrap_or_default().to_owned(), dependencies.collect())
        })
        .collect()
}

#[test]
fn imports_go_downwards_only() {
    let imports = imports();
    for (name, allowed) in MAY_IMPORT {
        let actual = imports.get(name).unwrap_or_else(|| panic!("{name} is not in the workspace"));
        for (dependency, kind) in actual {
            let is_test_only = kind.as_deref() == Some("dev");
            assert!(
                is_test_only || allowed.contains(&dependency.as_str()),
                "{name} must not import {dependency}"
            );
            assert!(
                dependency != "lms-testkit" || is_test_only,
                "{name} must not import lms-testkit outside its tests"
            );
        }
    }
    let named: Vec<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).chain(["xtask"]).collect();
    let unnamed: Vec<&String> = imports.keys().filter(|name| !named.contains(&name.as_str())).collect();
    assert!(unnamed.is_empty(), "say here what {unnamed:?} may import");
}

#[test]
fn the_contract_needs_no_network_and_no_runtime() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-e", "normal", "-p", "lms-core", "--prefix", "none", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    let tree = String::from_utf8_lossy(&output.stdout);
    for heavy in ["tokio ", "reqwest ", "hyper ", "rustls ", "lms-http "] {
        assert!(!tree.lines().any(|line| line.starts_with(heavy)), "lms-core depends on {heavy}");
    }
}

#[test]
fn a_file_reads_in_one_sitting() {
    const LIMIT: usize = 600;
    let mut long = Vec::new();
    for folder in ["src", "crates", "examples", "tests", "benches"] {
        visit(&root().join(folder), &mut |path, text| {
            let lines = text.lines().count();
            if lines > LIMIT {
                long.push(format!("{}: {lines}", path.display()));
            }
        });
    }
    assert!(long.is_empty(), "longer than {LIMIT} lines:\n{}", long.join("\n"));
}

#[test]
fn the_http_library_shows_in_no_provider() {
    for provider in ["lms-stepik", "lms-openedx", "lms-inginious", "lms-migrate", "lms-core"] {
        visit(&root().join("crates").join(provider).join("src"), &mut |path, text| {
            assert!(!text.contains("reqwest"), "{} names reqwest", path.display());
        });
    }
}

/// What a provider could repeat, pause or sign with if it did so itself: all of it is lms-http's.
const TRANSPORT: [&str; 13] = [
    "sleep",
    "tokio::time",
    "tokio::spawn",
    "Instant",
    "HeaderMap",
    "HeaderValue",
    "set_header",
    ".header(\"A",
    ".header(\"C",
    ".header(\"R",
    ".header(\"X",
    "Set-Cookie",
    "Retry::",
];

#[test]
fn no_provider_repeats_pauses_or_signs_by_itself() {
    for provider in ["lms-stepik", "lms-openedx", "lms-inginious"] {
        visit(&root().join("crates").join(provider).join("src"), &mut |path, text| {
            // Tests stand at the end of a file, or in a file or folder of their own, and may make answers of any kind.
            let tests = ["tests", "testing", "recorded", "recordings", "real_courses", "samples"];
            if path.with_extension("").iter().any(|part| tests.iter().any(|name| part == *name)) {
                return;
            }
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in TRANSPORT {
                let found =
                    code.lines().find(|line| line.contains(word) && !line.trim_start().starts_with("//"));
                assert!(
                    found.is_none(),
                    "{}: {word} is lms-http's business: {}",
                    path.display(),
                    found.unwrap_or("")
                );
            }
        });
    }
}

/// Courses with their answers lie in temporary folders, which `tempfile` opens to all unless it is told otherwise.
#[test]
fn temporary_folders_are_for_their_owner_alone() {
    for folder in ["src", "crates"] {
        visit(&root().join(folder), &mut |path, text| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let makes = ["tempdir()?", "tempdir().map_err", "tempdir_in("].iter().any(|call| code.contains(call));
            assert!(
                !makes || code.contains("from_mode(0o700)"),
                "{} makes a temporary folder that others may read",
                path.display()
            );
        });
    }
}

#[test]
fn emulators_and_clients_share_nothing() {
    visit(&root().join("crates/lms-emulator/src"), &mut |path, text| {
        for ours in ["lms_core", "lms_http", "lms_stepik", "lms_openedx", "lms_inginious"] {
            assert!(!text.contains(ours), "{} names {ours}", path.display());
        }
    });
}

fn visit(folder: &Path, seen: &mut dyn FnMut(&PathBuf, &str)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, seen);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file is text");
            seen(&path, &text);
        }
    }
}
