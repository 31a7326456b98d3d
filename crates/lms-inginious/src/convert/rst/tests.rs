//! Both directions against each other.

use proptest::prelude::*;

use super::{Shape, from_html, to_html};

fn html(rst: &str) -> String {
    to_html(rst, Shape::Flow).html
}

#[test]
fn constructs_become_html() {
    for (rst, expected) in [
        ("A *b* **c** ``d*`` e.", "<p>A <em>b</em> <strong>c</strong> <code>d*</code> e.</p>"),
        ("2*3*4 and a_b", "<p>2*3*4 and a_b</p>"),
        ("\\*no\\*", "<p>*no*</p>"),
        (
            ":math:`x_1 < \\frac{a}{b}`",
            "<p><span class=\"math inline\">\\(x_1 &lt; \\frac{a}{b}\\)</span></p>",
        ),
        ("`docs <https://a.b/c_d>`_.", "<p><a href=\"https://a.b/c_d\">docs</a>.</p>"),
        (
            "`docs`_ and docs_\n\n.. _docs: https://a.b",
            "<p><a href=\"https://a.b\">docs</a> and <a href=\"https://a.b\">docs</a></p>",
        ),
        ("see https://a.b/c.", "<p>see <a href=\"https://a.b/c\">https://a.b/c</a>.</p>"),
        ("Title\n=====\n\nSub\n---\n\nx", "<h3>Title</h3>\n<h4>Sub</h4>\n<p>x</p>"),
        ("- a\n- b\n\n  - c", "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul></li>\n</ul>"),
        ("#. a\n#. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("Like::\n\n    x < 1\n      y", "<p>Like:</p>\n<pre>x &lt; 1\n  y</pre>"),
        (".. code-block:: c\n\n    int x;", "<pre><code class=\"language-c\">int x;</code></pre>"),
        (".. math::\n\n    a + b", "<p><span class=\"math display\">\\[a + b\\]</span></p>"),
        (".. image:: t/a.png\n    :width: 10", "<p><img src=\"t/a.png\" width=\"10\"></p>"),
        (
            ".. note::\n    :title: T\n\n    x",
            "<div class=\"admonition note\">\n<p class=\"admonition-title\">T</p>\n<p>x</p>\n</div>",
        ),
        (".. note:: x", "<div class=\"admonition note\">\n<p>x</p>\n</div>"),
        (".. raw:: html\n\n    <b>x</b>\n\n    <i>y</i>", "<b>x</b>\n\n<i>y</i>"),
        ("a |b| c\n\n.. |b| raw:: html\n\n    <br>", "<p>a <br> c</p>"),
        ("term\n    what", "<dl>\n<dt>term</dt>\n<dd>what</dd>\n</dl>"),
        ("x\n\n    quote", "<p>x</p>\n<blockquote>\n<p>quote</p>\n</blockquote>"),
        ("| a\n| b", "<p>a<br>\nb</p>"),
        (".. a comment\n   goes on\n\nx", "<p>x</p>"),
        (
            "+---+---+\n| a | b |\n+===+===+\n| c | d |\n+---+---+",
            "<table>\n<thead>\n<tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody>\n<tr><td>c</td><td>d</td></tr>\n</tbody>\n</table>",
        ),
        (
            "==  ==\na   b\n==  ==\n1   2\n3   4\n==  ==",
            "<table>\n<thead>\n<tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody>\n<tr><td>1</td><td>2</td></tr>\n<tr><td>3</td><td>4</td></tr>\n</tbody>\n</table>",
        ),
        (
            ".. list-table::\n    :header-rows: 1\n\n    * - a\n      - b\n    * - c\n      - d",
            "<table>\n<thead>\n<tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody>\n<tr><td>c</td><td>d</td></tr>\n</tbody>\n</table>",
        ),
    ] {
        let made = to_html(rst, Shape::Flow);
        assert_eq!(made.html, expected, "{rst}");
        assert_eq!(made.notes, [], "{rst}");
    }
}

#[test]
fn what_is_not_understood_is_kept_and_noted() {
    let made = to_html("x\n\n.. figurine:: a\n   :b: c\n\n   d\n\nA :job:`y` ends.", Shape::Flow);
    assert!(
        made.html.contains("<pre class=\"rst\">.. figurine:: a\n   :b: c\n\n   d</pre>"),
        "{}",
        made.html
    );
    assert_eq!(made.notes.iter().map(|n| n.line).collect::<Vec<_>>(), [3, 8]);
    assert!(from_html(&made.html).contains(".. figurine:: a\n   :b: c\n\n   d"));
}

#[test]
fn html_becomes_readable_rst() {
    for (html, rst) in [
        ("plain", "plain"),
        ("<p>a <b>b</b>, <i>c</i>d</p>", "a **b**, *c*\\ d"),
        ("<p>1. no list</p><p>- nor this</p><p>x::</p>", "\\1. no list\n\n\\- nor this\n\nx\\:\\:"),
        ("<p>a_ *b* http://x.y me@x.y</p>", "a\\_ \\*b\\* http\\://x.y me\\@x.y"),
        ("<h2>T</h2><p>x</p><h3>U</h3>", "T\n====\n\nx\n\nU\n----"),
        ("<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>", "- a\n\n  1. b\n\n- c"),
        (
            "<p>x <span style=\"color:red\">y</span></p>",
            ".. raw:: html\n\n    <p>x <span style=\"color:red\">y</span></p>",
        ),
        ("<p><a href=\"https://a.b/c d\">t</a></p>", "`t <https://a.b/c%20d>`__"),
        (
            "<pre><code class=\"language-c\">int x;\n  y\n</code></pre>",
            ".. code-block:: c\n\n    int x;\n      y",
        ),
        ("<p>a<br>b</p>", "| a\n| b"),
        ("<p>f <span class=\"math inline\">\\(a\\)</span>s</p>", "f :math:`a`\\ s"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n..\n\n- b"),
        ("<pre>\n\n\tx</pre>", ".. raw:: html\n\n    <pre>\n\n    &#9;x</pre>"),
    ] {
        assert_eq!(from_html(html), rst, "{html}");
    }
}

/// What is written is read and written again as the same text.
fn settles(source: &str) -> Result<(), TestCaseError> {
    let rst = from_html(source);
    let once = html(&rst);
    let again = from_html(&once);
    prop_assert_eq!(&again, &rst, "\n--- html\n{}\n--- read\n{}", source, once);
    Ok(())
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zé ]{0,8}",
        2 => "[ -~]{0,10}",
        1 => "(-|[0-9]\\.|\\.\\.|::|:a:|http://a|`|\\*|_|=====|>>>|\\|) ?[a-z]{0,3}",
    ]
    .prop_map(|text| lms_core::escape(&text))
}

fn inline() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => words(),
        1 => words().prop_map(|t| format!("<b>{t}</b>")),
        1 => words().prop_map(|t| format!("<em>{t}</em>")),
        1 => words().prop_map(|t| format!("<code>{t}</code>")),
        1 => words().prop_map(|t| format!("<a href=\"u_?{t}\">{t}</a>")),
        1 => words().prop_map(|t| format!("<u>{t}</u>")),
        1 => words().prop_map(|t| format!("<span class=\"math inline\">\\({t}\\)</span>")),
        1 => words().prop_map(|t| format!("<span class=\"math display\">\\[{t}\\]</span>")),
        1 => Just("<br>".to_owned()),
        1 => words().prop_map(|t| format!("<img src=\"a b\" alt=\"{t}\">")),
    ];
    prop::collection::vec(leaf, 0..5).prop_map(|parts| parts.concat())
}

fn flow() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => inline().prop_map(|t| format!("<p>{t}</p>")),
        1 => inline(),
        1 => ("[1-6]", inline()).prop_map(|(n, t)| format!("<h{n}>{t}</h{n}>")),
        1 => "[ -~\n\t]{0,20}".prop_map(|t| format!("<pre>{}</pre>", lms_core::escape(&t))),
        1 => "[ -~\n]{0,20}".prop_map(|t| format!("<pre><code>{}</code></pre>", lms_core::escape(&t))),
        1 => Just("<hr>".to_owned()),
        1 => Just("<!-- c -->".to_owned()),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let many = prop::collection::vec(inner.clone(), 0..3).prop_map(|parts| parts.join("\n"));
        prop_oneof![
            prop::collection::vec(many.clone(), 0..3).prop_map(|items| format!(
                "<ul>{}</ul>",
                items.iter().map(|i| format!("<li>{i}</li>")).collect::<String>()
            )),
            prop::collection::vec(many.clone(), 0..3).prop_map(|items| format!(
                "<ol>{}</ol>",
                items.iter().map(|i| format!("<li>{i}</li>")).collect::<String>()
            )),
            many.clone().prop_map(|t| format!("<blockquote>{t}</blockquote>")),
            many.clone().prop_map(|t| format!("<div class=\"box\">{t}</div>")),
            many.clone().prop_map(|t| format!("<div class=\"admonition note\">{t}</div>")),
            (many.clone(), many.clone()).prop_map(|(a, b)| format!(
                "<table><tbody><tr><td>{a}</td><td>{b}</td></tr></tbody></table>"
            )),
            (inline(), many.clone()).prop_map(|(t, d)| format!("<dl><dt>{t}</dt><dd>{d}</dd></dl>")),
            many,
        ]
    })
}

#[test]
fn text_and_raw_html_in_a_cell_stay_apart() {
    let cell = |inner: &str| format!("<table><tbody><tr><td></td><td>{inner}</td></tr></tbody></table>");
    for inner in ["<p>A</p>\n<u></u>", "A<div class=\"b\">c</div>", "<p>A</p><!-- c -->"] {
        settles(&cell(inner)).expect(inner);
    }
}

#[test]
fn text_and_raw_html_in_an_item_stay_apart() {
    for inner in [
        "<p><span class=\"math inline\">\\(é\\)</span></p>\n<u></u>",
        "<p>A</p>\n<u></u>",
        "<p>A</p><u></u><p>B</p>",
        "<p>A</p><ul><li>B</li></ul><u></u>",
        "<u></u>\n<p>A</p>",
    ] {
        for html in [
            format!("<table><tbody><tr><td></td><td><ul><li>{inner}</li></ul></td></tr></tbody></table>"),
            format!(
                "<table><tbody><tr><td><ol><li>{inner}</li><li></li></ol></td><td>A</td></tr></tbody></table>"
            ),
            format!("<ul><li>{inner}</li></ul>"),
            format!("<ol><li><ul><li>{inner}</li></ul></li></ol>"),
            format!("<dl><dt>A</dt><dd>{inner}</dd></dl>"),
            format!("<dl><dt>A</dt><dd><ul><li>{inner}</li></ul></dd></dl>"),
            format!("<blockquote><ul><li>{inner}</li></ul></blockquote>"),
        ] {
            settles(&html).expect(&html);
        }
    }
}

#[test]
fn white_space_before_a_block_does_not_count() {
    settles("<img src=\"a b\" alt=\"\">a \n<p></p>").expect("settles");
    settles("<p><img src=\"a b\" alt=\"\">a </p>\n<p></p>").expect("settles");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn inline_html_settles(source in inline()) {
        settles(&source)?;
    }

    #[test]
    fn blocks_of_html_settle(source in flow()) {
        settles(&source)?;
    }

    #[test]
    fn any_text_is_read_without_panic(source in "[-+*.:|`_=<>\\\\ \n\ta-c1-3]{0,60}") {
        let made = to_html(&source, Shape::Flow);
        settles(&made.html)?;
    }
}
