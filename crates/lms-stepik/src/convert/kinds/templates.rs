//! Languages of `code`: templates, names, limits (reference stepik.md 4.13).

use lms_core::CodeLanguage;

/// The section lines within a language's template.
const SECTIONS: [&str; 3] = ["header", "code", "footer"];

/// Languages known by these names; others come and go, and are passed on as they are.
const NAMES: [&str; 30] = [
    "python3",
    "python3.10",
    "c",
    "c++",
    "c++11",
    "haskell",
    "haskell 7.10",
    "haskell 8.0",
    "java",
    "java8",
    "java9",
    "java11",
    "java17",
    "octave",
    "asm32",
    "asm64",
    "shell",
    "rust",
    "r",
    "ruby",
    "clojure",
    "mono c#",
    "javascript",
    "scala",
    "kotlin",
    "go",
    "pascalabc",
    "perl",
    "julia",
    "php",
];

/// What other platforms call them.
const ALIASES: [(&str, &str); 15] = [
    ("python", "python3"),
    ("py", "python3"),
    ("cpp", "c++"),
    ("c++14", "c++"),
    ("c++17", "c++"),
    ("c++20", "c++"),
    ("js", "javascript"),
    ("node", "javascript"),
    ("bash", "shell"),
    ("sh", "shell"),
    ("csharp", "mono c#"),
    ("c#", "mono c#"),
    ("golang", "go"),
    ("rb", "ruby"),
    ("pascal", "pascalabc"),
];

/// Stepik's name for a language that another platform calls `name`.
pub(super) fn native_name(name: &str) -> Option<&'static str> {
    let name = name.trim().to_lowercase();
    let known = NAMES.iter().find(|known| **known == name).copied();
    known.or_else(|| ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, native)| *native))
}

/// The languages of `templates_data`; none means that all may be used.
pub(super) fn parse(data: &str) -> Vec<CodeLanguage> {
    let mut languages: Vec<CodeLanguage> = Vec::new();
    let mut section = "code";
    for line in data.split_inclusive('\n') {
        let mark = line.trim_end().strip_prefix("::").map(str::trim).filter(|mark| !mark.is_empty());
        if let Some(mark) = mark {
            match SECTIONS.iter().find(|name| **name == mark) {
                Some(name) => section = name,
                None => {
                    section = "code";
                    languages.push(language(mark));
                }
            }
        } else if let Some(language) = languages.last_mut() {
            match section {
                "header" => language.header.push_str(line),
                "footer" => language.footer.push_str(line),
                _ => language.template.push_str(line),
            }
        }
    }
    for language in &mut languages {
        for text in [&mut language.header, &mut language.template, &mut language.footer] {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
    }
    languages
}

pub(in crate::convert) fn language(name: &str) -> CodeLanguage {
    CodeLanguage {
        name: name.to_owned(),
        template: String::new(),
        header: String::new(),
        footer: String::new(),
        seconds: None,
        megabytes: None,
    }
}

/// The languages as `templates_data`.
pub(super) fn render(languages: &[CodeLanguage]) -> String {
    let mut data = String::new();
    let mut line = |text: &str| {
        data.push_str(text);
        data.push('\n');
    };
    for language in languages {
        line(&format!("::{}", language.name));
        for (section, text) in
            [("header", &language.header), ("code", &language.template), ("footer", &language.footer)]
        {
            if section == "code" || !text.is_empty() {
                line(&format!("::{section}"));
                line(text);
            }
        }
    }
    data
}

/// The time limit of a language where limits are scaled, rounded half up.
pub(super) fn scaled_seconds(language: &str, seconds: f64) -> f64 {
    let factor = match language {
        "python3" | "ruby" | "javascript" => 3.0,
        "octave" | "rust" => 2.5,
        "clojure" => 2.0,
        name if name.starts_with("haskell") => 2.0,
        "java" | "java8" | "r" | "mono c#" | "scala" => 1.5,
        _ => 1.0,
    };
    (seconds * factor + 0.5).floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_come_back() {
        let mut python = language("python3");
        python.template = "def f():\n    pass".into();
        python.footer = "print(f())".into();
        let languages = [python, language("mono c#")];
        let data = render(&languages);
        assert_eq!(
            data,
            "::python3\n::code\ndef f():\n    pass\n::footer\nprint(f())\n::mono c#\n::code\n\n"
        );
        assert_eq!(parse(&data), languages);
        assert_eq!(parse("just text\nwithout languages"), []);
    }

    #[test]
    fn limits_scale_as_recorded() {
        assert_eq!(scaled_seconds("java8", 5.0), 8.0);
        assert_eq!(scaled_seconds("python3", 5.0), 15.0);
        assert_eq!(scaled_seconds("c++", 5.0), 5.0);
    }
}
