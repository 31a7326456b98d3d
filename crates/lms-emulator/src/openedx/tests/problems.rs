//! Answering problems, and the grades that come of it.

use serde_json::{Value, json};

use super::{Bench, files, sample};
use crate::openedx::archive::Files;

const KEY: &str = "course-v1:New+Course+R1";

/// A course whose only unit holds one problem `p`.
fn course(attributes: &str, body: &str) -> Files {
    let vertical = format!("<vertical><problem url_name=\"p\" {attributes}>{body}</problem></vertical>");
    files(&[
        ("course.xml", r#"<course url_name="r" org="o" course="c"/>"#),
        (
            "course/r.xml",
            r#"<course start="2020-01-01T00:00:00Z"><chapter url_name="ch"><sequential url_name="s"><vertical url_name="v"/></sequential></chapter></course>"#,
        ),
        ("vertical/v.xml", &vertical),
    ])
}

struct Desk {
    bench: Bench,
    token: String,
}

impl Desk {
    async fn with(archive: &Files) -> Self {
        let bench = Bench::new().await;
        assert_eq!(bench.import(KEY, archive).await, "Succeeded");
        let token = bench.learner().await;
        let desk = Self { token, bench };
        let body = json!({"course_details": {"course_id": KEY}});
        let url = desk.bench.lms("/api/enrollment/v1/enrollment");
        desk.bench
            .http
            .post(url)
            .header("Authorization", desk.auth())
            .json(&body)
            .send()
            .await
            .expect("answer");
        desk
    }

    async fn problem(attributes: &str, body: &str) -> Self {
        Self::with(&course(attributes, body)).await
    }

    fn auth(&self) -> String {
        format!("JWT {}", self.token)
    }

    async fn act(&self, block: &str, action: &str, form: &[(&str, &str)]) -> Value {
        let path = format!(
            "/courses/{KEY}/xblock/block-v1:New+Course+R1+type@problem+block@{block}/handler/xmodule_handler/{action}"
        );
        let ask = self.bench.http.post(self.bench.lms(&path)).header("Authorization", self.auth()).form(form);
        let answer = ask.send().await.expect("answer");
        assert_eq!(answer.status(), 200);
        let text = answer.text().await.expect("text");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    /// `success` and `current_score` of a submission for the one input.
    async fn check(&self, value: &str) -> (String, Value) {
        self.submit(&[("input_p_2_1", value)]).await
    }

    async fn submit(&self, form: &[(&str, &str)]) -> (String, Value) {
        let body = self.act("p", "problem_check", form).await;
        (body["success"].as_str().unwrap_or_default().to_owned(), body["current_score"].clone())
    }
}

#[tokio::test]
async fn choices_are_graded_with_each_kind_of_credit() {
    let group = "<checkboxgroup><choice correct=\"true\">a</choice><choice correct=\"false\">b</choice><choice correct=\"true\">c</choice></checkboxgroup>";
    let boxes =
        |names: &[&'static str]| names.iter().map(|name| ("input_p_2_1[]", *name)).collect::<Vec<_>>();
    for (credit, chosen, word, score) in [
        ("", vec!["choice_0", "choice_2"], "correct", json!(1)),
        ("", vec!["choice_0"], "incorrect", json!(0)),
        ("partial_credit=\"EDC\"", vec!["choice_0"], "correct", json!(0.67)),
        ("partial_credit=\"halves\"", vec!["choice_0"], "correct", json!(0.5)),
        ("partial_credit=\"halves\"", vec!["choice_1"], "incorrect", json!(0)),
        ("partial_credit=\"EDC\"", vec![], "incorrect", json!(0)),
    ] {
        let desk = Desk::problem("", &format!("<choiceresponse {credit}>{group}</choiceresponse>")).await;
        assert_eq!(desk.submit(&boxes(&chosen)).await, (word.to_owned(), score), "{credit} {chosen:?}");
    }
    let body = "<multiplechoiceresponse partial_credit=\"points\"><choicegroup><choice correct=\"false\">a</choice>\
        <choice correct=\"true\" name=\"yes\">b</choice><choice correct=\"partial\" point_value=\"0.25\">c</choice></choicegroup></multiplechoiceresponse>";
    let desk = Desk::problem("", body).await;
    assert_eq!(desk.check("choice_yes").await, ("correct".into(), json!(1)));
    assert_eq!(desk.check("choice_2").await, ("correct".into(), json!(0.25)));
    assert_eq!(desk.check("choice_0").await, ("incorrect".into(), json!(0)));
    let mixed = r#"<choicetextresponse><radiotextgroup><choice correct="true">exactly <numtolerance_input answer="5" tolerance="10%"/></choice>
        <choice correct="false">nothing <decoy_input/></choice></radiotextgroup></choicetextresponse>"#;
    let desk = Desk::problem("", mixed).await;
    let chosen = |number: &str| {
        let body = json!({"p_2_1_choiceinput_0bc": "choiceinput_0bc", "p_2_1_choiceinput_0_numtolerance_input_0": number});
        body.to_string()
    };
    assert_eq!(desk.submit(&[("input_p_2_1{}", &chosen("5.4"))]).await.0, "correct");
    assert_eq!(desk.submit(&[("input_p_2_1{}", &chosen("5.6"))]).await.0, "incorrect");
    assert_eq!(desk.submit(&[("input_p_2_1{}", r#"{"p_2_1_choiceinput_1bc": "x"}"#)]).await.0, "incorrect");
    let old = r#"<optionresponse><optioninput options="('Paris','L\'Aquila')" correct="L'Aquila"/></optionresponse>"#;
    let desk = Desk::problem("", old).await;
    assert_eq!(desk.check("L'Aquila").await.0, "correct");
    assert_eq!(desk.check("Paris").await.0, "incorrect");
}

#[tokio::test]
async fn texts_and_numbers_are_graded_as_documented() {
    for (body, right, wrong) in [
        (
            "<stringresponse answer=\"Michigan\" type=\"ci\"><additional_answer answer=\"MI\"/><textline/></stringresponse>",
            " mi ",
            "mich",
        ),
        ("<stringresponse answer=\"Michigan\"><textline/></stringresponse>", "Michigan", "michigan"),
        ("<stringresponse answer=\"a_or_b\"><textline/></stringresponse>", "b", "a_or_b"),
        // Joined without brackets: `^a|b$`.
        (
            "<stringresponse answer=\"a\" type=\"regexp\"><additional_answer answer=\"b\"/><textline/></stringresponse>",
            "xxb",
            "xa",
        ),
        (
            "<numericalresponse answer=\"3.14\"><responseparam type=\"tolerance\" default=\"0.02\"/><textline/></numericalresponse>",
            "3.16",
            "3.17",
        ),
        ("<numericalresponse answer=\"[5,7)\"><formulaequationinput/></numericalresponse>", "5", "7"),
        ("<numericalresponse answer=\"22/7\"><formulaequationinput/></numericalresponse>", "22/7", ""),
        (
            "<formularesponse samples=\"x,y@1,1:5,5#10\" answer=\"x^2+y\"><formulaequationinput/></formularesponse>",
            "Y+X*x",
            "x*y",
        ),
        (
            "<imageresponse><imageinput src=\"/static/a.png\" width=\"9\" height=\"9\" rectangle=\"(10,10)-(60,40)\" regions=\"[[100,100],[200,100],[150,200]]\"/></imageresponse>",
            "[150,150]",
            "[5,5]",
        ),
    ] {
        let desk = Desk::problem("", body).await;
        assert_eq!(desk.check(wrong).await, ("incorrect".into(), json!(0)), "{body}: {wrong}");
        assert_eq!(desk.check(right).await, ("correct".into(), json!(1)), "{body}: {right}");
    }
}

#[tokio::test]
async fn nonsense_uses_no_attempt_and_is_a_sentence_of_status_200() {
    let body = "<numericalresponse answer=\"1\"><description>One digit</description><formulaequationinput/></numericalresponse>";
    let desk = Desk::problem("max_attempts=\"2\" showanswer=\"finished\"", body).await;
    assert_eq!(desk.check("2x").await.0, "Invalid math syntax: '2x'");
    assert!(desk.check("x").await.0.starts_with("You may not use variables (x)"));
    let malformed = desk.act("p", "problem_check", &[("noinput", "1")]).await;
    assert!(malformed["success"].as_str().expect("sentence").starts_with("We're sorry"));
    assert_eq!(desk.act("p", "problem_get", &[]).await["attempts_used"], 0);
    assert_eq!(desk.check("").await.0, "incorrect");
    let changed =
        "The state of this problem has changed since you loaded this page. Please refresh your page.";
    assert_eq!(desk.act("p", "problem_show", &[]).await, json!({"success": changed}));
    let last = desk.act("p", "problem_check", &[("input_p_2_1", "2")]).await;
    assert_eq!(last["attempts_used"], 2);
    let page = last["contents"].as_str().expect("html");
    assert!(page.contains("<span class=\"status incorrect\" id=\"status_p_2_1\""), "{page}");
    assert!(page.contains("<p class=\"question-description\">One digit</p>"), "{page}");
    assert!(page.contains("You have used 2 of 2 attempts") && page.contains("Incorrect (0/1 point)"));
    assert!(page.contains("data-should-enable-submit-button=\"False\""));
    assert_eq!(desk.check("1").await.0, changed);
    assert_eq!(desk.act("p", "problem_show", &[]).await["answers"]["p_2_1"], "1");
    assert_eq!(desk.act("p", "problem_fly", &[]).await, "Error: problem_fly is not a known capa action");
}

#[tokio::test]
async fn several_responses_share_the_weight_and_make_the_grade() {
    let desk = Desk::with(&sample()).await;
    let form = [("input_p2_2_1[]", "choice_0"), ("input_p2_2_1[]", "choice_2"), ("input_p2_3_1", "11")];
    let body = desk.act("p2", "problem_check", &form).await;
    assert_eq!(
        (&body["success"], &body["current_score"], &body["total_possible"]),
        (&"incorrect".into(), &json!(2.0), &json!(4.0))
    );
    let page = body["contents"].as_str().expect("html");
    assert!(
        page.contains("<span class=\"status correct\" id=\"status_p2_2_1\"")
            && page.contains("Partially correct (2/4 points)")
    );
    let grades =
        desk.bench.json(desk.bench.lms(&format!("/api/grades/v1/courses/{KEY}/?username=learner"))).await;
    assert_eq!((&grades[0]["percent"], &grades[0]["passed"]), (&json!(0.4), &false.into()));
    desk.act("p1", "problem_check", &[("input_p1_2_1", "choice_1")]).await;
    let page = desk.bench.json(desk.bench.lms(&format!("/api/grades/v1/courses/{KEY}/"))).await;
    assert_eq!(
        (&page["results"][0]["percent"], &page["results"][0]["letter_grade"]),
        (&json!(0.6), &"Pass".into())
    );
    let history = desk
        .bench
        .json(desk.bench.lms(&format!("/api/grades/v1/submission_history/{KEY}/?username=learner")))
        .await;
    let problems = history["results"][0]["problems"].as_array().expect("problems");
    let p2 = problems.iter().find(|problem| problem["name"] == "Inline").expect("p2");
    let state = &p2["submission_history"][0]["state"];
    assert_eq!(state["student_answers"]["p2_2_1"], json!(["choice_0", "choice_2"]));
    assert_eq!(state["correct_map"]["p2_3_1"]["correctness"], "incorrect");
}

#[tokio::test]
async fn what_cannot_be_graded_here_says_so_until_it_is_told() {
    let body = "<script type=\"loncapa/python\">x = 4</script><customresponse cfn=\"check\"><textline/></customresponse>";
    let desk = Desk::problem("", body).await;
    assert!(desk.check("4").await.0.starts_with("We're sorry"));
    desk.bench.edx.accept("block-v1:New+Course+R1+type@problem+block@p", "2_1", "4");
    assert_eq!(desk.check("4").await.0, "correct");
    assert_eq!(desk.check("5").await.0, "incorrect");
    let code = "<coderesponse queuename=\"q\"><textbox mode=\"python\"/><codeparam><initial_display>def f():</initial_display></codeparam></coderesponse>";
    let desk = Desk::problem("", code).await;
    let usage = "block-v1:New+Course+R1+type@problem+block@p";
    assert!(!desk.bench.edx.deliver_verdict("learner", usage, "2_1", 1.0, ""));
    assert_eq!(desk.check("def f(): pass").await, ("incorrect".into(), json!(0)));
    let page = desk.act("p", "problem_get", &[]).await;
    assert!(page["html"].as_str().expect("html").contains("status processing\" id=\"status_p_2_1\""));
    assert!(desk.check("again").await.0.starts_with("You must wait"));
    assert!(desk.bench.edx.deliver_verdict("learner", usage, "2_1", 0.5, "<p>half</p>"));
    let page = desk.act("p", "problem_get", &[]).await;
    assert_eq!(page["current_score"], json!(0.5));
    assert!(page["html"].as_str().expect("html").contains("<p>half</p>"));
}

#[tokio::test]
async fn outsiders_have_no_handlers() {
    let bench = Bench::new().await;
    bench.import(KEY, &sample()).await;
    let url = bench.lms(&format!("/courses/{KEY}/xblock/block-v1:New+Course+R1+type@problem+block@p1/handler/xmodule_handler/problem_get"));
    let anonymous = bench.http.post(&url).send().await.expect("answer");
    assert_eq!(
        (anonymous.status().as_u16(), anonymous.text().await.expect("text").as_str()),
        (403, "Unauthenticated")
    );
    let learner = bench.http.post(&url).header("Authorization", format!("JWT {}", bench.learner().await));
    assert_eq!(learner.send().await.expect("answer").status(), 404);
    assert_eq!(bench.post(url).send().await.expect("answer").status(), 200);
}
