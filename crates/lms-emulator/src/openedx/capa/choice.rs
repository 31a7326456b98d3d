//! Choices, dropdowns, clicks on images, choices with number boxes.

use serde_json::Value;

use super::grade::{Correctness, Failure, Outcome};
use super::numbers;
use super::problem::{Answer, Input, Problem};
use crate::openedx::xml::Element;

/// Choices with the names they are submitted under. A `name` in the XML is kept behind `choice_`.
pub(super) fn choices(group: &Element) -> Vec<(String, &Element)> {
    let found = group.elements().filter(|element| element.name == "choice");
    found
        .enumerate()
        .map(|(at, element)| match element.attribute("name") {
            Some(name) => (format!("choice_{name}"), element),
            None => (format!("choice_{at}"), element),
        })
        .collect()
}

pub(super) fn is_true(element: &Element, name: &str) -> bool {
    element.attribute(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Names of the right choices.
pub(super) fn right(group: &Element) -> Vec<String> {
    choices(group)
        .into_iter()
        .filter(|(_, element)| is_true(element, "correct"))
        .map(|(name, _)| name)
        .collect()
}

fn credit(response: &Element) -> Option<&str> {
    response.attribute("partial_credit").filter(|credit| !credit.eq_ignore_ascii_case("false"))
}

pub(super) fn single(response: &Element, input: &Input, answer: Option<&Answer>) -> Result<Outcome, Failure> {
    if input.element.elements().any(|element| !matches!(element.name.as_str(), "choice" | "compoundhint")) {
        return Err(Failure::General);
    }
    let given = answer.map(Answer::text).unwrap_or_default();
    let choices = choices(&input.element);
    let Some((_, chosen)) = choices.iter().find(|(name, _)| name == given) else {
        return Ok(Outcome::right(false));
    };
    let partial = chosen.attribute("correct").is_some_and(|correct| correct.eq_ignore_ascii_case("partial"));
    if partial && credit(response) == Some("points") {
        let share = chosen.attribute("point_value").and_then(|value| value.parse().ok()).unwrap_or(0.5);
        return Ok(Outcome {
            correctness: Correctness::PartiallyCorrect,
            points: Some(share * input.points()),
            message: String::new(),
        });
    }
    Ok(Outcome::right(is_true(chosen, "correct")))
}

pub(super) fn true_false(input: &Input, answer: Option<&Answer>) -> Outcome {
    let mut given = answer.map(Answer::list).unwrap_or_default();
    let mut right = right(&input.element);
    given.sort_unstable();
    right.sort_unstable();
    Outcome::right(given == right)
}

pub(super) fn multiple(
    response: &Element,
    input: &Input,
    answer: Option<&Answer>,
) -> Result<Outcome, Failure> {
    let given = answer.map(Answer::list).unwrap_or_default();
    let all = choices(&input.element);
    let right = right(&input.element);
    let wrong = all.iter().filter(|(name, _)| given.contains(&name.as_str()) != right.contains(name)).count();
    let kind = credit(response).map(str::to_lowercase);
    if !matches!(kind.as_deref(), None | Some("edc" | "halves")) {
        return Err(Failure::General);
    }
    // Nothing selected is never right, even where nothing should be (reference openedx.md 5.10).
    if given.is_empty() {
        return Ok(Outcome::right(false));
    }
    Ok(match kind.as_deref() {
        Some("edc") if !all.is_empty() => {
            let share = (all.len() - wrong) as f64 / all.len() as f64;
            Outcome::share((share * 100.0).round() / 100.0, input.points())
        }
        Some("halves") => {
            let share = match wrong {
                0 => 1.0,
                1 if all.len() >= 3 => 0.5,
                2 if all.len() >= 5 => 0.25,
                _ => 0.0,
            };
            Outcome::share(share, input.points())
        }
        _ => Outcome::right(wrong == 0),
    })
}

/// Options of a dropdown in either form, with whether they are right.
pub(super) fn options(input: &Element) -> Vec<(String, bool)> {
    let nested = input.elements().filter(|element| element.name == "option");
    let nested: Vec<(String, bool)> =
        nested.map(|element| (own_text(element), is_true(element, "correct"))).collect();
    if !nested.is_empty() {
        return nested;
    }
    let right = input.attribute("correct").unwrap_or_default();
    let listed = input.attribute("options").unwrap_or_default();
    old_options(listed).into_iter().map(|option| (option.clone(), option == right)).collect()
}

/// Text of an element without that of its hints.
pub(super) fn own_text(element: &Element) -> String {
    let texts = element.children.iter().filter_map(|node| match node {
        crate::openedx::xml::Node::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<String>().trim().to_owned()
}

/// `('Paris','Brussels')`, a Python tuple with `\'` inside.
fn old_options(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(char, String)> = None;
    let mut escaped = false;
    for c in text.chars() {
        match &mut open {
            Some((_, value)) if escaped => {
                value.push(c);
                escaped = false;
            }
            Some(_) if c == '\\' => escaped = true,
            Some((quote, value)) if c == *quote => {
                found.push(std::mem::take(value));
                open = None;
            }
            Some((_, value)) => value.push(c),
            None if matches!(c, '\'' | '"') => open = Some((c, String::new())),
            None => {}
        }
    }
    found
}

pub(super) fn option(input: &Input, answer: Option<&Answer>) -> Result<Outcome, Failure> {
    let options = options(&input.element);
    if options.iter().filter(|(_, right)| *right).count() > 1 {
        return Err(Failure::General);
    }
    let given = answer.map(Answer::text).unwrap_or_default().trim();
    Ok(Outcome::right(options.iter().any(|(text, right)| *right && text == given)))
}

pub(super) fn image(input: &Input, answer: Option<&Answer>) -> Result<Outcome, Failure> {
    let given = answer.map(Answer::text).unwrap_or_default().trim();
    if given.is_empty() {
        return Ok(Outcome::right(false));
    }
    let inner = given.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or(Failure::General)?;
    let point: Vec<f64> =
        inner.split(',').filter_map(|part| part.trim().parse::<u32>().ok()).map(f64::from).collect();
    let [x, y] = point[..] else { return Err(Failure::General) };
    let rectangles = input.element.attribute("rectangle").unwrap_or_default();
    let inside = rectangles.split(';').any(|text| {
        let numbers: Vec<f64> = text
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .filter_map(|part| part.parse().ok())
            .collect();
        matches!(numbers[..], [x1, y1, x2, y2] if x1 <= x && x <= x2 && y1 <= y && y <= y2)
    });
    let regions =
        input.element.attribute("regions").and_then(|text| serde_json::from_str::<Value>(text).ok());
    Ok(Outcome::right(inside || regions.is_some_and(|regions| in_regions(&regions, (x, y)))))
}

/// One polygon or a list of them; the convex hull counts.
fn in_regions(regions: &Value, at: (f64, f64)) -> bool {
    let list = regions.as_array().map(Vec::as_slice).unwrap_or_default();
    let single = list.first().is_some_and(|first| first[0].is_number());
    let polygons: Vec<&Value> = if single { vec![regions] } else { list.iter().collect() };
    polygons.into_iter().any(|polygon| {
        let points = polygon.as_array().into_iter().flatten();
        let points: Vec<(f64, f64)> =
            points.filter_map(|point| Some((point[0].as_f64()?, point[1].as_f64()?))).collect();
        in_hull(&points, at)
    })
}

/// A point is outside the hull when a line through two points has all the others on its far side.
fn in_hull(points: &[(f64, f64)], at: (f64, f64)) -> bool {
    let side =
        |a: (f64, f64), b: (f64, f64), p: (f64, f64)| (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0);
    points.len() >= 3
        && !points.iter().any(|a| {
            points
                .iter()
                .filter(|b| *b != a)
                .any(|b| points.iter().all(|p| side(*a, *b, *p) >= 0.0) && side(*a, *b, at) < 0.0)
        })
}

/// `choicetextresponse`: every right choice selected, no other, and all its numbers within tolerance.
pub(super) fn with_numbers(
    problem: &Problem,
    input: &Input,
    answer: Option<&Answer>,
) -> Result<Outcome, Failure> {
    let text = answer.map(Answer::text).unwrap_or_default();
    let given: Value = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(text).map_err(|_| Failure::General)?
    };
    let id = input.id.strip_prefix(&format!("{}_", problem.block)).unwrap_or(&input.id);
    let field = |name: &str| {
        let value = given[format!("{}_{id}_choiceinput_{name}", problem.block)].as_str();
        value.filter(|value| !value.is_empty())
    };
    let mut right = true;
    for (at, choice) in input.element.elements().filter(|element| element.name == "choice").enumerate() {
        let selected = field(&format!("{at}bc")).is_some();
        right &= selected == is_true(choice, "correct");
        let boxes = choice.descendants().into_iter().filter(|element| element.name == "numtolerance_input");
        for (number, element) in boxes.enumerate().filter(|_| selected) {
            let expected = element.attribute("answer").unwrap_or_default();
            let tolerance = element.attribute("tolerance").unwrap_or("0");
            let value = field(&format!("{at}_numtolerance_input_{number}")).unwrap_or_default();
            right &= numbers::close(value, expected, tolerance)?;
        }
    }
    Ok(Outcome::right(right && !given.is_null()))
}

/// `annotationresponse`: the chosen option is worth 2, 1 or 0 points.
pub(super) fn annotation(input: &Input, answer: Option<&Answer>) -> Result<Outcome, Failure> {
    let Some(answer) = answer else { return Ok(Outcome::right(false)) };
    // Anything but JSON is the general error, the empty text too (recorded: `check blank: Annotation Problem`).
    let given: Value = serde_json::from_str(answer.text()).map_err(|_| Failure::General)?;
    let options: Vec<&Element> =
        input.element.descendants().into_iter().filter(|element| element.name == "option").collect();
    let chosen = given["options"][0].as_u64().and_then(|at| options.get(usize::try_from(at).ok()?));
    let share = match chosen.and_then(|option| option.attribute("choice")) {
        Some("correct") => 1.0,
        Some("partially-correct") => 0.5,
        _ => 0.0,
    };
    Ok(Outcome::share(share, input.points()))
}
