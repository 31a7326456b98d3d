//! What holds of any text, any source and any accepted text.

use lms_core::*;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::samples::{course, programs, sources};
use super::tests::{base, read, step};
use super::*;

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z<>&$ \\\\(\\[\\]).|*+?]{1,12}",
        Just("$x$ and $$y$$".to_owned()),
        Just("\\(z\\)".to_owned()),
        "[ -~а-я]{1,20}",
    ]
}

proptest! {
    #[test]
    fn any_text_survives(text in texts()) {
        let markup = Markup::from_text(&text);
        let site = Site::new(base());
        let written = markup::write(&markup);
        prop_assert_eq!(site.read(&written), markup, "{}", written);
    }

    #[test]
    fn any_accepted_texts_survive(accept in proptest::collection::vec((texts(), any::<bool>()), 1..4)) {
        let case = accept[0].1;
        let accept: Vec<TextAccept> = accept.into_iter()
            .map(|(text, _)| TextAccept { text, rule: TextRule::Exact, case_sensitive: case }).collect();
        // White space around a text never counts.
        let said = accept.iter().filter(|a| !a.text.trim().is_empty());
        let said: Vec<_> = said.map(|a| TextAccept { text: a.text.trim().to_owned(), ..a.clone() }).collect();
        prop_assume!(!said.is_empty());
        let key = Key::Text { accept };
        let exercise = Exercise::new("t", Markup::default(), Interaction::TextEntry(TextEntryInteraction::default())).with_key(key);
        let adapted = adapt(&base(), &course(vec![exercise]));
        let block = adapted.course.block(&BlockId::from("block0")).expect("it").block.1.clone();
        prop_assert_eq!(block.exercise().and_then(|e| e.key.clone()), Some(Key::Text { accept: said }));
        prop_assert!(adapted.findings.is_empty());
    }

    #[test]
    fn any_html_goes_back_as_it_came(
        pieces in proptest::collection::vec(prop_oneof![
            texts(),
            proptest::sample::select(vec!["<span class=\"math-tex\">\\(x\\)</span>", "<span>$</span>", "\\[y\\]", "$$", "$", "<p>",
                "</p>", "<code>$a$</code>", "&nbsp;", "&amp;lt;", "<img alt=\"$1$\">", "<", "<!-- $ -->", "<script>$x$</script>",
                "<span class=\"math inline\">\\(z\\)</span>"]).prop_map(String::from),
        ], 0..6),
        name in proptest::sample::select(vec!["text", "html", "choice", "sql"]),
    ) {
        let html = pieces.concat();
        let options = json!([{"is_correct": true, "text": html, "feedback": html}]);
        let source = json!({"is_multiple_choice": false, "is_always_correct": false, "sample_size": 1, "preserve_order": true,
            "is_html_enabled": true, "is_options_feedback": false, "options": options});
        let source = match name { "choice" => source, "sql" => json!({"solve_sql": html}), _ => json!({}) };
        let mut native = step(name, &source);
        for key in ["text", "feedback_correct", "feedback_wrong"] {
            native.block.insert(key.into(), json!(html));
        }
        let written = write_block(&read(&native), &mut Losses::default()).payload(1, 1)["block"].clone();
        for key in ["text", "feedback_correct", "feedback_wrong", "source"] {
            prop_assert_eq!(&written[key], &native.block[key], "{}", key);
        }
    }

    #[test]
    fn any_source_goes_back_as_it_came(
        pick in any::<prop::sample::Index>(),
        at in proptest::collection::vec(any::<prop::sample::Index>(), 1..5),
        change in prop_oneof![
            Just(None), Just(Some(json!(null))), Just(Some(json!("x"))), Just(Some(json!("0.10"))), Just(Some(json!(-1))),
            Just(Some(json!(1.5))), Just(Some(json!(true))), Just(Some(json!([]))), Just(Some(json!([1, {}, "a"]))),
            Just(Some(json!({}))), Just(Some(json!("<p>\\(x\\) $5</p>"))),
        ],
    ) {
        let programs = programs().into_iter().map(|(name, source, _)| (name, source));
        let all: Vec<(&str, Value)> = sources().into_iter().chain(programs).collect();
        let (name, mut source) = all[pick.index(all.len())].clone();
        mutate(&mut source, &at, change);
        prop_assume!(source.as_object().is_some_and(|source| !source.is_empty()));
        let block = read(&step(name, &source));
        let payload = write_block(&block, &mut Losses::default()).payload(1, 1);
        prop_assert_eq!(&payload["block"]["source"], &source, "{}", name);
        prop_assert_eq!(&payload["block"]["name"], name);
        // What Stepik holds, it holds: adapting changes nothing, whatever the source.
        let mut given = course(Vec::new());
        let mut step = Step::new("s", "");
        step.blocks.push(block);
        given.sections[0].lessons[0].steps.push(step);
        let adapted = adapt(&base(), &given);
        prop_assert_eq!(adapted.course, given);
    }
}

/// Changes something inside: sets it, takes it out, or adds an unknown key.
fn mutate(value: &mut Value, at: &[prop::sample::Index], change: Option<Value>) {
    let Some((first, rest)) = at.split_first() else {
        if let Some(change) = change {
            *value = change;
        }
        return;
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let at = first.index(items.len());
            if rest.is_empty() && change.is_none() {
                items.remove(at);
            } else {
                mutate(&mut items[at], rest, change);
            }
        }
        Value::Object(of) => {
            let mut keys: Vec<String> = of.keys().cloned().collect();
            keys.push("unknown".into());
            let key = keys.swap_remove(first.index(keys.len()));
            if rest.is_empty() && change.is_none() {
                of.remove(&key);
            } else {
                mutate(of.entry(key).or_insert(Value::Null), rest, change);
            }
        }
        other => mutate(other, &[], change),
    }
}
