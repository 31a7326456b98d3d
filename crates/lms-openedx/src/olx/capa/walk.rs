//! Going through a problem: text is gathered until an input comes, and becomes its prompt.

use lms_core::{Exercise, Markup, Scoring};

use super::{Context, NoNeutralForm, Piece, Problem, plain_value, responses};
use crate::convert::markup::to_neutral;
use crate::convert::xhtml::{close_tag, html_of, open_tag};
use crate::olx::xml::{Element, Node};

/// The inputs whose answers have a neutral form.
const INPUTS: [&str; 8] = [
    "choicegroup",
    "radiogroup",
    "checkboxgroup",
    "optioninput",
    "textline",
    "formulaequationinput",
    "textbox",
    "filesubmission",
];

/// Elements whose presence means that a program or another widget decides.
const OPAQUE: [&str; 25] = [
    "script",
    "include",
    "schematic",
    "crystallography",
    "radiotextgroup",
    "checkboxtextgroup",
    "choicetextgroup",
    "vsepr",
    "vsepr_input",
    "jsinput",
    "javascriptinput",
    "imageinput",
    "annotationinput",
    "drag_and_drop_input",
    "designprotein2dinput",
    "editageneinput",
    "editamoleculeinput",
    "chemicalequationinput",
    "jsmeinput",
    "targetedfeedbackset",
    "targetedfeedback",
    "solutionset",
    "hintgroup",
    "matlabinput",
    "polymorph",
];

/// Children of a response that are not text.
const MACHINERY: [&str; 10] = [
    "responseparam",
    "additional_answer",
    "correcthint",
    "stringequalhint",
    "regexphint",
    "codeparam",
    "answer",
    "demandhint",
    "endouttext",
    "startouttext",
];

/// Names that capa puts a value in for, script or not.
const CONTEXT_NAMES: [&str; 5] =
    ["$seed", "$anonymous_student_id", "$script_code", "$python_path", "$extra_files"];

/// Whether capa would put a value of its own into a text.
pub(crate) fn uses_context(text: &str) -> bool {
    context_at(text).is_some()
}

/// Where capa would put a value of its own into a text: the first `$` of such a name.
pub(crate) fn context_at(text: &str) -> Option<usize> {
    if !text.contains('$') {
        return None;
    }
    CONTEXT_NAMES.iter().filter_map(|name| text.find(name)).min()
}

/// Reads a problem's definition.
///
/// # Errors
/// Why it has no neutral form; it is then kept as it is.
pub(crate) fn read(problem: &Element, context: &Context<'_>) -> Result<Problem, NoNeutralForm> {
    let all = problem.descendants();
    for element in &all {
        let name = element.name.as_str();
        if OPAQUE.contains(&name) {
            return Err(NoNeutralForm(format!("it holds <{name}>")));
        }
        if name.ends_with("response") && !responses::KNOWN.contains(&name) {
            return Err(NoNeutralForm(format!("<{name}> has no neutral form")));
        }
        if element.attributes.iter().any(|(_, value)| uses_context(value))
            || element.children.iter().filter_map(Node::text).any(uses_context)
        {
            return Err(NoNeutralForm("it uses variables of the platform".into()));
        }
    }
    let mut walk = Walk {
        context,
        pieces: Vec::new(),
        lost: Vec::new(),
        html: String::new(),
        open: Vec::new(),
        response: None,
        responses: 0,
    };
    walk.nodes(&problem.children)?;
    walk.finish(problem)
}

struct Walk<'a> {
    context: &'a Context<'a>,
    pieces: Vec<Piece>,
    lost: Vec<String>,
    /// Text since the last input.
    html: String,
    /// Start tags of the elements that are open, to be opened again behind an input.
    open: Vec<(String, String)>,
    /// The response around, its number, and how many inputs of it have come.
    response: Option<(&'a Element, usize, usize)>,
    responses: usize,
}

impl<'a> Walk<'a> {
    fn nodes(&mut self, nodes: &'a [Node]) -> Result<(), NoNeutralForm> {
        for node in nodes {
            match node {
                Node::Element(element) => self.element(element)?,
                other => self.html.push_str(&html_of(std::slice::from_ref(other))),
            }
        }
        Ok(())
    }

    fn element(&mut self, element: &'a Element) -> Result<(), NoNeutralForm> {
        let name = element.name.as_str();
        if responses::KNOWN.contains(&name) {
            if self.response.is_some() {
                return Err(NoNeutralForm("a response stands in another".into()));
            }
            // Answers are numbered from 2 (reference openedx.md 3.10).
            self.responses += 1;
            self.response = Some((element, self.responses + 1, 0));
            let before = self.exercises();
            self.nodes(&element.children)?;
            if self.exercises() == before {
                return Err(NoNeutralForm(format!("<{name}> has no input")));
            }
            self.response = None;
            return Ok(());
        }
        if INPUTS.contains(&name) {
            return self.input(element);
        }
        match name {
            "solution" => {
                let text = self.neutral(&html_of(&element.children));
                self.explain(text);
            }
            "demandhint" => {}
            _ if self.response.is_some() && MACHINERY.contains(&name) => {}
            "label" | "description" if self.response.is_some() => {
                self.html.push_str(&html_of(&element.children));
                self.html.push('\n');
            }
            _ if element.descendants().iter().any(|e| {
                INPUTS.contains(&e.name.as_str())
                    || responses::KNOWN.contains(&e.name.as_str())
                    || e.name == "solution"
            }) =>
            {
                if name == "table" || name == "tr" {
                    self.lose("the table around the inputs: each keeps its own part of the text");
                }
                let tag = open_tag(element);
                self.html.push_str(&tag);
                self.open.push((tag, element.name.clone()));
                self.nodes(&element.children)?;
                self.open.pop();
                self.html.push_str(&close_tag(name));
            }
            _ => self.html.push_str(&html_of(std::slice::from_ref(&Node::Element(element.clone())))),
        }
        Ok(())
    }

    fn input(&mut self, input: &'a Element) -> Result<(), NoNeutralForm> {
        let Some((response, number, inputs)) = &mut self.response else {
            return Err(NoNeutralForm(format!("<{}> outside a response", input.name)));
        };
        *inputs += 1;
        let name = format!("{number}_{inputs}");
        if *inputs > 1 && response.name != "optionresponse" {
            return Err(NoNeutralForm(format!("<{}> with several inputs", response.name)));
        }
        // For all but coderesponse capa gives 1 point and counts `points` at most: full marks are out of reach.
        if input.get("points").is_some_and(|points| points.trim() != "1") {
            return Err(NoNeutralForm("an input with its own points".into()));
        }
        let response = *response;
        let neutral = |html: &str| to_neutral(html, self.context.statics);
        let read = responses::read(response, input, &neutral)?;
        self.lost.extend(read.lost);
        let mut prompt = self.flush();
        if let Some(label) = input.get("label").filter(|label| prompt.is_empty() && !label.trim().is_empty())
        {
            prompt = Markup::from_text(label);
        }
        let mut exercise = Exercise::new(self.context.task.clone(), prompt, read.interaction);
        exercise.key = read.key;
        exercise.grader = read.grader;
        exercise.feedback = read.feedback;
        exercise.scoring = Scoring { points: 1.0, credit: read.credit, attempts: None };
        self.pieces.push(Piece::Exercise { input: name, exercise: Box::new(exercise) });
        Ok(())
    }

    fn exercises(&self) -> usize {
        self.pieces.iter().filter(|piece| matches!(piece, Piece::Exercise { .. })).count()
    }

    fn neutral(&self, html: &str) -> Markup {
        to_neutral(html.trim(), self.context.statics)
    }

    /// The text gathered so far, whole in itself.
    fn flush(&mut self) -> Markup {
        let closing: String = self.open.iter().rev().map(|(_, name)| close_tag(name)).collect();
        let html = std::mem::take(&mut self.html) + &closing;
        self.html = self.open.iter().map(|(tag, _)| tag.as_str()).collect();
        let markup = self.neutral(&html);
        if is_visible(&markup) { markup } else { Markup::default() }
    }

    fn explain(&mut self, text: Markup) {
        let last = self.pieces.iter_mut().rev().find_map(|piece| match piece {
            Piece::Exercise { exercise, .. } => Some(exercise),
            Piece::Text(_) => None,
        });
        match last {
            Some(exercise) => exercise.feedback.explanation = exercise.feedback.explanation.then(&text),
            None if text.is_empty() => {}
            None => self.lose("a solution that stands before the question"),
        }
    }

    fn lose(&mut self, what: &str) {
        if !self.lost.iter().any(|known| known == what) {
            self.lost.push(what.to_owned());
        }
    }

    fn finish(mut self, problem: &Element) -> Result<Problem, NoNeutralForm> {
        let rest = self.flush();
        if !rest.is_empty() || self.pieces.is_empty() {
            self.pieces.push(Piece::Text(rest));
        }
        let inputs = self.exercises();
        let points = weight(problem)?.unwrap_or(inputs as f64) / inputs.max(1) as f64;
        let attempts = match problem.get("max_attempts").map(plain_value) {
            None => self.context.attempts,
            Some("null" | "") => None,
            Some(number) => match number.parse::<u32>() {
                Ok(number) => Some(number),
                Err(_) => return Err(NoNeutralForm(format!("max_attempts is {number}"))),
            },
        };
        let mut hints: Vec<Markup> = problem
            .descendants()
            .iter()
            .filter(|element| element.name == "demandhint")
            .flat_map(|demand| demand.named("hint"))
            .map(|hint| self.neutral(&html_of(&hint.children)))
            .collect();
        for piece in &mut self.pieces {
            if let Piece::Exercise { exercise, .. } = piece {
                exercise.scoring.points = points;
                exercise.scoring.attempts = attempts;
                exercise.hints = std::mem::take(&mut hints);
            }
        }
        Ok(Problem { pieces: self.pieces, lost: self.lost })
    }
}

fn weight(problem: &Element) -> Result<Option<f64>, NoNeutralForm> {
    match problem.get("weight").map(plain_value) {
        None | Some("null" | "") => Ok(None),
        Some(text) => match text.parse::<f64>() {
            Ok(weight) if weight.is_finite() && weight >= 0.0 => Ok(Some(weight)),
            _ => Err(NoNeutralForm(format!("its weight is {text}"))),
        },
    }
}

/// Whether there is anything to see: words, or something that shows without words.
fn is_visible(markup: &Markup) -> bool {
    const SHOWN: [&str; 8] = ["<img", "<video", "<audio", "<iframe", "<object", "<embed", "<svg", "<hr"];
    SHOWN.iter().any(|tag| markup.html().contains(tag)) || !markup.plain().is_empty()
}
