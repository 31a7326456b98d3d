//! Options to pick from: radio buttons, checkboxes, drop-down lists.

use std::collections::BTreeSet;

use lms_core::{Cardinality, ChoiceInteraction, ChoiceOption, InlineChoiceInteraction, Interaction, Key};

use super::NoNeutralForm;
use super::responses::{Neutral, Outcome, Read, refuse};
use super::write::option_tokens;
use crate::convert::xhtml::html_of;
use crate::olx::xml::{Element, Node, escape_text};

/// Refuses options that share a name, or have the name that another place would have: capa marks by name.
pub(super) fn named_once(group: &Element) -> Result<(), NoNeutralForm> {
    let (mut seen, mut unnamed) = (BTreeSet::new(), 0_usize);
    for (place, choice) in group.named("choice").enumerate() {
        let name = match choice.get("name") {
            Some(name) => name.to_owned(),
            None => {
                unnamed += 1;
                (unnamed - 1).to_string()
            }
        };
        let elsewhere = name.parse::<usize>().is_ok_and(|number| number != place);
        if elsewhere || !seen.insert(name) {
            return refuse("options whose names are mixed up");
        }
    }
    Ok(())
}

pub(super) fn single(group: &Element, neutral: Neutral<'_>) -> Outcome {
    let mut lost = Vec::new();
    let (options, correct) = choices(group, neutral, &mut lost)?;
    let shuffled = group.get("shuffle").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
    let pool = match group.get("answer-pool").map(str::trim) {
        None | Some("0") => None,
        Some(_) if shuffled => return refuse("shuffle and answer-pool together"),
        Some(size) => match size.parse::<u32>() {
            Ok(size) => Some(size),
            Err(_) => return refuse(format!("answer-pool is {size}")),
        },
    };
    if shuffled && group.named("choice").any(|choice| choice.get("fixed").is_some()) {
        lost.push("options that keep their place while others are mixed".into());
    }
    let interaction = Interaction::Choice(ChoiceInteraction {
        cardinality: Cardinality::Single,
        options,
        shuffle: shuffled || pool.is_some(),
        shown: pool,
    });
    Ok(Read { lost, ..Read::new(interaction, Key::Choice { correct }) })
}

pub(super) fn several(group: &Element, neutral: Neutral<'_>) -> Outcome {
    let mut lost = Vec::new();
    let (options, correct) = choices(group, neutral, &mut lost)?;
    if correct.is_empty() {
        // Nothing ticked never counts as right (reference openedx.md 5.10).
        return refuse("checkboxes without a right one, which capa always marks wrong");
    }
    if group.first("compoundhint").is_some() {
        lost.push("feedback for combinations of options".into());
    }
    let interaction = Interaction::Choice(ChoiceInteraction {
        cardinality: Cardinality::Multiple,
        options,
        shuffle: false,
        shown: None,
    });
    Ok(Read { lost, ..Read::new(interaction, Key::Choice { correct }) })
}

fn choices(
    group: &Element,
    neutral: Neutral<'_>,
    lost: &mut Vec<String>,
) -> Result<(Vec<ChoiceOption>, BTreeSet<usize>), NoNeutralForm> {
    let mut options = Vec::new();
    let mut correct = BTreeSet::new();
    for choice in group.elements() {
        match choice.name.as_str() {
            "choice" => {}
            "compoundhint" => continue,
            other => return refuse(format!("<{other}> among the choices")),
        }
        match choice.get("correct").map(str::to_ascii_lowercase).as_deref() {
            Some("true") => {
                correct.insert(options.len());
            }
            Some("partial") => return refuse("an option that is partly right"),
            Some(value) if value.contains('$') => {
                return refuse("a variable decides whether an option is right");
            }
            Some(_) => {}
            None => return refuse("an option that does not say whether it is right"),
        }
        let (hints, text): (Vec<&Node>, Vec<&Node>) =
            choice.children.iter().partition(|node| node.element().is_some_and(|e| e.name == "choicehint"));
        let text: Vec<Node> = text.into_iter().cloned().collect();
        let mut option = ChoiceOption::new(neutral(html_of(&text).trim()));
        for hint in hints.into_iter().filter_map(Node::element) {
            let said = neutral(html_of(&hint.children).trim());
            match hint.get("selected").map(str::to_ascii_lowercase).as_deref() {
                Some("false") => option.feedback_unselected = said,
                _ => option.feedback = said,
            }
            if hint.get("label").is_some() {
                lost.push("the headings of feedback".into());
            }
        }
        options.push(option);
    }
    if options.is_empty() {
        return refuse("a choice without options");
    }
    Ok((options, correct))
}

pub(super) fn dropdown(input: &Element, neutral: Neutral<'_>) -> Outcome {
    let children: Vec<&Element> = input.named("option").collect();
    let mut feedback = Vec::new();
    let (list, correct) = if children.is_empty() {
        let Some(list) = input.get("options") else { return refuse("a drop-down list without entries") };
        (list.to_owned(), input.get("correct").map(str::to_owned))
    } else {
        let mut names = Vec::new();
        let mut correct = None;
        for option in children {
            // Capa takes the text before the first element.
            let name = option.children.first().and_then(Node::text).unwrap_or_default().trim().to_owned();
            match option.get("correct").map(str::to_ascii_lowercase).as_deref() {
                Some("true") if correct.is_some() => {
                    return refuse("a drop-down list with several right entries");
                }
                Some("true") => correct = Some(name.clone()),
                Some(_) => {}
                None => return refuse("an entry that does not say whether it is right"),
            }
            feedback.push(option.first("optionhint").map(|hint| neutral(html_of(&hint.children).trim())));
            names.push(format!("'{name}'"));
        }
        (format!("({})", names.join(",")), correct.or_else(|| input.get("correct").map(str::to_owned)))
    };
    let Some(tokens) =
        option_tokens(&list).filter(|tokens| feedback.is_empty() || tokens.len() == feedback.len())
    else {
        return refuse("a drop-down list whose entries capa reads in another way");
    };
    if tokens.is_empty() {
        return refuse("a drop-down list without entries");
    }
    // The page sends a space for it, which capa does not take for the same text.
    if tokens.iter().any(|token| token.contains(['\n', '\r', '\t'])) {
        return refuse("an entry of a drop-down list with a line break, which capa never takes");
    }
    let correct =
        tokens.iter().enumerate().filter(|(_, t)| Some(*t) == correct.as_ref()).map(|(n, _)| n).collect();
    let mut feedback = feedback.into_iter();
    let options = tokens
        .iter()
        .map(|text| ChoiceOption {
            text: neutral(&escape_text(text)),
            feedback: feedback.next().flatten().unwrap_or_default(),
            ..ChoiceOption::default()
        })
        .collect();
    Ok(Read::new(Interaction::InlineChoice(InlineChoiceInteraction { options }), Key::Choice { correct }))
}
