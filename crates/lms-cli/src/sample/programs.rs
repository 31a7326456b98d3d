//! Section three: programs that measure.

use lms_core::{
    Block, Cardinality, CodeInteraction, CodeLanguage, CodeSample, CodeTest, FileUploadInteraction,
    Interaction, Key, Section, TextRule,
};

use super::build::{choice, entry, exercise, lesson, number, section_of, text};

pub(super) fn section() -> Section {
    section_of(
        "programs",
        "Programs that measure",
        vec![
            lesson(
                "mean",
                "The mean",
                vec![
                    text(
                        "mean-text",
                        "<p>The mean of <span class=\"math inline\">\\(n\\)</span> readings is</p><p><span class=\"math display\">\\[\\bar{x} = \\frac{1}{n}\\sum_{i=1}^{n} x_i\\]</span></p><pre><code>print(sum(readings) / len(readings))</code></pre>",
                    ),
                    code(
                        "sum",
                        "<p>Read two numbers and print their sum.</p>",
                        "import sys\n",
                        &[("1 2\n", "3\n"), ("10 -4\n", "6\n"), ("0 0\n", "0\n")],
                        "a, b = map(int, input().split())\nprint(a + b)\n",
                    ),
                    number("mean-value", "<p>The mean of 11.5, 14.0 and 18.0?</p>", &[("14.5", "0.001")]),
                    entry(
                        "function",
                        "<p>Which built-in function of Python adds up a list? (The name alone.)</p>",
                        &[(r"sum(\(\))?", TextRule::Regex, true)],
                    ),
                    choice(
                        "median",
                        "<p>Which is less disturbed by one wild reading?</p>",
                        Cardinality::Single,
                        &[("the mean", false), ("the median", true)],
                    ),
                ],
            ),
            lesson(
                "report",
                "Handing in",
                vec![
                    text(
                        "report-text",
                        "<p>Measure the temperature for a day and hand in what you found, with <a href=\"step:step-tolerance\">how exact it is</a>.</p><blockquote><p>Measure what can be measured.</p></blockquote>",
                    ),
                    exercise(
                        "upload",
                        "<p>Hand in your readings as a file.</p>",
                        Interaction::FileUpload(FileUploadInteraction {
                            extensions: vec![".csv".into(), ".txt".into()],
                            max_bytes: Some(65_536),
                        }),
                        Some(Key::Any),
                        2.0,
                    ),
                    choice(
                        "honest",
                        "<p>What belongs in a report?</p>",
                        Cardinality::Multiple,
                        &[("the method", true), ("the errors", true), ("only the good readings", false)],
                    ),
                    number(
                        "percent",
                        "<p>20.0 was read as 19.6. How many percent off is that?</p>",
                        &[("2", "0.01")],
                    ),
                    code(
                        "max",
                        "<p>Read numbers, one a line, and print the largest.</p>",
                        "",
                        &[("3\n9\n4\n", "9\n"), ("-5\n-7\n", "-5\n")],
                        "import sys\nprint(max(int(line) for line in sys.stdin if line.strip()))\n",
                    ),
                ],
            ),
        ],
    )
}

fn code(id: &str, prompt: &str, template: &str, tests: &[(&str, &str)], solution: &str) -> Block {
    let interaction = Interaction::Code(CodeInteraction {
        languages: vec![CodeLanguage {
            name: "python3".into(),
            template: template.into(),
            header: String::new(),
            footer: String::new(),
            seconds: None,
            megabytes: None,
        }],
        samples: tests
            .first()
            .map(|(input, output)| CodeSample { input: (*input).into(), output: (*output).into() })
            .into_iter()
            .collect(),
        seconds: Some(5.0),
        megabytes: Some(256.0),
        ..CodeInteraction::default()
    });
    let tests = tests
        .iter()
        .map(|(input, output)| CodeTest { input: (*input).into(), output: (*output).into() })
        .collect();
    let key = Key::Code { tests, checker: None, solution: Some(solution.into()) };
    exercise(id, prompt, interaction, Some(key), 3.0)
}
