use clap::Parser;
use lms_core::{
    Cardinality, ChoiceInteraction, CodeInteraction, CodeLanguage, ExtendedTextInteraction,
    FileUploadInteraction, FormulaInteraction, GapInteraction, GapSegment, InlineChoiceInteraction, Markup,
    MatchInteraction, NumericInteraction, OrderInteraction, Part, TableInteraction, TaskSummary,
    TextEntryInteraction,
};
use serde_json::{Value, json};

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    given: Given,
}

fn texts(all: &[&str]) -> Vec<Markup> {
    all.iter().map(|text| Markup::from_text(text)).collect()
}

fn options(all: &[&str]) -> Vec<lms_core::ChoiceOption> {
    texts(all).into_iter().map(lms_core::ChoiceOption::new).collect()
}

fn choice(cardinality: Cardinality) -> Interaction {
    let options = options(&["36", "42", "1,5"]);
    Interaction::Choice(ChoiceInteraction { cardinality, options, shuffle: false, shown: None })
}

fn task(parts: &[Interaction]) -> Task {
    let part = |(at, interaction): (usize, &Interaction)| Part {
        block: format!("p{}", at + 1).into(),
        exercise: Exercise::new("t", Markup::from_text("?"), interaction.clone()),
    };
    Task {
        summary: TaskSummary {
            id: "t".into(),
            title: String::new(),
            kinds: vec!["kind".into()],
            points: None,
            status: None,
        },
        statement: Markup::default(),
        parts: parts.iter().enumerate().map(part).collect(),
        attempts_left: None,
    }
}

fn answer(parts: &[Interaction], flags: &[&str]) -> Result<Value, String> {
    let line = Line::try_parse_from(["x"].iter().chain(flags)).map_err(|e| e.to_string())?;
    match line.given.answer_to(&task(parts)) {
        Ok(answer) => Ok(serde_json::to_value(answer).expect("JSON")),
        Err(Failure::Usage(fault)) => Err(fault),
        Err(other) => Err(format!("{other:?}")),
    }
}

#[test]
fn every_interaction_is_answered_as_people_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("a.py");
    std::fs::write(&program, "print(1)").expect("it can be written");
    let (program, from_file) = (program.to_string_lossy(), format!("@{}", program.display()));
    let pairs = Interaction::Match(MatchInteraction {
        sources: texts(&["a", "b=c"]),
        targets: texts(&["x", "y"]),
        shuffle_sources: false,
    });
    let table = Interaction::Table(TableInteraction {
        description: Markup::default(),
        rows: texts(&["r", "s"]),
        columns: texts(&["c", "d"]),
        cardinality: Cardinality::Multiple,
        shuffle_rows: false,
        shuffle_columns: false,
        shown: None,
    });
    let language = |name: &str| CodeLanguage {
        name: name.into(),
        template: String::new(),
        header: String::new(),
        footer: String::new(),
        seconds: None,
        megabytes: None,
    };
    let code = |names: &[&str]| {
        let languages = names.iter().map(|name| language(name)).collect();
        Interaction::Code(CodeInteraction { languages, ..CodeInteraction::default() })
    };
    let order = Interaction::Order(OrderInteraction { items: texts(&["one", "two", "three"]) });
    let gap = Interaction::Gap(GapInteraction { segments: vec![GapSegment::Entry, GapSegment::Entry] });
    let inline = Interaction::InlineChoice(InlineChoiceInteraction { options: options(&["u", "v"]) });
    let (single, multiple) = (choice(Cardinality::Single), choice(Cardinality::Multiple));
    let cases: Vec<(&Interaction, Vec<&str>, Value)> = vec![
        (&single, vec!["--choice", "2"], json!({"response": "choice", "selected": [1]})),
        (&single, vec!["--choice", "1,5"], json!({"response": "choice", "selected": [2]})),
        (&multiple, vec!["--choice", "1,2"], json!({"response": "choice", "selected": [0, 1]})),
        (
            &multiple,
            vec!["--choice", "42", "--choice", "3"],
            json!({"response": "choice", "selected": [1, 2]}),
        ),
        (&multiple, vec!["--choice", "none"], json!({"response": "choice", "selected": []})),
        (&inline, vec!["--choice", "v"], json!({"response": "choice", "selected": [1]})),
        (&pairs, vec!["--match", "1=y", "--match", "b=c=x"], json!({"response": "match", "targets": [1, 0]})),
        (&order, vec!["--order", "3,one,2"], json!({"response": "order", "order": [2, 0, 1]})),
        (&gap, vec!["--gap", "-1", "--gap", "b"], json!({"response": "gaps", "texts": ["-1", "b"]})),
        (
            &table,
            vec!["--table", "r=c,2", "--table", "2=1"],
            json!({"response": "table", "rows": [[0, 1], [0]]}),
        ),
    ];
    for (interaction, flags, expected) in cases {
        assert_eq!(
            answer(std::slice::from_ref(interaction), &flags),
            Ok(json!({"p1": expected})),
            "{flags:?}"
        );
    }
    let text = Interaction::TextEntry(TextEntryInteraction::default());
    let number = Interaction::Numeric(NumericInteraction::default());
    let formula = Interaction::Formula(FormulaInteraction::default());
    let essay = Interaction::ExtendedText(ExtendedTextInteraction::default());
    for (interaction, flags, expected) in [
        (&text, vec!["--text", "x"], json!({"response": "text", "text": "x"})),
        (&text, vec!["--text", &from_file], json!({"response": "text", "text": "print(1)"})),
        (&number, vec!["--number", "-4.2e1"], json!({"response": "number", "number": "-4.2e1"})),
        (&formula, vec!["--formula", "-x^2"], json!({"response": "formula", "formula": "-x^2"})),
        (&essay, vec!["--text", "long"], json!({"response": "extended_text", "text": "long"})),
        (
            &code(&["c"]),
            vec!["--code", &program],
            json!({"response": "code", "language": "c", "source": "print(1)"}),
        ),
        (
            &code(&["c", "py"]),
            vec!["--code", &program, "--language", "py"],
            json!({"response": "code", "language": "py", "source": "print(1)"}),
        ),
    ] {
        assert_eq!(
            answer(std::slice::from_ref(interaction), &flags),
            Ok(json!({"p1": expected})),
            "{flags:?}"
        );
    }
    let upload = Interaction::FileUpload(FileUploadInteraction::default());
    let Ok(line) = Line::try_parse_from(["x", "--file", &*program]) else { panic!("an unsound line") };
    let sent = line.given.answer_to(&task(&[upload])).expect("an answer");
    let Some(Response::Files(files)) = sent.0.values().next() else { panic!("no files: {sent:?}") };
    assert_eq!((files[0].name.as_str(), &files[0].content[..]), ("a.py", &b"print(1)"[..]));
}

#[test]
fn parts_are_named_by_number_or_id_and_json_says_the_rest() {
    let two = [choice(Cardinality::Single), Interaction::Numeric(NumericInteraction::default())];
    let both =
        json!({"p1": {"response": "choice", "selected": [1]}, "p2": {"response": "number", "number": "-3"}});
    assert_eq!(answer(&two, &["--part", "1:choice=2", "--part", "p2:number=-3"]), Ok(both.clone()));
    assert_eq!(answer(&two, &["--answer", &both.to_string()]), Ok(both));
    let native = json!({"response": "native", "reply": {"solved": true}});
    assert_eq!(answer(&[], &["--answer", &native.to_string()]), Ok(json!({"t": native})));
}

#[test]
fn what_does_not_fit_says_how_the_task_is_answered() {
    let single = || vec![choice(Cardinality::Single)];
    let two = || vec![choice(Cardinality::Single), choice(Cardinality::Single)];
    let cases: Vec<(Vec<Interaction>, &[&str], &str)> = vec![
        (single(), &[], "Answer with --choice N: 1 = 36; 2 = 42"),
        (single(), &["--number", "2"], "--number does not answer this: it is a choice"),
        (single(), &["--choice", "4"], "there is no option \"4\": say 1 to 3"),
        (single(), &["--choice", "0"], "there is no option"),
        (single(), &["--choice", "1,2"], "it picks 2 where one"),
        (single(), &["--choice", "1", "--answer", "{}"], "leave the others out"),
        (single(), &["--answer", "{"], "cannot be read"),
        (single(), &["--answer", r#"{"response": "number", "number": "4"}"#], "does not fit"),
        (two(), &["--choice", "1"], "the task has 2 parts"),
        (two(), &["--part", "1:choice=1"], "part p2 is not answered"),
        (two(), &["--part", "3:choice=1"], "its parts are p1, p2"),
        (two(), &["--part", "1=1"], "PART:KIND=VALUE"),
        (vec![], &["--choice", "1"], "as JSON"),
    ];
    for (parts, flags, says) in cases {
        let fault = answer(&parts, flags).expect_err(says);
        assert!(fault.contains(says), "{flags:?}: {fault}");
    }
}
