//! Problems as nobody should write them and some do: what is read in them is marked by Open edX as the reference
//! grader marks it, and what it marks in a way of its own is not read, but kept as it is.

use lms_core::grade::{grade, probes};
use lms_core::{BlockBody, Exercise, Interaction, Response};
use lms_openedx::OlxArchive;

use crate::oracle::Oracle;
use crate::{Tally, Vector, ask, of_course, only_course, problems, question};

/// Whether a problem has a neutral form.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    Neutral,
    Kept,
}
use Form::{Kept, Neutral};

/// A response: its tag, its attributes, its content.
type Odd = (Form, &'static str, &'static str, &'static str);

const CHOICES: [Odd; 22] = [
    (
        Neutral,
        "multiplechoice",
        "",
        "<choicegroup><choice correct='TRUE'>a</choice><choice correct='False'>b</choice></choicegroup>",
    ),
    (
        Neutral,
        "multiplechoice",
        "",
        "<choicegroup><choice correct=' true'>a</choice><choice correct='true'>b</choice></choicegroup>",
    ),
    (
        Neutral,
        "multiplechoice",
        "",
        "<choicegroup><choice correct='yes'>a</choice><choice correct='true'>b</choice><choice correct=''>c</choice></choicegroup>",
    ),
    (
        Neutral,
        "multiplechoice",
        "",
        "<choicegroup type='checkbox'><choice correct='true'>a</choice><choice correct='true'>b</choice><choice correct='false'>c</choice></choicegroup>",
    ),
    (
        Neutral,
        "multiplechoice",
        "",
        "<choicegroup><choice correct='false' name='x'>a</choice><choice correct='true' name='y'>b</choice></choicegroup>",
    ),
    (
        Kept,
        "multiplechoice",
        "",
        "<choicegroup><choice correct='false' name='x'>a</choice><choice correct='true' name='x'>b</choice></choicegroup>",
    ),
    (
        Kept,
        "multiplechoice",
        "",
        "<choicegroup><choice correct='false' name='0'>a</choice><choice correct='true'>b</choice></choicegroup>",
    ),
    (
        Kept,
        "multiplechoice",
        "",
        "<choicegroup><choice correct='false' name='1'>a</choice><choice correct='true'>b</choice></choicegroup>",
    ),
    (
        Kept,
        "multiplechoice",
        "",
        "<div><choicegroup><choice correct='true'>a</choice><choice correct='false'>b</choice></choicegroup></div>",
    ),
    (
        Kept,
        "multiplechoice",
        "partial_credit='points'",
        "<choicegroup><choice correct='true'>a</choice><choice correct='partial'>b</choice></choicegroup>",
    ),
    (
        Neutral,
        "choice",
        "",
        "<checkboxgroup><choice correct='yes'>a</choice><choice correct='true'>b</choice><choice correct='false'>c</choice></checkboxgroup>",
    ),
    (
        Kept,
        "choice",
        "partial_credit='EDC'",
        "<checkboxgroup><choice correct='yes'>a</choice><choice correct='true'>b</choice><choice correct='false'>c</choice></checkboxgroup>",
    ),
    (
        Kept,
        "choice",
        "partial_credit='halves'",
        "<checkboxgroup><choice correct=''>a</choice><choice correct='true'>b</choice><choice correct='false'>c</choice></checkboxgroup>",
    ),
    (
        Neutral,
        "choice",
        "partial_credit=' edc '",
        "<checkboxgroup><choice correct='TRUE' name='x'>a</choice><choice correct='False' name='x'>b</choice><choice correct='true'>c</choice></checkboxgroup>",
    ),
    (
        Kept,
        "choice",
        "partial_credit=''",
        "<checkboxgroup><choice correct='true'>a</choice><choice correct='false'>b</choice></checkboxgroup>",
    ),
    (
        Kept,
        "choice",
        "",
        "<checkboxgroup><choice correct='false'>a</choice><choice correct='false'>b</choice></checkboxgroup>",
    ),
    (
        Neutral,
        "choice",
        "",
        "<radiogroup><choice correct='false'>a</choice><choice correct='true'>b</choice></radiogroup>",
    ),
    (
        Kept,
        "choice",
        "",
        "<radiogroup><choice correct='true'>a</choice><choice correct='true'>b</choice></radiogroup>",
    ),
    (Neutral, "option", "", "<optioninput options=\"('a', 'b ','c')\" correct='b '/>"),
    (Neutral, "option", "", "<optioninput options=\"('1','1.0','01')\" correct='1'/>"),
    (
        Neutral,
        "option",
        "",
        "<optioninput><option correct='TRUE'> a  b </option><option correct='False'>c</option></optioninput>",
    ),
    (
        Kept,
        "option",
        "",
        "<optioninput><option correct='True'>a\n b</option><option correct='False'>c</option></optioninput>",
    ),
];

const TEXTS: [Odd; 16] = [
    (Neutral, "string", "answer='Ab'", "<textline/>"),
    (Neutral, "string", "answer='Ab' type='ci,regexp'", "<textline/>"),
    (Neutral, "string", "answer='a.c' type='regexp  ci'", "<textline/>"),
    (Neutral, "string", "answer='Stra&#223;e' type='ci'", "<textline/>"),
    (Neutral, "string", "answer='&#963;&#931;' type='ci'", "<textline/>"),
    (Neutral, "string", "answer='a&#10;b'", "<textline/>"),
    (Neutral, "string", "answer='a\tb\nc'", "<textline/>"),
    (Neutral, "string", "answer=' a  b '", "<textline/>"),
    (Neutral, "string", "answer='e&#769;'", "<textline/>"),
    (Neutral, "string", "answer='A_or_B' type='regexp'", "<additional_answer answer='C'/><textline/>"),
    (Neutral, "string", "answer='A_OR_B'", "<additional_answer answer='C'/><textline/>"),
    (
        Neutral,
        "string",
        "answer='A'",
        "<additional_answer answer='B_or_C'/><additional_answer>d</additional_answer><textline/>",
    ),
    (
        Neutral,
        "string",
        "answer='a' type='regexp'",
        "<additional_answer answer='b|c'/><additional_answer answer=' '/><textline/>",
    ),
    (
        Neutral,
        "string",
        "answer='a'",
        "<div><additional_answer answer='deep'/></div><textline correct_answer='b'/>",
    ),
    (Neutral, "string", "answer='$x'", "<textline/>"),
    (Kept, "string", "answer='a'", "<textline hidden='true'/>"),
];

const NUMBERS: [Odd; 20] = [
    (Neutral, "numerical", "answer='-200'", "<responseparam type='tolerance' default=' 5 % '/><textline/>"),
    (
        Neutral,
        "numerical",
        "answer='3.14'",
        "<p><responseparam type='tolerance' default='250%'/></p><textline/>",
    ),
    (Neutral, "numerical", "answer='0'", "<responseparam type='tolerance' default='5%'/><textline/>"),
    (Neutral, "numerical", "answer='1e-6'", "<responseparam default='5%'/><textline/>"),
    (
        Neutral,
        "numerical",
        "answer='+5'",
        "<responseparam type='tolerance' default='1'/><responseparam type='tolerance' default='2'/><textline/>",
    ),
    (Neutral, "numerical", "answer='6.02E23'", "<responseparam type='tolerance' default='0'/><textline/>"),
    (
        Neutral,
        "numerical",
        "answer='5'",
        "<responseparam type='tolerance' default='1'/><additional_answer answer='9'/><additional_answer answer='1e-3'/><textline/>",
    ),
    (Neutral, "numerical", "answer='[1,2)'", "<additional_answer answer='2'/><textline/>"),
    (
        Neutral,
        "numerical",
        "answer='[ -5 , -2 )'",
        "<responseparam type='tolerance' default='10%'/><textline/>",
    ),
    (Neutral, "numerical", "answer='[5,5)'", "<textline/>"),
    (Neutral, "numerical", "answer='(5,5]'", "<textline/>"),
    (Neutral, "numerical", "answer='[5,5]'", "<textline/>"),
    (Kept, "numerical", "answer='[7,5]'", "<textline/>"),
    (Kept, "numerical", "answer='[-inf,5]'", "<textline/>"),
    (Kept, "numerical", "answer='[1,2,3]'", "<textline/>"),
    (Kept, "numerical", "answer='3,14'", "<textline/>"),
    (Kept, "numerical", "answer='1e400'", "<textline/>"),
    (Kept, "numerical", "answer='5'", "<responseparam type='tolerance' default='-1'/><textline/>"),
    (Kept, "numerical", "answer='5'", "<responseparam type='tolerance' default='2k'/><textline/>"),
    (Kept, "numerical", "answer='5' partial_credit='close'", "<textline/>"),
];

const FORMULAS: [Odd; 12] = [
    (
        Neutral,
        "formula",
        "samples='X,y@1,1:5,5#10' answer='X+y' type='cs'",
        "<responseparam type='tolerance' default='1%'/><textline/>",
    ),
    (
        Neutral,
        "formula",
        "samples='x,y@1,1:5,5#10' answer='x^2+y' type='cs,ci'",
        "<responseparam type='tolerance' default='1%'/><textline/>",
    ),
    (
        Neutral,
        "formula",
        "samples='x,y@1,1:5,5#10' answer='X^2+y' type='CS'",
        "<responseparam type='tolerance' default='0.01'/><textline/>",
    ),
    (Neutral, "formula", "samples='x@5:1#4' answer='x+1'", "<textline/>"),
    (Neutral, "formula", "samples='x@0:0#4' answer='x+1'", "<textline/>"),
    (
        Neutral,
        "formula",
        "samples='x@1:3#5' answer='x||2'",
        "<responseparam type='tolerance' default='0'/><textline/>",
    ),
    (
        Neutral,
        "formula",
        "samples='x@1:3#5' answer='5%*x'",
        "<responseparam type='tolerance' default='90%'/><textline/>",
    ),
    (
        Neutral,
        "formula",
        "samples='x@1:3#5' answer='2^3^x'",
        "<responseparam type='tolerance' default='0.001%'/><textline/>",
    ),
    (Kept, "formula", "samples='x@1:5#0' answer='x+1'", "<textline/>"),
    (Kept, "formula", "samples='x,y@1:5#5' answer='x+1'", "<textline/>"),
    (Kept, "formula", "samples='x@1:5' answer='x+1'", "<textline/>"),
    (
        Kept,
        "formula",
        "samples='x@1:5#5' answer='x+1'",
        "<responseparam type='tolerance' default='1+1'/><textline/>",
    ),
];

fn all() -> impl Iterator<Item = Odd> {
    CHOICES.into_iter().chain(TEXTS).chain(NUMBERS).chain(FORMULAS)
}

/// A course of one problem for each, `o0` and so on.
fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let problem = |(n, (_, tag, attributes, content)): (usize, Odd)| {
        format!(
            "<vertical url_name=\"v{n}\"><problem url_name=\"o{n}\" display_name=\"{n}\"><{tag}response {attributes}>\
             {content}</{tag}response></problem></vertical>"
        )
    };
    let units: String = all().enumerate().map(problem).collect();
    let course = format!(
        "<course url_name=\"r\" org=\"o\" course=\"c\"><chapter url_name=\"c\"><sequential url_name=\"s\">{units}\
         </sequential></chapter></course>"
    );
    std::fs::write(folder.path().join("course.xml"), course).expect("written");
    folder
}

/// Answers that are near to right ones in ways of their own.
fn more(exercise: &Exercise) -> Vec<Response> {
    const TEXTS: [&str; 24] = [
        "Ab",
        "AB",
        "STRASSE",
        "STRAßE",
        "σς",
        "ΣΣ",
        "a\nb",
        "a b",
        "a b c",
        "a  b",
        "e\u{301}",
        "é",
        "A",
        "B",
        "C",
        "A_or_B",
        "A_OR_B",
        "B_or_C",
        "d",
        "deep",
        "b|c",
        "\u{a0}A\u{2003}",
        "\u{200b}A",
        "$x",
    ];
    const NUMBERS: [&str; 14] = [
        "-190", "-189.9", "-0", "6.99", "5", "4.999", "9", "1e-3", "2", "-5", "-2", "1.05e-6", "10.99", "11",
    ];
    match &exercise.interaction {
        Interaction::TextEntry(_) => TEXTS.map(Response::text).into(),
        Interaction::Numeric(_) => NUMBERS.map(Response::number).into(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn what_is_marked_in_a_way_of_its_own_is_kept_as_it_is() {
    let folder = written();
    let archive = OlxArchive::open(folder.path()).expect("an archive");
    let content = only_course(&archive).await.expect("a course");
    let steps: Vec<_> = content.course.steps().collect();
    assert_eq!(steps.len(), all().count());
    for (odd, step) in all().zip(steps) {
        let form = match step.blocks.iter().any(|block| matches!(block.body, BlockBody::Foreign(_))) {
            true => Kept,
            false => Neutral,
        };
        assert_eq!(form, odd.0, "{odd:?}: {:?}", step.blocks);
        let exercises = step.blocks.iter().filter_map(|block| block.exercise());
        assert!(exercises.into_iter().all(|exercise| !probes(exercise).is_empty()), "{odd:?} can be tried");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_problems_are_marked_as_read() {
    let Some(oracle) = Oracle::find() else { return };
    let folder = written();
    let archive = OlxArchive::open(folder.path()).expect("an archive");
    let content = only_course(&archive).await.expect("a course");
    let (mut questions, mut vectors) = of_course("odd", &content.course);
    let all = problems(&content.course);
    for (problem, inputs) in &all {
        for (short, exercise, _) in inputs {
            for response in more(exercise) {
                questions.push(question(&all, problem, short, &response));
                let expected = grade(exercise, &response).expect("a mark");
                let label = format!("{problem} {short}");
                vectors.push(Vector {
                    course: "odd".into(),
                    label,
                    exercise: exercise.clone(),
                    response,
                    expected,
                });
            }
        }
    }
    let (said, possible) = ask(&oracle, folder.path(), &questions, &vectors);
    let mut tally = Tally::default();
    for (vector, said) in vectors.iter().zip(said) {
        tally.add(vector, said);
    }
    tally.points("odd", &content.course, &possible);
    tally.report("odd problems");
    assert!(tally.wrong.is_empty(), "{} disagree:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
    assert!(tally.agreed > 700, "{} agreed", tally.agreed);
}
