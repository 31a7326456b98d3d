//! Texts that have broken readers, writers and parsers.

/// Draws numbers: the same ones at every run.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn of<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// Plain text as it may stand in a title, an option or an answer.
pub(crate) const PLAIN: &[&str] = &[
    "Heat",
    "a/b\\c",
    "../../etc/passwd",
    "..",
    "CON",
    "\"quoted\" 'single'",
    "key: value",
    "---",
    "...",
    "yes",
    "no",
    "null",
    "~",
    "1e3",
    "0x10",
    "0o17",
    "1_000",
    "12:30:45",
    "2026-01-01",
    "true",
    "]]>",
    "<!-- not a comment -->",
    "<b>bold</b>",
    "<script>alert(1)</script>",
    "a < b && c > d",
    "&amp; &lt; &#65; &nbsp;",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{5e2}\u{5d5}\u{5dc}\u{5dd}",
    "e\u{301}a\u{308}",
    "\u{202e}desrever",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "nbsp\u{a0}inside",
    "soft\u{ad}hyphen \u{200b}zero",
    "# heading",
    "* item",
    "- item",
    "1. one",
    "`code`",
    "|x|",
    "_under_ *star* **two**",
    "name_",
    "`link`_",
    "[1]_",
    ".. image:: x",
    "::",
    "words::",
    "back\\slash\\",
    "costs $5 and $6",
    "{{ template }} {% tag %}",
    "%s %00 ${HOME}",
    "!tag",
    "&anchor",
    "*alias",
    "@at",
    "? question",
    "{a: b}",
    "[x, y]",
    ">",
    "|",
    "=1+1",
    "a, b; c",
    "50 %",
    "'",
    "\"",
    "\\(",
    "\u{feff}bom",
    "\u{fffd}",
    "x\u{2028}y",
];

/// HTML as authors leave it. `{}` is replaced by a plain text.
const HTML: &[&str] = &[
    "{}",
    "<p>{}</p>",
    "<p>one</p><p>{}</p>",
    "<p>{}<br>next<br/>last</p>",
    "<p><b>{}</b> <i>two</i><u>three</u><sub>4</sub><sup>5</sup></p>",
    "<p>a<b>b</b>c<em>d</em>e</p>",
    "<ul><li>{}</li><li>two<ul><li>deep</li></ul></li></ul>",
    "<ol start=\"3\"><li>{}</li><li><p>par</p><p>par</p></li></ol>",
    "<table><thead><tr><th>h</th><th>{}</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
    "<table border=\"1\"><tr><td rowspan=\"2\">{}</td><td>2</td></tr><tr><td>3</td></tr></table>",
    "<pre>\n  two spaces\n\n\ttab {}\n</pre>",
    "<pre><code class=\"language-c\">if (a &lt; b &amp;&amp; c) { printf(\"%d\\n\"); }\n// {}</code></pre>",
    "<p>inline <code>a &lt;b&gt; `c` {}</code></p>",
    "<h2>{}</h2><p>text</p>",
    "<blockquote><p>{}</p></blockquote>",
    "<hr><p>{}</p><hr/>",
    "<p><a href=\"https://example.org/?a=1&amp;b=2#c\">{}</a></p>",
    "<p><a href=\"mailto:a@example.org\">{}</a> <a name=\"here\"></a></p>",
    "<p><img src=\"asset:img\" alt=\"{}\" width=\"30\"></p>",
    "<p><img src=\"asset:img\"/><img src=\"asset:same\"/></p><p>{}</p>",
    "<p><a href=\"asset:file\">{}</a></p>",
    "<p>maths <span class=\"math inline\">\\(a&lt;b_1^2\\)</span> {}</p>",
    "<p><span class=\"math display\">\\[\\begin{matrix}1&amp;2\\\\3&amp;4\\end{matrix}\\]</span></p><p>{}</p>",
    "<p>not maths: $5, \\$6, `$7$` {}</p>",
    "<div style=\"color:red\" class=\"x\"><p>{}</p></div>",
    "<p>{} &nbsp;&copy;&mdash;&#x41;&hellip;</p>",
    "<!-- hidden --><p>{}</p>",
    "<p>unclosed <p>second {}",
    "<dl><dt>{}</dt><dd>meaning</dd></dl>",
    "<iframe src=\"https://example.org/embed\" width=\"5\"></iframe><p>{}</p>",
    "<p>line\r\nbreak\n{}</p>",
    "<details><summary>{}</summary>more</details>",
    "<p dir=\"rtl\">{}</p>",
    "<p>{}</p>\n\n<p></p>\n<p>&nbsp;</p>",
    "<unknown-tag data-x=\"1\">{}</unknown-tag>",
    "<svg width=\"1\" viewBox=\"0 0 1 1\"><circle r=\"1\"/></svg><p>{}</p>",
    "<p>{}<span lang=\"fr\">mot</span></p>",
    "<p>Don't stop; “q” {}</p>",
    "<p>ends with backslash\\</p><p>{}</p>",
    "<p><strong>a</strong><strong>{}</strong></p>",
    "<p><em>a <strong>b</strong> c</em> {}</p>",
    "<p>   {}   </p>",
    "<p>*{}*</p>",
    "<p>a</p>{}<p>b</p>",
];

/// A title, now and then empty, blank or very long.
pub(crate) fn title(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => String::new(),
        1 => format!("{} ", dice.of(PLAIN)),
        2 => format!(" {}", dice.of(PLAIN)),
        3 => "long ".repeat(70),
        4 => "Twice".into(),
        _ => dice.of(PLAIN).into(),
    }
}

/// Text as HTML.
pub(crate) fn markup(dice: &mut Dice) -> lms::Markup {
    let text = lms::escape(dice.of(PLAIN));
    lms::Markup::from_html(dice.of(HTML).replace("{}", &text))
}

/// The same, with something to see in it.
pub(crate) fn said(dice: &mut Dice, n: usize) -> lms::Markup {
    if dice.one_in(3) {
        return markup(dice).then(&lms::Markup::from_html(format!("<p>no. {n}</p>")));
    }
    lms::Markup::from_text(&format!("{} {n}", dice.of(PLAIN)))
}
