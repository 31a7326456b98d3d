//! The little reStructuredText that feedback is made of: paragraphs, lists, literal blocks, inline markup.
//! Everything else passes as a paragraph of its source.

/// Turns a feedback text into the HTML that the server answers (reference inginious.md 5.2, 10).
pub(crate) fn to_html(source: &str) -> String {
    let mut html = String::new();
    let mut lines = source.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let mut block = vec![line];
        while let Some(next) = lines.next_if(|next| !next.trim().is_empty()) {
            block.push(next);
        }
        let directive =
            line.trim_start().strip_prefix(".. code-block::").or(line.trim_start().strip_prefix(".. code::"));
        if let Some(language) = directive {
            let mut code: Vec<&str> = block.split_off(1);
            while let Some(next) =
                lines.next_if(|next| next.trim().is_empty() || next.starts_with([' ', '\t']))
            {
                code.push(next);
            }
            html.push_str(&code_block(language.trim(), &code));
        } else if block.iter().all(|line| bullet(line).is_some()) {
            let items: Vec<String> = block
                .iter()
                .filter_map(|line| bullet(line))
                .map(|item| format!("<li>{}</li>\n", inline(item)))
                .collect();
            html.push_str(&format!("<ul class=\"simple\">\n{}</ul>\n", items.concat()));
        } else {
            let text = block.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n");
            html.push_str(&format!("<p>{}</p>\n", inline(&text)));
        }
    }
    html
}

fn bullet(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))
}

fn code_block(language: &str, lines: &[&str]) -> String {
    let body: Vec<&&str> = lines.iter().skip_while(|line| line.trim().is_empty()).collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let depth =
        body.iter().filter(|line| !line.trim().is_empty()).map(|line| indent(line)).min().unwrap_or(0);
    let text = body.iter().map(|line| line.get(depth..).unwrap_or_default()).collect::<Vec<_>>().join("\n");
    format!("<pre class=\"code {language} literal-block\">\n{}\n</pre>\n", escape_text(text.trim_end()))
}

fn inline(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let marked = [
            ("``", "``", Mark::Code),
            (":math:`", "`", Mark::Math),
            ("**", "**", Mark::Strong),
            ("*", "*", Mark::Emphasis),
        ]
        .into_iter()
        .find_map(|(open, close, mark)| {
            let inside = rest.strip_prefix(open)?;
            let end = inside.find(close).filter(|end| *end > 0)?;
            let (content, after) = (inside.get(..end)?, inside.get(end + close.len()..)?);
            (!content.starts_with(' ')).then_some((content, after, mark))
        });
        if let Some((content, after, mark)) = marked {
            let content = escape_text(content);
            html.push_str(&match mark {
                Mark::Code => format!("<code class=\"docutils literal\">{content}</code>"),
                Mark::Math => format!("<span class=\"math\">\\({content}\\)</span>"),
                Mark::Strong => format!("<strong>{content}</strong>"),
                Mark::Emphasis => format!("<em>{content}</em>"),
            });
            rest = after;
        } else {
            let mut characters = rest.chars();
            let first = characters.next().map(String::from).unwrap_or_default();
            html.push_str(&escape_text(&first));
            rest = characters.as_str();
        }
    }
    html
}

enum Mark {
    Code,
    Math,
    Strong,
    Emphasis,
}

/// Escapes text for an HTML page, as its templates do.
pub(crate) fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&#34;").replace('\'', "&#39;")
}

/// Escapes text as the writer of reStructuredText does: `@` too, against collectors of addresses.
fn escape_text(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('@', "&#64;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_markup_of_feedback() {
        assert_eq!(to_html(""), "");
        assert_eq!(
            to_html("One\n\nTwo **b** & ``c``"),
            "<p>One</p>\n<p>Two <strong>b</strong> &amp; <code class=\"docutils literal\">c</code></p>\n"
        );
        assert_eq!(to_html(":math:`x^2 < 1`"), "<p><span class=\"math\">\\(x^2 &lt; 1\\)</span></p>\n");
        assert_eq!(to_html("- a\n- b"), "<ul class=\"simple\">\n<li>a</li>\n<li>b</li>\n</ul>\n");
        assert_eq!(to_html("2 * 3 * 4"), "<p>2 * 3 * 4</p>\n");
        let code = ".. code-block:: python\n\n    print(1)\n    if x:\n        y()\n\nafter";
        assert_eq!(
            to_html(code),
            "<pre class=\"code python literal-block\">\nprint(1)\nif x:\n    y()\n</pre>\n<p>after</p>\n"
        );
    }
}
