//! Whether the manual leaves anything out.

use std::collections::BTreeSet;
use std::process::Command;

use crate::transcript::{Step, steps};
use crate::{PAGES, folder};

/// Each command that does something, by the man pages that the command writes of itself: `config add`.
fn commands() -> BTreeSet<String> {
    let pages = tempfile::tempdir().expect("a folder");
    let ran =
        Command::new(env!("CARGO_BIN_EXE_lms")).arg("man").arg(pages.path()).output().expect("lms runs");
    assert!(ran.status.success());
    let names: BTreeSet<String> = std::fs::read_dir(pages.path())
        .expect("pages")
        .flatten()
        .filter_map(|entry| {
            Some(entry.file_name().to_str()?.strip_prefix("lms-")?.strip_suffix(".1")?.replace('-', " "))
        })
        .collect();
    let groups: Vec<&str> = names.iter().filter_map(|name| name.split_once(' ')).map(|(of, _)| of).collect();
    names.iter().filter(|name| !groups.contains(&name.as_str())).cloned().collect()
}

/// Whether a line of the shell calls this command, options in front of it or not.
fn calls(line: &str, command: &str) -> bool {
    let words: Vec<&str> = line.split([' ', '\n', ';', '|', '(']).filter(|word| !word.is_empty()).collect();
    let mut starts = words.iter().enumerate().filter(|(_, word)| **word == "lms").map(|(at, _)| at + 1);
    starts.any(|at| {
        let mut rest = words.iter().skip(at).copied().peekable();
        while let Some(option) = rest.next_if(|word| word.starts_with('-')) {
            if option == "--color" {
                rest.next();
            }
        }
        command.split(' ').all(|name| rest.next() == Some(name))
    })
}

#[test]
fn every_command_is_shown_at_work_and_in_trouble() {
    let mut shown: Vec<Step> = Vec::new();
    for page in PAGES {
        let text = std::fs::read_to_string(folder().join(format!("{page}.md"))).expect("a page");
        shown.extend(steps(&text.lines().collect::<Vec<_>>()));
    }
    let commands = commands();
    assert!(commands.len() > 25 && commands.contains("config add"), "{commands:?}");
    let missing = |trouble: bool| {
        let told = |command: &&String| {
            shown.iter().any(|step| (step.code != 0) == trouble && calls(&step.command, command))
        };
        commands.iter().filter(move |command| !told(command)).collect::<Vec<_>>()
    };
    assert_eq!((missing(false), missing(true)), (vec![], vec![]), "at work, in trouble");
}

#[test]
fn every_page_is_listed() {
    let contents = std::fs::read_to_string(folder().join("README.md")).expect("the first page");
    for page in PAGES {
        assert!(contents.contains(&format!("({page}.md)")), "README.md does not name {page}.md");
    }
}

#[test]
fn a_command_is_found_behind_options_only() {
    for (line, command, is) in [
        ("lms tree x:1", "tree", true),
        ("lms -q --color always tree x:1", "tree", true),
        ("X=1 lms config add x", "config add", true),
        ("echo a | lms config add x", "config add", true),
        ("lms trees", "tree", false),
        ("lms config set add", "config add", false),
        ("man lms", "tree", false),
    ] {
        assert_eq!(calls(line, command), is, "{line}");
    }
}
