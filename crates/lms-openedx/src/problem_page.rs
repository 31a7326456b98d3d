//! Reading the page of a problem, the only thing that tells a learner what is to be answered and
//! which inputs are right (reference openedx.md 3.10).

use lms_core::{
    Cardinality, ChoiceInteraction, ChoiceOption, CodeInteraction, Error, ErrorKind, Exercise,
    FileUploadInteraction, InlineChoiceInteraction, Interaction, Markup, NumericInteraction, Platform,
    Response, Result, TaskId, TextEntryInteraction,
};
use scraper::{ElementRef, Html, Selector};

use crate::convert::xhtml::is_void;
use crate::wire::ProblemAnswer;

/// What a page says.
#[derive(Debug)]
pub(crate) struct ProblemPage {
    pub(crate) title: String,
    /// What stands outside the inputs.
    pub(crate) statement: Markup,
    pub(crate) inputs: Vec<Input>,
    attempts: Option<u32>,
}

/// One input, in the order of the page.
#[derive(Debug)]
pub(crate) struct Input {
    /// Its id without `input_`: `p1_2_1`.
    pub(crate) id: String,
    control: Control,
    label: Markup,
    /// What stands in its status: `correct`, `incorrect`, `partially-correct`, `unanswered`, …
    pub(crate) status: String,
}

#[derive(Debug)]
enum Control {
    Radio(Vec<Offered>),
    Checkbox(Vec<Offered>),
    Select(Vec<Offered>),
    Line,
    /// The box of numerical and formula responses.
    Expression,
    Area,
    File,
    Other,
}

#[derive(Debug)]
struct Offered {
    value: String,
    text: Markup,
}

impl ProblemPage {
    /// Reads the page that an answer brings.
    ///
    /// # Errors
    /// `Protocol` for an answer without a page.
    pub(crate) fn read(answer: &ProblemAnswer, usage: &str) -> Result<Self> {
        let html = answer.html.as_deref().or(answer.contents.as_deref()).ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "the problem's answer brings no page")
                .at(Platform::OpenEdx, "tasks.get")
                .on(usage)
        })?;
        // The page is written as XML, where `<textarea/>` is closed; HTML would swallow what follows.
        let page = Html::parse_fragment(&close_empty_elements(html));
        let problem = first(&page.root_element(), ".problem").unwrap_or_else(|| page.root_element());
        let mut inputs: Vec<Input> = Vec::new();
        for control in all(&problem, "input, select, textarea") {
            read_control(&page, control, &mut inputs);
        }
        Ok(Self {
            title: first(&page.root_element(), ".problem-header").map(text).unwrap_or_default(),
            statement: statement(problem),
            inputs,
            attempts: first(&page.root_element(), ".submission-feedback")
                .and_then(|f| allowed_attempts(&text(f))),
        })
    }

    /// Tries left, when the page says how many there are.
    pub(crate) fn attempts_left(&self, used: Option<u32>) -> Option<u32> {
        Some(self.attempts?.saturating_sub(used?))
    }
}

impl Input {
    /// The control's name, for lists.
    pub(crate) fn kind(&self) -> &'static str {
        match self.control {
            Control::Radio(_) => "radio",
            Control::Checkbox(_) => "checkbox",
            Control::Select(_) => "select",
            Control::Line => "text",
            Control::Expression => "formulaequationinput",
            Control::Area => "textbox",
            Control::File => "file",
            Control::Other => "other",
        }
    }

    /// The name under which the form sends it.
    pub(crate) fn field(&self) -> String {
        let several = if matches!(self.control, Control::Checkbox(_)) { "[]" } else { "" };
        format!("input_{}{several}", self.id)
    }

    /// The values on offer, in the order of the page.
    pub(crate) fn offered(&self) -> Vec<&str> {
        match &self.control {
            Control::Radio(offered) | Control::Checkbox(offered) | Control::Select(offered) => {
                offered.iter().map(|o| o.value.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The exercise as far as a learner sees it.
    pub(crate) fn exercise(&self, task: &TaskId) -> Exercise {
        let options =
            |offered: &[Offered]| offered.iter().map(|o| ChoiceOption::new(o.text.clone())).collect();
        let choice = |cardinality, offered: &[Offered]| {
            Interaction::Choice(ChoiceInteraction {
                cardinality,
                options: options(offered),
                shuffle: false,
                shown: None,
            })
        };
        let interaction = match &self.control {
            Control::Radio(offered) => choice(Cardinality::Single, offered),
            Control::Checkbox(offered) => choice(Cardinality::Multiple, offered),
            Control::Select(offered) => {
                Interaction::InlineChoice(InlineChoiceInteraction { options: options(offered) })
            }
            Control::Expression => Interaction::Numeric(NumericInteraction::default()),
            Control::Area => Interaction::Code(CodeInteraction::default()),
            Control::File => Interaction::FileUpload(FileUploadInteraction::default()),
            Control::Line | Control::Other => Interaction::TextEntry(TextEntryInteraction::default()),
        };
        Exercise::new(task.clone(), self.label.clone(), interaction)
    }

    /// The form fields for an answer.
    ///
    /// # Errors
    /// `InvalidInput` for an answer that this input does not take.
    pub(crate) fn fields(&self, response: &Response) -> Result<Vec<(String, String)>> {
        let name = self.field();
        let misfit = || {
            Error::invalid(format!("this answer does not fit an input of the kind {}", self.kind()))
                .at(Platform::OpenEdx, "submissions.submit")
                .on(&self.id)
        };
        let offered =
            |offered: &[Offered], n: usize| offered.get(n).map(|o| o.value.clone()).ok_or_else(misfit);
        match (&self.control, response) {
            (Control::Radio(options) | Control::Select(options), Response::Choice { selected })
                if selected.len() == 1 =>
            {
                selected.iter().map(|n| Ok((name.clone(), offered(options, *n)?))).collect()
            }
            // None ticked: nothing is sent, as by a browser.
            (Control::Checkbox(options), Response::Choice { selected }) => {
                selected.iter().map(|n| Ok((name.clone(), offered(options, *n)?))).collect()
            }
            // What a script of the page would fill in is the caller's to know.
            (
                Control::Line | Control::Expression | Control::Area | Control::Other,
                Response::Text { text },
            ) => Ok(vec![(name, text.clone())]),
            (
                Control::Line | Control::Expression,
                Response::Number { number: text } | Response::Formula { formula: text },
            ) => Ok(vec![(name, text.clone())]),
            (Control::Area, Response::Code { source, .. }) => Ok(vec![(name, source.clone())]),
            _ => Err(misfit()),
        }
    }
}

fn read_control(page: &Html, control: ElementRef<'_>, inputs: &mut Vec<Input>) {
    let Some(id) = control.attr("name").and_then(|n| n.strip_prefix("input_")) else { return };
    let id = id.trim_end_matches("[]").trim_end_matches("{}");
    let kind = control.attr("type").unwrap_or_default();
    if control.value().name() == "input" && matches!(kind, "radio" | "checkbox") {
        let offered = Offered {
            value: control.attr("value").unwrap_or_default().to_owned(),
            text: control.attr("id").map(|own| label_of(page, own)).unwrap_or_default(),
        };
        match inputs.iter_mut().find(|input| input.id == id).map(|input| &mut input.control) {
            Some(Control::Radio(options) | Control::Checkbox(options)) => options.push(offered),
            Some(_) => {}
            None => {
                let control = if kind == "radio" { Control::Radio } else { Control::Checkbox };
                inputs.push(input(page, id, control(vec![offered])));
            }
        }
        return;
    }
    // A comment box beside an annotation and the like are not answers of their own.
    if inputs.iter().any(|input| input.id == id) || !is_answer(id) {
        return;
    }
    let control = match (control.value().name(), kind) {
        ("select", _) => Control::Select(
            all(&control, "option")
                .filter_map(|option| {
                    let value = option.attr("value")?;
                    let placeholder = value.ends_with("_dummy_default");
                    (!placeholder)
                        .then(|| Offered { value: value.to_owned(), text: Markup::from_text(&text(option)) })
                })
                .collect(),
        ),
        ("textarea", _) => Control::Area,
        ("input", "file") => Control::File,
        ("input", "hidden") => Control::Other,
        _ if is_expression(control) => Control::Expression,
        _ => Control::Line,
    };
    inputs.push(input(page, id, control));
}

fn input(page: &Html, id: &str, control: Control) -> Input {
    let by_id = |own: String| {
        all(&page.root_element(), "[id]").find(|element| element.attr("id") == Some(own.as_str()))
    };
    let legend = by_id(format!("{id}-legend")).or_else(|| by_id(format!("label_{id}")));
    let label = legend.map(|e| Markup::from_html(e.inner_html().trim())).unwrap_or_default();
    let status = by_id(format!("status_{id}")).map(status_of).unwrap_or_default();
    Input { id: id.to_owned(), control, label, status }
}

/// Ids end in the numbers of the response and of the input.
fn is_answer(id: &str) -> bool {
    let mut numbers = id.rsplit('_').take(2);
    numbers.all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn is_expression(control: ElementRef<'_>) -> bool {
    control
        .ancestors()
        .filter_map(ElementRef::wrap)
        .take(4)
        .any(|e| e.attr("class").is_some_and(|c| c.contains("formulaequationinput")))
        || control.attr("class").is_some_and(|c| c.contains("math"))
}

fn label_of(page: &Html, control_id: &str) -> Markup {
    all(&page.root_element(), "label")
        .find(|label| label.attr("for") == Some(control_id))
        .map(|label| Markup::from_html(label.inner_html().trim()))
        .unwrap_or_default()
}

fn status_of(element: ElementRef<'_>) -> String {
    element.value().classes().find(|class| *class != "status").unwrap_or_default().to_owned()
}

/// What stands in the problem outside its inputs, its solution and its buttons. Text that stands in a
/// response is rendered in the wrapper of its input.
fn statement(problem: ElementRef<'_>) -> Markup {
    let Some(body) = problem.children().filter_map(ElementRef::wrap).next() else { return Markup::default() };
    let mut html = String::new();
    readable(body, &mut html);
    Markup::from_html(html.trim())
}

fn readable(element: ElementRef<'_>, html: &mut String) {
    const PARTS: [&str; 9] =
        ["fieldset", "legend", "label", "select", "textarea", "input", "button", "script", "style"];
    const OTHER: [&str; 7] = [
        "capa_inputtype",
        "inputtype",
        "status",
        "solution-span",
        "action",
        "notification",
        "script_placeholder",
    ];
    for child in element.children() {
        if let Some(text) = child.value().as_text() {
            html.push_str(&lms_core::escape(text));
        }
        let Some(child) = ElementRef::wrap(child) else { continue };
        if PARTS.contains(&child.value().name()) || child.value().classes().any(|c| OTHER.contains(&c)) {
            continue;
        }
        let is_response = child.value().classes().any(|c| c == "wrapper-problem-response");
        if is_response || first(&child, "[name^=input_]").is_some() {
            let mut inner = String::new();
            readable(child, &mut inner);
            // The page shows what stands in a response below what stands in the one before.
            match is_response && child.value().name() == "div" && !inner.trim().is_empty() {
                true => html.push_str(&format!("<div>{}</div>", inner.trim())),
                false => html.push_str(&inner),
            }
        } else {
            html.push_str(&child.html());
        }
    }
}

/// `You have used 1 of 3 attempts` (also with the numbers alone in another language).
fn allowed_attempts(text: &str) -> Option<u32> {
    let numbers: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty())
        .filter_map(|n| n.parse().ok())
        .collect();
    match numbers.as_slice() {
        [used, allowed] if used <= allowed => Some(*allowed),
        _ => None,
    }
}

fn close_empty_elements(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(end) = rest.find("/>") {
        let before = &rest[..end];
        let name = before.rfind('<').map(|start| {
            let tag = &before[start + 1..];
            tag.split(|c: char| c.is_whitespace()).next().unwrap_or_default()
        });
        out.push_str(before);
        match name {
            Some(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_void(name) => {
                out.push_str("></");
                out.push_str(name);
                out.push('>');
            }
            _ => out.push_str("/>"),
        }
        rest = &rest[end + 2..];
    }
    out.push_str(rest);
    out
}

fn first<'a>(element: &ElementRef<'a>, selector: &str) -> Option<ElementRef<'a>> {
    let selector = Selector::parse(selector).ok()?;
    element.select(&selector).next()
}

fn all<'a>(element: &ElementRef<'a>, selector: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let found: Vec<_> = Selector::parse(selector).map(|s| element.select(&s).collect()).unwrap_or_default();
    found.into_iter()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> ProblemPage {
        let answer = serde_json::from_value(serde_json::json!({ "html": html })).expect("an answer");
        ProblemPage::read(&answer, "p").expect("a page")
    }

    #[test]
    fn every_control_is_read_in_the_order_of_the_page() {
        let page = page(
            "<h3 class=\"problem-header\">Sum </h3><div class=\"problem\"><div><p>Read this.</p>\
             <div class=\"wrapper-problem-response\"><fieldset><legend id=\"p_2_1-legend\">Pick <b>one</b></legend>\
             <input type=\"radio\" name=\"input_p_2_1\" id=\"input_p_2_1_choice_0\" value=\"choice_0\"/>\
             <label for=\"input_p_2_1_choice_0\">A</label><input type=\"radio\" name=\"input_p_2_1\" \
             id=\"input_p_2_1_choice_1\" value=\"choice_1\"/><label for=\"input_p_2_1_choice_1\">B</label></fieldset>\
             <span class=\"status incorrect\" id=\"status_p_2_1\"/></div>\
             <div class=\"wrapper-problem-response\"><select name=\"input_p_3_1\"><option value=\"option_p_3_1_dummy_default\">\
             Select</option><option value=\"red\"> red </option></select></div>\
             <div class=\"wrapper-problem-response\">red<textarea name=\"input_p_4_1\"/><input type=\"text\" name=\"input_p_5_1\"/>\
             </div></div><div class=\"submission-feedback\">You have used 1 of 3 attempts</div></div>",
        );
        let kinds: Vec<_> = page.inputs.iter().map(|i| (i.id.as_str(), i.kind())).collect();
        assert_eq!(kinds, [("p_2_1", "radio"), ("p_3_1", "select"), ("p_4_1", "textbox"), ("p_5_1", "text")]);
        assert_eq!(page.title, "Sum");
        assert_eq!(page.statement.html(), "<p>Read this.</p><div>red</div>");
        assert_eq!(page.attempts_left(Some(1)), Some(2));
        // In another order it is not known which number is which.
        assert_eq!(allowed_attempts("Of 3 attempts you have used 1"), None);
        assert_eq!(page.inputs[0].label.html(), "Pick <b>one</b>");
        assert_eq!(page.inputs[0].status, "incorrect");
        let fields = |n: usize, response: &Response| page.inputs[n].fields(response).ok();
        assert_eq!(fields(0, &Response::choice(1)), Some(vec![("input_p_2_1".into(), "choice_1".into())]));
        assert_eq!(fields(0, &Response::choice(2)), None);
        assert_eq!(fields(0, &Response::choices([0, 1])), None);
        assert_eq!(fields(1, &Response::choice(0)), Some(vec![("input_p_3_1".into(), "red".into())]));
        assert_eq!(fields(3, &Response::number("4")), Some(vec![("input_p_5_1".into(), "4".into())]));
    }
}
