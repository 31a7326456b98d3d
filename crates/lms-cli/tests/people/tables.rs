//! What CSVs hold, and what is said of them.

use crate::platforms::{Platform, stderr, stdout};

const COURSE: &str = "openedx:course-v1:Example+ONE+demo";

#[test]
fn a_table_that_cannot_be_used_is_told_with_line_and_column_and_nothing_is_sent() {
    let platform = Platform::openedx(3, Default::default());
    let cases: &[(&[u8], &[&str])] = &[
        (b"", &["line 1", "no column names"]),
        (b"name,note\nAda,x\n", &["no column says who", "`user`, `username` or `email`", "name, note"]),
        (b"user;mode\nada;audit\n", &["--delimiter ';'"]),
        (b"username,mode\nperson00001\n", &["line 2: 1 cell ", "2 columns"]),
        (b"username,mode\n,audit\n", &["line 2, column username: empty"]),
        (b"email\nada.example.org\n", &["line 2, column email: no e-mail address"]),
        (b"email\na@example.org\nb@example.org c@example.org\n", &["line 3, column email"]),
        (b"username\n\"ada,ben\"\n", &["line 2, column username: a comma"]),
        (
            b"username,mode\nada,audit\nada,honor\n",
            &["line 3: the same person as on line 2, with another mode"],
        ),
        (b"username\n\xff\xfe\xfa\n", &["line 2, column username: no UTF-8"]),
        (b"username,User Name\nada,ada\n", &["username"]),
        (b"username,outcome,detail\nada,enrolled,\n", &["the result of another run", "--resume"]),
        (b"username,Username\nada,ada\n", &["columns 1 and 2 are both called"]),
        (b"\xff\xfeu\0s\0e\0r\0", &["UTF-16"]),
    ];
    for (bytes, says) in cases {
        std::fs::write(platform.path("people.csv"), bytes).expect("it can be written");
        let output = platform.run(&["enroll", COURSE, "--csv", "people.csv", "--dry-run"]);
        let said = stderr(&output);
        if says == &["username"] {
            // Two names for who: the first one counts.
            assert_eq!(output.status.code(), Some(0), "{said}");
            continue;
        }
        assert_eq!(output.status.code(), Some(2), "{}: {said}", String::from_utf8_lossy(bytes));
        for says in *says {
            assert!(said.contains(says), "{says:?} is not in {said}");
        }
    }
    assert_eq!(platform.log().writes(), 0, "nothing is sent");
    assert!(!platform.path("people.result.csv").exists());

    let many: String = (0..50).map(|_| "no address\n").collect();
    platform.write("people.csv", &format!("email\n{many}"));
    let said = stderr(&platform.run(&["enroll", COURSE, "--csv", "people.csv"]));
    assert!(said.contains("and 30 more") && said.lines().count() < 25, "{said}");
    let said = stderr(&platform.run(&["enroll", COURSE, "--csv", "nowhere.csv"]));
    assert!(said.contains("nowhere.csv"), "{said}");
}

#[test]
fn spreadsheets_standard_input_and_odd_rows_are_taken() {
    use std::io::Write;
    let platform = Platform::openedx(3, Default::default());
    let table = "\u{feff}User Name;mode;note\r\nperson00001;;\"a; b\"\r\nPERSON00001;;\r\nnew@example.org;;\r\n;;\r\nperson00001;;\r\n";
    let mut command = platform.lms(&["enroll", COURSE, "--csv", "-", "--delimiter", ";"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("piped").write_all(table.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let expected = "User Name;mode;note;outcome;detail\n\
        person00001;;\"a; b\";enrolled;person00001\n\
        PERSON00001;;;refused;neither an address nor the name of an account\n\
        new@example.org;;;pending;no account yet; takes part once there is one\n\
        ;;;empty;\n\
        person00001;;;duplicate;the same person as on line 2\n";
    let expected = expected.replace(
        "no account yet; takes part once there is one",
        "\"no account yet; takes part once there is one\"",
    );
    assert_eq!(stdout(&output), expected);
    assert!(
        stderr(&output).contains("1 enrolled, 1 pending, 1 refused, 1 duplicate, 1 empty"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_result_is_not_written_over_and_goes_on_only_for_its_own_table() {
    let platform = Platform::openedx(9, Default::default());
    let all = "username\nperson00001\nperson00002\nperson00003\n";
    platform.write("people.csv", all);
    let enroll = |more: &[&str]| {
        let mut args = vec!["enroll", COURSE, "--csv", "people.csv"];
        args.extend(more);
        platform.run(&args)
    };
    assert_eq!(enroll(&[]).status.code(), Some(0));
    let whole = platform.read("people.result.csv");
    let again = enroll(&[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("--resume"), "{}", stderr(&again));

    // A last line that was cut anywhere is done again; nothing before it is.
    for cut in [whole.len() - 1, whole.len() - 9, "username,outcome,detail\n".len() + 3, 5, 0] {
        platform.write("people.result.csv", &whole[..cut]);
        let output = enroll(&["--resume"]);
        assert_eq!(output.status.code(), Some(0), "cut at {cut}: {}", stderr(&output));
        let read = platform.read("people.result.csv");
        assert_eq!(read.lines().count(), 4, "cut at {cut}: {read}");
        assert!(read.lines().skip(1).all(|l| l.contains(",enrolled,") || l.contains(",already,")), "{read}");
    }

    platform.write("people.result.csv", &whole);
    platform.write("people.csv", &all.replace("person00002", "person00004"));
    let other = enroll(&["--resume"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(stderr(&other).contains("line 3 is not about the same row"), "{}", stderr(&other));
    assert_eq!(platform.read("people.result.csv"), whole);
    platform.write("people.result.csv", "something else\n");
    assert_eq!(enroll(&["--resume"]).status.code(), Some(2));
    assert_eq!(platform.read("people.result.csv"), "something else\n", "it is nobody's to cut");
}

#[test]
fn accounts_are_opened_and_their_passwords_are_written_nowhere() {
    let platform = Platform::openedx(1, Default::default());
    platform.write(
        "accounts.csv",
        "username,email,name,password,field.country\n\
         adal,ada@example.org,Ada Lovelace,canary-Pa55word-one,GB\n\
         person00001,ben@example.org,Ben,canary-Pa55word-two,\n\
         cleo,cleo@example.org,Cleo,,\n",
    );
    let args = ["register", "openedx", "--csv", "accounts.csv", "--accept-terms"];
    let missing = platform.run(&args);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("line 4, column password: empty"), "{}", stderr(&missing));

    let mut with_command = args.to_vec();
    with_command.extend(["--password-command", "echo canary-Pa55word-three", "-vv"]);
    let mut checked = with_command.clone();
    checked.extend(["--validate-only", "--result", "checked.csv"]);
    let checked = platform.run(&checked);
    assert_eq!(checked.status.code(), Some(1), "{}", stderr(&checked));
    let rows = platform.read("checked.csv");
    assert!(rows.contains("adal,ada@example.org,Ada Lovelace,,GB,valid,"), "{rows}");
    assert!(rows.lines().nth(2).is_some_and(|l| l.contains("refused") && l.contains("username: ")), "{rows}");

    let output = platform.run(&with_command);
    let rows = platform.read("accounts.result.csv");
    assert!(rows.contains("adal,ada@example.org,Ada Lovelace,,GB,registered,"), "{rows}");
    assert!(rows.contains("cleo,cleo@example.org,Cleo,,,registered,"), "{rows}");
    assert!(rows.lines().nth(2).is_some_and(|l| l.contains(",already,")), "{rows}");
    let said = format!("{rows}{}{}{}", stdout(&output), stderr(&output), stderr(&checked));
    assert!(!said.contains("canary"), "a password was written: {said}");
    let mut again = with_command.clone();
    again.push("--resume");
    assert_eq!(platform.run(&again).status.code(), Some(0));
    assert_eq!(platform.read("accounts.result.csv"), rows, "the second run had nothing to do");
}

#[test]
fn no_rights_no_course_and_no_such_ability_are_told() {
    let stepik = Platform::stepik(2, Default::default());
    let cases: [(&[&str], i32, &str); 6] = [
        (&["enroll", "stepik:999", "7"], 1, "lms courses"),
        (&["enroll", "stepik:", "7"], 2, "lms courses stepik"),
        (&["enroll", "stepik:501", "ada"], 1, "which is a number"),
        (&["enroll", "stepik:501", "7", "--mode", "audit"], 1, "with a mode"),
        (&["unenroll", "stepik:501", "person00001@example.org"], 1, "by e-mail address"),
        (&["enroll", "stepik:501"], 2, "--csv"),
    ];
    for (args, code, says) in cases {
        let output = stepik.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{args:?}: {}", stderr(&output));
    }
    let crate::platforms::Server::Stepik(server) = &stepik.server else { return };
    let who = server.credentials();
    let as_learner = |args: &[&str]| {
        let mut command = stepik.lms(args);
        command
            .env("LMS_STEPIK_USERNAME", &who.learner_username)
            .env("LMS_STEPIK_PASSWORD", &who.learner_password);
        command.output().expect("it runs")
    };
    stepik.write("people.csv", "email\nperson00001@example.org\nperson00002@example.org\n");
    let output = as_learner(&["enroll", "stepik:501", "--csv", "people.csv"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("only teachers"), "{}", stderr(&output));
    assert!(!stepik.path("people.result.csv").exists(), "nothing came of it, and nothing is in the way");
    let output = as_learner(&["enroll", "stepik:501", "--me"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn people_leave_on_each_platform_and_twice_is_no_error() {
    for platform in [
        Platform::stepik(3, Default::default()),
        Platform::openedx(3, Default::default()),
        Platform::inginious(3, Default::default()),
    ] {
        let all: Vec<String> = (1..=3).map(|number| platform.person(number)).collect();
        platform.write("people.csv", &format!("{}\n{}\n", platform.column, all.join("\n")));
        let enrolled = platform.run(&["enroll", platform.course, "--csv", "people.csv"]);
        assert_eq!(enrolled.status.code(), Some(0), "{}", stderr(&enrolled));
        let again =
            platform.run(&["enroll", platform.course, "--csv", "people.csv", "--result", "again.csv"]);
        assert_eq!(stdout(&again).lines().next(), Some("3 already"), "{}", stderr(&again));

        let roster = stdout(&platform.run(&["roster", platform.course, "--csv"]));
        let users: Vec<&str> = roster.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(users.len(), 3, "{roster}");
        platform.write("leavers.csv", &format!("user\n{}\n{}\n", users[0], users[1]));
        for expected in ["2 unenrolled", "2 already"] {
            let result = format!("{}.csv", expected.replace(' ', "-"));
            let left =
                platform.run(&["unenroll", platform.course, "--csv", "leavers.csv", "--result", &result]);
            assert_eq!(left.status.code(), Some(0), "{}: {}", platform.course, stderr(&left));
            assert_eq!(stdout(&left).lines().next(), Some(expected), "{}", platform.course);
        }
        let roster = stdout(&platform.run(&["roster", platform.course, "--csv"]));
        assert_eq!(roster.lines().filter(|line| line.contains(",active,")).count(), 1, "{roster}");
    }
}
