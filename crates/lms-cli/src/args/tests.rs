//! The command line as a whole.

use super::*;
use crate::commands::batch::words;

/// Each command that does something, and how it is called.
fn commands() -> Vec<(String, clap::Command)> {
    fn below(command: &clap::Command, name: &str, all: &mut Vec<(String, clap::Command)>) {
        let inner: Vec<_> = command.get_subcommands().filter(|of| of.get_name() != "help").collect();
        if inner.is_empty() {
            all.push((name.to_owned(), command.clone()));
        }
        for command in inner {
            below(command, &format!("{name} {}", command.get_name()), all);
        }
    }
    let mut all = Vec::new();
    below(&Args::described(), "lms", &mut all);
    all
}

/// What the help shows behind `Examples:`, each as one line.
fn examples(command: &clap::Command) -> Vec<String> {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let Some((_, rest)) = text.split_once("Examples:\n") else { return Vec::new() };
    let shown = rest.split("\n\n").next().unwrap_or_default().replace("\\\n", " ");
    shown.lines().map(|line| line.trim().to_owned()).collect()
}

/// The `lms …` of an example, without what the shell does around it and what is said behind it.
fn command_of(example: &str) -> String {
    let from = example.find("lms ").unwrap_or_default();
    let line = example.get(from..).unwrap_or_default();
    let end = [" |", " >", " &&", ")\"", "   "].iter().filter_map(|end| line.find(end)).min();
    line.get(..end.unwrap_or(line.len())).unwrap_or_default().to_owned()
}

#[test]
fn the_command_line_is_sound() {
    Args::described().debug_assert();
}

#[test]
fn each_command_shows_examples_that_it_takes() {
    let all = commands();
    assert!(all.len() > 25, "{}", all.len());
    for (name, command) in all {
        let examples = examples(&command);
        assert!(!examples.is_empty(), "{name} --help has no examples");
        for example in examples {
            let words = words(&command_of(&example)).expect("words");
            assert!(words.join(" ").starts_with(&name), "an example of {name}: {example}");
            if let Err(error) = Args::command().try_get_matches_from(&words) {
                panic!("{example}: {error}");
            }
        }
    }
}

#[test]
fn options_stand_under_a_heading_that_is_theirs() {
    let headings = |name: &str, heading: Option<&str>| -> Vec<String> {
        let all = commands();
        let (_, command) = all.iter().find(|(of, _)| of == name).expect("a command");
        let options = command.get_opts().filter(|option| option.get_help_heading() == heading);
        options.filter_map(|option| option.get_long().map(str::to_owned)).collect()
    };
    let plain = headings("lms migrate", None);
    for option in ["dry-run", "replace", "no-verify", "id", "strict", "fail-on", "report", "json"] {
        assert!(plain.iter().any(|name| name == option), "--{option}: {plain:?}");
    }
    assert_eq!(headings("lms migrate", Some("Trial")), ["trial", "trial-answers"]);
    assert_eq!(headings("lms verify", None), ["report", "json"]);
    assert_eq!(headings("lms submit", None), ["no-wait", "timeout", "json"]);
}

#[test]
fn an_export_goes_to_a_bundle_and_an_import_comes_from_one() {
    for (name, argument, says) in [
        ("lms export", "target", "bundle"),
        ("lms import", "source", "bundle"),
        ("lms import", "target", "REMOTE:"),
    ] {
        let all = commands();
        let (_, command) = all.iter().find(|(of, _)| of == name).expect("a command");
        let order: Vec<_> = command.get_positionals().map(|of| of.get_id().as_str()).collect();
        assert_eq!(order, ["source", "target"], "{name}");
        let argument = command.get_positionals().find(|of| of.get_id() == argument).expect("an argument");
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains(says), "{name}: {help}");
    }
}

#[test]
fn each_command_that_shows_results_has_json() {
    // These say one word, make something that is no result, or have a document of their own.
    let without = [
        "lms completions",
        "lms config add",
        "lms config edit",
        "lms config path",
        "lms config remove",
        "lms config set",
        "lms config unset",
        "lms emulate",
        "lms man",
    ];
    for (name, command) in commands() {
        let has = command.get_arguments().any(|argument| argument.get_long() == Some("json"));
        assert_eq!(has, !without.contains(&name.as_str()), "{name} --json");
    }
}
