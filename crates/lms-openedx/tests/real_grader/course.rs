//! A course with every kind of exercise that can be marked by its key.

use lms_core::*;

fn options(texts: &[&str]) -> Vec<ChoiceOption> {
    texts.iter().map(|text| ChoiceOption::new(*text)).collect()
}

fn choice(texts: &[&str], cardinality: Cardinality, correct: &[usize]) -> Exercise {
    let interaction = Interaction::Choice(ChoiceInteraction {
        cardinality,
        options: options(texts),
        shuffle: false,
        shown: None,
    });
    exercise(interaction, Key::Choice { correct: correct.iter().copied().collect() })
}

pub(crate) fn exercise(interaction: Interaction, key: Key) -> Exercise {
    Exercise::new("", Markup::from_html("<p>What is right?</p>"), interaction).with_key(key)
}

fn several(texts: &[&str], correct: &[usize], credit: Credit) -> Exercise {
    let mut exercise = choice(texts, Cardinality::Multiple, correct);
    exercise.scoring.credit = credit;
    exercise
}

fn dropdown(texts: &[&str], correct: &[usize]) -> Exercise {
    let interaction = Interaction::InlineChoice(InlineChoiceInteraction { options: options(texts) });
    exercise(interaction, Key::Choice { correct: correct.iter().copied().collect() })
}

fn accept(text: &str, rule: TextRule, case_sensitive: bool) -> TextAccept {
    TextAccept { text: text.into(), rule, case_sensitive }
}

fn text(accept: Vec<TextAccept>) -> Exercise {
    exercise(Interaction::TextEntry(TextEntryInteraction::default()), Key::Text { accept })
}

fn value(value: &str, tolerance: Tolerance) -> NumberAccept {
    NumberAccept::Value { value: value.into(), tolerance }
}

fn by(by: &str) -> Tolerance {
    Tolerance::Absolute { by: by.into() }
}

fn percent(by: &str) -> Tolerance {
    Tolerance::Percent { by: by.into() }
}

fn range(low: &str, high: &str, includes_low: bool, includes_high: bool) -> NumberAccept {
    NumberAccept::Range { low: low.into(), high: high.into(), includes_low, includes_high }
}

fn number(accept: Vec<NumberAccept>) -> Exercise {
    exercise(Interaction::Numeric(NumericInteraction::default()), Key::Number { accept })
}

fn formula(
    answer: &str,
    variables: &[(&str, f64, f64)],
    tolerance: Tolerance,
    case_sensitive: bool,
) -> Exercise {
    let variables = variables.iter().map(|(name, low, high)| SampledVariable {
        name: (*name).into(),
        low: *low,
        high: *high,
    });
    exercise(
        Interaction::Formula(FormulaInteraction::default()),
        Key::Formula {
            answer: answer.into(),
            variables: variables.collect(),
            samples: 5,
            tolerance,
            case_sensitive,
        },
    )
}

fn choices() -> Vec<Exercise> {
    use Cardinality::{Multiple, Single};
    let mut mixed = choice(&["one", "two", "three", "four"], Single, &[2]);
    let mut pool = choice(&["one", "two", "three", "four"], Single, &[2]);
    if let (Interaction::Choice(mixed), Interaction::Choice(pool)) =
        (&mut mixed.interaction, &mut pool.interaction)
    {
        mixed.shuffle = true;
        pool.shown = Some(4);
    }
    let mut said = choice(&["a", "b"], Single, &[0]);
    said.feedback.correct = Markup::from_html("<p>Well <b>done</b> &amp; so</p>");
    said.hints = vec![Markup::from_html("<p>Think</p>")];
    let mut every = choice(&["a", "b", "c"], Single, &[0]);
    every.key = Some(Key::Any);
    vec![
        choice(&["36", "42", "48"], Single, &[1]),
        choice(
            &["a &lt; b", "<i>x</i> &amp; y", "<span class=\"math inline\">\\(x_1\\)</span>", "it's"],
            Single,
            &[3],
        ),
        choice(&["a", "b", "c", "d"], Single, &[1, 3]),
        choice(&["same", "same", "other"], Single, &[1]),
        mixed,
        pool,
        said,
        every,
        choice(&["a", "b", "c", "d"], Multiple, &[0, 2]),
        several(&["a", "b", "c", "d"], &[0, 2], Credit::EveryDecision),
        several(&["a", "b", "c", "d"], &[0, 1, 2], Credit::Halves),
        several(&["a", "b", "c"], &[0, 1, 2], Credit::EveryDecision),
        several(&["a", "b", "c"], &[1], Credit::PerPart),
        several(&["a", "b", "c"], &[], Credit::AllOrNothing),
        several(&["a", "b", "c", "d", "e"], &[3], Credit::Halves),
        dropdown(&["red", "green", "blue"], &[1]),
        dropdown(&["it's", "a, b", "(c)", "x < y & z", "ä"], &[3]),
        dropdown(&["$9", "100%", "#1", "a|b"], &[2]),
        dropdown(&["-1", "+1", "1.0", "1"], &[3]),
        choice(
            &["$9", "$x", "<code>a$b</code>", "<img src=\"https://example.org/x.png\" alt=\"x\">"],
            Single,
            &[0],
        ),
        choice(&["  a  ", "", "c"], Single, &[0]),
        dropdown(&["'90s", "two\\three", "\"quoted\""], &[0]),
        dropdown(&["red", "green", "blue"], &[0, 2]),
        dropdown(&["red", "red", "blue"], &[0]),
        dropdown(&["<b>red</b>", "red"], &[0]),
    ]
}

fn texts() -> Vec<Exercise> {
    use TextRule::{Exact, Regex, RegexSearch, Substring};
    let mut any = text(vec![]);
    any.key = Some(Key::Any);
    let one = |t: &str, rule, case| text(vec![accept(t, rule, case)]);
    vec![
        one("Paris", Exact, true),
        one("Paris", Exact, false),
        one("Straße", Exact, false),
        one("a.b*c (d) [e] ^f$ |g\\h", Exact, true),
        one("\"quoted\" & <tagged> 'it'", Exact, false),
        one("red_or_blue", Exact, true),
        one("  padded  ", Exact, true),
        one("two  spaces", Exact, false),
        one("-", Exact, true),
        one("costs $5 or $x, 100% #1", Exact, true),
        one("~`!@&nbsp;%{}/\\ \u{a0}end", Exact, false),
        one("İstanbul ß ﬁ", Exact, false),
        one("naïve — “quoted” …", Exact, true),
        one("línea\u{301}", Exact, false),
        one("(?:", Exact, false),
        one("^", Substring, true),
        one("\\", Substring, true),
        one("\\bword\\b", RegexSearch, false),
        one("[[:alpha:]]|x{2}", Regex, true),
        one("(a)(b)\\2", Regex, true),
        one("\\$5", Regex, true),
        one("", Exact, true),
        text(vec![accept("a", Exact, true), accept("a", Exact, false)]),
        text(vec![accept("(", Exact, false), accept(")", Substring, true), accept("|", Exact, true)]),
        text(vec![accept("x+", Regex, false), accept("(?i)y|z", RegexSearch, true)]),
        text(vec![
            accept("Lyon", Exact, false),
            accept("Marseille", Exact, false),
            accept("Nice", Exact, false),
        ]),
        text(vec![accept("Lyon", Exact, true), accept("nice", Exact, false)]),
        text(vec![accept("this or that", Exact, true), accept("a_or_b", Exact, true)]),
        one("photo", Substring, false),
        one("a+b", Substring, true),
        one("[a-c]+\\d{2,3}", Regex, true),
        one("cat|dog", Regex, true),
        one("^cat|dog$", Regex, false),
        one("(?i)yes", Regex, true),
        one("colou?r", RegexSearch, false),
        one("cat|dog", RegexSearch, true),
        text(vec![
            accept("cat|dog", Regex, true),
            accept("bird", Exact, false),
            accept("fish", Substring, true),
        ]),
        any,
    ]
}

fn numbers() -> Vec<Exercise> {
    let mut any = number(vec![]);
    any.key = Some(Key::Any);
    let mut unit = number(vec![value("9.81", by("0.05"))]);
    unit.interaction = Interaction::Numeric(NumericInteraction { suffix: "m/s²".into() });
    vec![
        number(vec![value("42", Tolerance::none())]),
        number(vec![value("3.14", by("0.01"))]),
        number(vec![value("-2.5", percent("10"))]),
        number(vec![value("100", percent("5"))]),
        number(vec![value("0", by("0.001"))]),
        number(vec![value("0", percent("10"))]),
        number(vec![value("1.6e-19", percent("2"))]),
        number(vec![value("6.02E23", percent("1"))]),
        number(vec![value("0.1", by("0.2"))]),
        number(vec![value("1000000", by("1"))]),
        number(vec![value("0.333", by("0.0005"))]),
        number(vec![range("1", "5", true, true)]),
        number(vec![range("1", "5", false, false)]),
        number(vec![range("-1.5", "2.5e2", true, false)]),
        number(vec![range("0", "1", false, true)]),
        number(vec![value("+5", by("0.5"))]),
        number(vec![value(".5", percent("1"))]),
        number(vec![value("5.", by("1e-3"))]),
        number(vec![value("-1e3", percent("0.1"))]),
        number(vec![value("123456789.123456789", percent("0.0001"))]),
        number(vec![value("1e-12", by("1e-13"))]),
        number(vec![range("-5", "-1", true, true)]),
        number(vec![range("1e-3", "1E3", true, false)]),
        number(vec![value("3", by("0.5")), value("5", by("0.5"))]),
        number(vec![value("2", Tolerance::none()), value("-2", Tolerance::none())]),
        number(vec![value("7", by("0.5")), value("11", Tolerance::none())]),
        number(vec![range("1", "2", true, true), value("9", Tolerance::none())]),
        unit,
        any,
    ]
}

fn formulas() -> Vec<Exercise> {
    let x = [("x", 1.0, 3.0)];
    let xy = [("x", 1.0, 3.0), ("y", -2.0, 2.0)];
    vec![
        formula("x^2+2*x+1", &x, percent("1"), false),
        formula("(x+1)^2", &x, by("0.001"), true),
        formula("x*y-sin(x)", &xy, percent("0.1"), false),
        formula("sqrt(x)/2", &x, by("0.0001"), false),
        formula("m*c^2", &[("m", 1.0, 10.0), ("c", 1.0, 10.0)], percent("1"), true),
        formula("X+x", &[("x", 1.0, 2.0), ("X", 5.0, 6.0)], by("0.01"), true),
        formula("ln(x)+exp(x)", &x, percent("1"), false),
        formula("2", &[], by("0.01"), false),
        formula("-x^2", &x, by("0.001"), false),
        formula("x^-1+2^x^0.5", &x, percent("1"), false),
        formula("pi*x+e", &x, percent("0.5"), false),
        formula("arctan(x)+log10(x)+log2(x)+abs(-x)", &x, percent("0.5"), false),
        formula("sin(pi*x)^2+cos(pi*x)^2", &x, by("0.01"), false),
        formula("R_1*R_2/(R_1+R_2)", &[("R_1", 1.0, 9.0), ("R_2", 1.0, 9.0)], percent("1"), true),
        formula("r1||r2", &[("r1", 1.0, 9.0), ("r2", 1.0, 9.0)], percent("1"), false),
        formula("fact(3)*x", &x, percent("1"), false),
        formula("A+b", &[("A", 1.0, 2.0), ("b", 3.0, 4.0)], by("0.01"), false),
        formula("1.5e3*x", &x, percent("1"), false),
        // As Stepik's authors spell them.
        formula("x**2*-x + E**-x", &x, percent("1"), true),
        formula("log(x)/asin(x/4) - acosh(x+2)", &x, percent("1"), true),
        formula("Sqrt(x)*PI/2^-x", &x, percent("1"), true),
    ]
}

fn structures() -> Vec<Exercise> {
    let entry = || GapSegment::Entry;
    let words = |text: &str| GapSegment::Text { markup: Markup::from_html(text) };
    let list =
        |texts: &[&str]| GapSegment::Choice { options: texts.iter().map(|t| (*t).to_owned()).collect() };
    let mut all = Vec::new();
    for credit in [Credit::PerPart, Credit::AllOrNothing] {
        let segments = vec![
            words("The "),
            entry(),
            words(" is "),
            list(&["big", "small"]),
            words(" and "),
            entry(),
            words("."),
        ];
        let gaps = vec![
            GapAccept::Text { accept: vec![accept("cat", TextRule::Exact, false)] },
            GapAccept::Choice { correct: [1].into() },
            GapAccept::Text { accept: vec![accept("\\d+", TextRule::Regex, true)] },
        ];
        let pairs = MatchInteraction {
            sources: vec!["France".into(), "Italy".into(), "Nowhere".into()],
            targets: vec!["Paris".into(), "Rome".into(), "Oslo".into()],
            shuffle_sources: false,
        };
        let targets = vec![[0].into(), [1].into(), [].into()];
        let items = vec!["second".into(), "first".into(), "third".into()];
        let rows = vec!["bread".into(), "milk".into()];
        let columns: Vec<Markup> = vec!["food".into(), "drink".into(), "neither".into()];
        let table = |cardinality| TableInteraction {
            description: Markup::default(),
            rows: rows.clone(),
            columns: columns.clone(),
            cardinality,
            shuffle_rows: false,
            shuffle_columns: false,
            shown: None,
        };
        let made = [
            (Interaction::Gap(GapInteraction { segments }), Key::Gaps { gaps }),
            (Interaction::Match(pairs), Key::Match { targets }),
            (Interaction::Order(OrderInteraction { items }), Key::Order { order: vec![1, 0, 2] }),
            (
                Interaction::Table(table(Cardinality::Single)),
                Key::Table { rows: vec![[0].into(), [1].into()] },
            ),
            (
                Interaction::Table(table(Cardinality::Multiple)),
                Key::Table { rows: vec![[0, 1].into(), [1].into()] },
            ),
        ];
        for (interaction, key) in made {
            let mut exercise = exercise(interaction, key);
            exercise.scoring.credit = credit;
            all.push(exercise);
        }
    }
    all
}

/// A course with one step for each exercise.
pub(crate) fn of(exercises: impl IntoIterator<Item = Exercise>) -> Course {
    let mut lesson = Lesson::new("lesson", "Everything");
    for (n, mut exercise) in exercises.into_iter().enumerate() {
        let id = format!("e{n:03}");
        exercise.task = id.as_str().into();
        let mut step = Step::new(format!("s{n:03}"), format!("Step {n}"));
        step.blocks.push(Block::new(id, BlockBody::Exercise(exercise.into())));
        lesson.steps.push(step);
    }
    let mut section = Section::new("section", "Section");
    section.lessons.push(lesson);
    let mut course = Course::new("course-v1:Tests+Everything+1", "Everything");
    course.sections.push(section);
    course
}

/// One step for each exercise, then one step with several of one task.
pub(crate) fn every_interaction() -> Course {
    let groups = [choices(), texts(), numbers(), formulas(), structures()];
    let mut course = of(groups.into_iter().flatten());
    let mut step = Step::new("together", "Together");
    let together = [
        choices().swap_remove(0),
        texts().swap_remove(1),
        numbers().swap_remove(1),
        formulas().swap_remove(0),
    ];
    for (n, mut exercise) in together.into_iter().enumerate() {
        exercise.task = "together".into();
        exercise.scoring.points = 2.0;
        step.blocks.push(Block::new(format!("t{n}"), BlockBody::Exercise(exercise.into())));
    }
    course.sections[0].lessons[0].steps.push(step);
    course
}
