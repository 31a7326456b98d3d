//! The HTML of a problem, with the ids and classes that clients and scripts read (reference openedx.md 3.10,
//! recordings `problems`).

use std::fmt::Write as _;

use super::attempt::Attempt;
use super::choice;
use super::grade::Correctness;
use super::problem::{Answer, Input, Problem, Response, is_input, is_response};
use crate::openedx::xml::{Element, Node};

/// What a rendering depends on beside the problem and the attempt.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) usage: String,
    pub(crate) title: String,
    pub(crate) weight: Option<f64>,
    pub(crate) max_attempts: Option<u32>,
    /// Whether marks may be seen.
    pub(crate) show_correctness: bool,
    pub(crate) can_submit: bool,
    pub(crate) can_reset: bool,
    pub(crate) can_show: bool,
    /// Asset addresses are `/asset-v1:…@` in front of a name.
    pub(crate) assets: String,
}

/// The value of `html` and `contents`.
pub(crate) fn render(problem: &Problem, attempt: &Attempt, view: &View) -> String {
    let block = escape(&problem.block);
    let usage = escape(&view.usage);
    let title = escape(&view.title);
    let mut page = Page { problem, attempt, view, response: 0, out: String::new() };
    page.nodes(&problem.element.children);
    let body = page.out.replace("\"/static/", &format!("\"{}", view.assets));
    let mut out = format!(
        "\n<h3 class=\"hd hd-3 problem-header\" id=\"{block}-problem-title\" aria-describedby=\"{usage}-problem-progress\" \
         tabindex=\"-1\">\n  {title}\n</h3>\n\n<div class=\"problem-progress\" id=\"{usage}-problem-progress\"></div>\n\n\
         <div class=\"problem\">\n  <div>{body}</div>\n  <div class=\"action\">\n    \
         <input type=\"hidden\" name=\"problem_id\" value=\"{title}\" />\n    <div class=\"problem-action-buttons-wrapper\">\n"
    );
    let buttons = [
        (!problem.hints().is_empty(), "hint-button", "Hint"),
        (view.can_reset, "reset", "Reset"),
        (view.can_show, "show", "Show answer"),
    ];
    for (_, class, label) in buttons.into_iter().filter(|(shown, _, _)| *shown) {
        let _ = writeln!(
            out,
            "      <span class=\"problem-action-button-wrapper\"><button type=\"button\" class=\"{class} problem-action-btn \
             btn-link btn-small\" data-value=\"{label}\">{label}</button></span>"
        );
    }
    let used = view.max_attempts.map_or_else(String::new, |max| {
        let noun = if max == 1 { "attempt" } else { "attempts" };
        format!("You have used {} of {max} {noun}", attempt.attempts)
    });
    let (enabled, disabled) = if view.can_submit { ("True", "") } else { ("False", "disabled") };
    let _ = write!(
        out,
        "    </div>\n    <div class=\"submit-attempt-container\">\n      <button type=\"button\" class=\"submit btn-brand\" \
         data-submitting=\"Submitting\" data-value=\"Submit\" data-should-enable-submit-button=\"{enabled}\" \
         aria-describedby=\"submission_feedback_{block}\" {disabled}>\n          <span class=\"submit-label\">Submit</span>\n      \
         </button>\n      <div class=\"submission-feedback \" id=\"submission_feedback_{block}\">\n        {used}\n        \
         <span class=\"sr\">Some problems have options such as save, reset, hints, or show answer. These options follow \
         the Submit button.</span>\n      </div>\n    </div>\n  </div>\n{}</div>\n",
        summary(problem, attempt, view)
    );
    out
}

/// `correct_status_html` of `problem_show`.
pub(crate) fn status_html() -> &'static str {
    "<span class=\"status correct\"\n      data-tooltip=\"This answer is correct.\">\n  <span class=\"sr\">correct</span>\
     <span class=\"status-icon\" aria-hidden=\"true\"></span>\n</span>\n"
}

fn summary(problem: &Problem, attempt: &Attempt, view: &View) -> String {
    if !attempt.done || attempt.saved || attempt.is_queued() {
        return String::new();
    }
    let (earned, possible) = attempt.score(problem, view.weight);
    let noun = if possible == 1.0 { "point" } else { "points" };
    let (class, icon, word) = match (view.show_correctness, earned) {
        (false, _) => ("general", "fa-info-circle", None),
        (true, earned) if earned >= possible => ("success", "fa-check", Some("Correct")),
        (true, earned) if earned > 0.0 => ("success", "fa-asterisk", Some("Partially correct")),
        (true, _) => ("error", "fa-close", Some("Incorrect")),
    };
    let text = match word {
        Some(word) => format!("{word} ({}/{} {noun})", number(earned), number(possible)),
        None => "Answer submitted.".into(),
    };
    format!(
        "<div class=\"notification {class} notification-submit\n      \"\n     tabindex=\"-1\">\n    \
         <span class=\"icon fa {icon}\" aria-hidden=\"true\"></span>\n    <span class=\"notification-message\" \
         aria-describedby=\"{}-problem-title\">{text}\n    </span>\n</div>\n",
        escape(&problem.block)
    )
}

fn number(value: f64) -> String {
    format!("{value}")
}

struct Page<'a> {
    problem: &'a Problem,
    attempt: &'a Attempt,
    view: &'a View,
    /// Responses passed so far.
    response: usize,
    out: String,
}

impl Page<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(&escape(text)),
                Node::Comment(_) => {}
                Node::Element(element) => self.element(element),
            }
        }
    }

    fn element(&mut self, element: &Element) {
        match element.name.as_str() {
            // Nothing of these reaches a learner before the answer is shown.
            "script" | "demandhint" | "startouttext" | "endouttext" => {}
            "solution" => {
                let id = format!("{}_solution_1", self.problem.block);
                let _ = write!(
                    self.out,
                    "<div class=\"solution-span\"><span id=\"solution_{}\"/></div>",
                    escape(&id)
                );
            }
            "text" => self.nodes(&element.children),
            name if is_response(name) => self.response(element),
            _ => {
                let mut open = Element { children: Vec::new(), ..element.clone() };
                open.attributes.retain(|(name, _)| name != "correct");
                let open = open.compact();
                if element.children.is_empty() {
                    self.out.push_str(&open);
                    return;
                }
                self.out.push_str(open.strip_suffix("/>").unwrap_or(&open));
                self.out.push('>');
                self.nodes(&element.children);
                let _ = write!(self.out, "</{}>", element.name);
            }
        }
    }

    fn response(&mut self, element: &Element) {
        let at = self.response;
        self.response += 1;
        let problem = self.problem;
        let Some(response) = problem.responses.get(at) else { return };
        let _ = write!(
            self.out,
            "<div class=\"wrapper-problem-response\" tabindex=\"-1\" aria-label=\"Question {}\" role=\"group\">",
            at + 1
        );
        let mut next = 0;
        self.inside(response, &element.children, &mut next);
        self.out.push_str("</div>");
    }

    fn inside(&mut self, response: &Response, nodes: &[Node], next: &mut usize) {
        for node in nodes {
            let Node::Element(element) = node else {
                self.nodes(std::slice::from_ref(node));
                continue;
            };
            match element.name.as_str() {
                name if is_input(name) => {
                    if let Some(input) = response.inputs.get(*next) {
                        self.input(response, input);
                    }
                    *next += 1;
                }
                // Shown as part of the input, or meant for the grader.
                "label" | "description" | "responseparam" | "codeparam" | "answer" | "additional_answer"
                | "stringequalhint" | "regexphint" | "correcthint" | "hintgroup" => {}
                "solution" | "script" | "demandhint" | "text" => self.element(element),
                _ if element.descendants().iter().any(|inner| is_input(&inner.name)) => {
                    let open = Element { children: Vec::new(), ..element.clone() }.compact();
                    self.out.push_str(open.strip_suffix("/>").unwrap_or(&open));
                    self.out.push('>');
                    self.inside(response, &element.children, next);
                    let _ = write!(self.out, "</{}>", element.name);
                }
                _ => self.element(element),
            }
        }
    }

    fn input(&mut self, response: &Response, input: &Input) {
        let id = escape(&input.id);
        let name = input.element.name.as_str();
        let label = response.element.child("label").map(Element::inner);
        let label = label.or_else(|| input.element.attribute("label").map(escape)).unwrap_or_default();
        let value = self.attempt.answers.get(&input.id);
        let text = escape(value.map(Answer::text).unwrap_or_default());
        let status = self.status(input);
        let description: String = response
            .element
            .elements()
            .filter(|element| element.name == "description")
            .map(|element| format!("<p class=\"question-description\">{}</p>", element.inner()))
            .collect();
        let heading = format!(
            "<label class=\"problem-group-label\" for=\"input_{id}\" id=\"label_{id}\">{label}</label>{description}"
        );
        let answer = format!("<p id=\"answer_{id}\" class=\"answer\"/>");
        let html = match name {
            "choicegroup" | "checkboxgroup" | "radiogroup" => {
                self.choices(input, [&label, &description], &status)
            }
            "optioninput" => {
                let mut options =
                    format!("<option value=\"option_{id}_dummy_default\">Select an option</option>");
                for (option, _) in choice::options(&input.element) {
                    let selected = if value.is_some_and(|value| value.text() == option) {
                        " selected=\"true\""
                    } else {
                        ""
                    };
                    let option = escape(&option);
                    let _ = write!(options, "<option value=\"{option}\"{selected}> {option}</option>");
                }
                format!(
                    "<div class=\"inputtype option-input \">{heading}<select name=\"input_{id}\" id=\"input_{id}\" \
                     aria-describedby=\"status_{id}\">{options}</select><div class=\"indicator-container\">{status}</div>{answer}</div>"
                )
            }
            "textbox" => {
                let initial =
                    response.element.child("codeparam").and_then(|param| param.child("initial_display"));
                let text = if value.is_some() {
                    text
                } else {
                    escape(&initial.map(Element::text).unwrap_or_default())
                };
                format!(
                    "<section id=\"textbox_{id}\" class=\"capa_inputtype textbox cminput\">{heading}<textarea rows=\"10\" \
                     cols=\"80\" name=\"input_{id}\" id=\"input_{id}\">{text}</textarea>{status}{answer}</section>"
                )
            }
            "filesubmission" => format!(
                "<section id=\"filesubmission_{id}\" class=\"filesubmission capa_inputtype\">{heading}{status}\
                 <input type=\"file\" name=\"input_{id}\" id=\"input_{id}\" multiple=\"multiple\"/></section>"
            ),
            "formulaequationinput" => format!(
                "<div id=\"formulaequationinput_{id}\" class=\"inputtype formulaequationinput\"><div>{heading}<input type=\"text\" \
                 name=\"input_{id}\" id=\"input_{id}\" data-input-id=\"{id}\" value=\"{text}\" \
                 aria-describedby=\"status_{id}\" size=\"20\"/>{status}{answer}</div></div>"
            ),
            "imageinput" => format!(
                "<div class=\"imageinput capa_inputtype\" id=\"inputtype_{id}\"><input type=\"hidden\" class=\"imageinput\" \
                 src=\"{}\" name=\"input_{id}\" id=\"input_{id}\" value=\"{text}\"/>{status}</div>",
                escape(input.element.attribute("src").unwrap_or_default())
            ),
            _ => format!(
                "<div id=\"inputtype_{id}\" class=\" capa_inputtype  textline\"><div>{heading}<input type=\"text\" \
                 class=\"mw-100 \" name=\"input_{id}\" id=\"input_{id}\" aria-describedby=\"status_{id}\" value=\"{text}\"/>\
                 {status}{answer}</div></div>"
            ),
        };
        self.out.push_str(&html);
        if let Some(outcome) = self.attempt.mark(&input.id).filter(|outcome| !outcome.message.is_empty()) {
            let _ = write!(self.out, "<span class=\"message\" tabindex=\"-1\">{}</span>", outcome.message);
        }
    }

    fn choices(&self, input: &Input, [label, description]: [&str; 2], status: &str) -> String {
        let id = escape(&input.id);
        let many = input.element.name != "choicegroup";
        let kind = if input.element.name == "checkboxgroup" { "checkbox" } else { "radio" };
        let given = self.attempt.answers.get(&input.id).map(Answer::list).unwrap_or_default();
        let mark = self.attempt.mark(&input.id).filter(|_| self.view.show_correctness);
        let mut fields = String::new();
        for (name, element) in choice::choices(&input.element) {
            let selected = given.contains(&name.as_str());
            let class = match mark.filter(|_| selected).map(|outcome| outcome.correctness) {
                Some(Correctness::Correct) => " choicegroup_correct",
                Some(Correctness::PartiallyCorrect) => " choicegroup_partially-correct",
                Some(Correctness::Incorrect) => " choicegroup_incorrect",
                Some(Correctness::Queued) | None => "",
            };
            let (submitted, checked) = if selected { (" submitted", " checked=\"true\"") } else { ("", "") };
            let suffix = if many { "[]" } else { "" };
            let name = escape(&name);
            let body: String = element.children.iter().map(choice_body).collect();
            let _ = write!(
                fields,
                "<div class=\"field\"><input type=\"{kind}\" name=\"input_{id}{suffix}\" id=\"input_{id}_{name}\" \
                 class=\"field-input input-{kind}{submitted}\" value=\"{name}\"{checked}/><label id=\"{id}-{name}-label\" \
                 for=\"input_{id}_{name}\" class=\"response-label field-label label-inline{class}\" \
                 aria-describedby=\"status_{id}\">{}</label></div>",
                body.trim()
            );
        }
        format!(
            "<div class=\"choicegroup capa_inputtype\" id=\"inputtype_{id}\"><fieldset aria-describedby=\"status_{id}\">\
             <legend id=\"{id}-legend\" class=\"response-fieldset-legend field-group-hd\">{label}</legend>{description}{fields}\
             <span id=\"answer_{id}\"/></fieldset><div class=\"indicator-container\">{status}</div></div>"
        )
    }

    fn status(&self, input: &Input) -> String {
        let outcome = self.attempt.mark(&input.id).map(|outcome| outcome.correctness);
        let (class, word, tip) = match outcome {
            Some(Correctness::Queued) => ("processing", "processing", "This answer is being processed."),
            Some(_) if !self.view.show_correctness => ("submitted", "submitted", "Answer received."),
            Some(Correctness::Correct) => ("correct", "correct", "This answer is correct."),
            Some(Correctness::Incorrect) => ("incorrect", "incorrect", "This answer is incorrect."),
            Some(Correctness::PartiallyCorrect) => {
                ("partially-correct", "partially correct", "This answer is partially correct.")
            }
            None => ("unanswered", "unanswered", "Not yet answered."),
        };
        format!(
            "<span class=\"status {class}\" id=\"status_{}\" data-tooltip=\"{tip}\"><span class=\"sr\">{word}</span>\
             <span class=\"status-icon\" aria-hidden=\"true\"/></span>",
            escape(&input.id)
        )
    }
}

fn choice_body(node: &Node) -> String {
    match node {
        Node::Text(text) => escape(text),
        Node::Element(element) if !matches!(element.name.as_str(), "choicehint" | "optionhint") => {
            element.compact()
        }
        Node::Element(_) | Node::Comment(_) => String::new(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
