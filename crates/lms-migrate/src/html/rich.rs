//! Text of a course, made fit to be shown to anybody: what could act or fetch is gone, formulas are drawn
//! without a script, pictures are part of the page.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use lms_core::{AssetId, Markup, escape, unescape};
use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use crate::report::Pictures;

/// Bytes of one text that are shown.
const TEXT: usize = 20_000;
/// Bytes of pictures, encoded, in one page. One that stands in many items counts each time.
const PICTURES: usize = 4 * 1024 * 1024;
/// How deep a formula can nest: no deeper than it has commands and brackets. Drawing one recurses, some 30 KB
/// for each level in a debug build, so a page is made on a stack of [`STACK`] bytes.
const NESTING: usize = 1_000;
/// Bytes of stack that [`NESTING`] asks for, twice over.
pub(super) const STACK: usize = 64 * 1024 * 1024;

// Stand-ins for formulas while the text around them is cleaned.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

const TAGS: [&str; 61] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .tags(TAGS.into())
        .generic_attributes(HashSet::from(["lang", "dir"]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "data", "asset"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer nofollow"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") if is_picture(value) => Some(value.into()),
            // Its name instead, for the text that takes its place.
            ("img", "src") => Some(Cow::Owned(format!("data:,{}", value.trim_start_matches("data:,")))),
            ("img", "alt" | "width" | "height") => Some(value.into()),
            ("a", "href") => {
                let outside = ["http://", "https://", "mailto:"].iter().any(|s| value.starts_with(s));
                outside.then(|| value.into())
            }
            ("td" | "th", "colspan" | "rowspan") | ("ol", "start" | "type") => Some(value.into()),
            (_, "lang" | "dir") => Some(value.into()),
            _ => None,
        });
    cleaner
});

fn is_picture(link: &str) -> bool {
    ["png", "jpeg", "gif", "webp", "svg+xml"].iter().any(|kind| {
        link.strip_prefix("data:image/").is_some_and(|l| l.starts_with(&format!("{kind};base64,")))
    })
}

/// What turns texts into HTML for one page.
pub(super) struct Rich<'a> {
    pictures: &'a Pictures,
    /// `None` where there is no room on the stack for it: formulas are then shown as they are written.
    maths: Option<LatexToMathML>,
    room: RefCell<usize>,
}

impl<'a> Rich<'a> {
    pub(super) fn new(pictures: &'a Pictures, draws_formulas: bool) -> Self {
        let maths = draws_formulas.then(|| LatexToMathML::new(MathCoreConfig::default()).ok()).flatten();
        Self { pictures, maths, room: RefCell::new(PICTURES) }
    }

    /// A text of the course as harmless HTML.
    pub(super) fn render(&self, markup: &Markup) -> String {
        let (shown, cut) = head(markup.html(), TEXT);
        let note = if cut { "<p class=\"cut\">… the rest is not shown here</p>" } else { "" };
        if !shown.contains(['<', '&', OPEN, CLOSE]) {
            return format!("{}{note}", escape(shown));
        }
        let formulas = RefCell::new(Vec::new());
        let text = Markup::from_html(shown.replace([OPEN, CLOSE], "")).spell_math(|latex, display| {
            let mut formulas = formulas.borrow_mut();
            formulas.push(self.formula(&unescape(latex), display));
            format!("{OPEN}{}{CLOSE}", formulas.len() - 1)
        });
        let text = text.map_links(|link| {
            let id = AssetId::from(link.strip_prefix("asset:")?);
            Some(self.picture(&id).unwrap_or_else(|| format!("data:,{id}")))
        });
        let clean = CLEANER.clean(text.html()).to_string();
        format!("{}{note}", settle(&clean, &formulas.into_inner()))
    }

    fn picture(&self, id: &AssetId) -> Option<String> {
        let data = self.pictures.get(id)?;
        let mut room = self.room.borrow_mut();
        *room = room.checked_sub(data.len())?;
        Some(data.to_owned())
    }

    fn formula(&self, latex: &str, display: bool) -> String {
        let nests = latex.matches(['\\', '{', '[']).count();
        let mode = if display { MathDisplay::Block } else { MathDisplay::Inline };
        let drawn = self.maths.as_ref().filter(|_| nests < NESTING);
        match drawn.and_then(|maths| maths.convert_with_local_state(latex, mode).ok()) {
            Some(drawn) => drawn.mathml,
            None => format!("<code class=\"latex\">{}</code>", escape(latex)),
        }
    }
}

/// As much of a text as `limit` bytes hold, and whether that is not all.
pub(super) fn head(text: &str, limit: usize) -> (&str, bool) {
    match text.char_indices().map(|(at, _)| at).find(|at| *at >= limit) {
        Some(end) => (&text[..end], true),
        None => (text, false),
    }
}

/// Clean HTML with its headings no longer headings of the report, formulas in their places, and pictures
/// that are not there named. The cleaner writes attributes in double quotes and escapes the quotes in them.
fn settle(clean: &str, formulas: &[String]) -> String {
    let mut out = String::with_capacity(clean.len());
    let mut rest = clean;
    while let Some(at) = rest.find('<') {
        fill(&rest[..at], formulas, &mut out);
        rest = &rest[at..];
        let mut quoted = false;
        let end = rest.char_indices().find_map(|(at, c)| {
            quoted ^= c == '"';
            (c == '>' && !quoted).then_some(at + 1)
        });
        let (tag, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        let name = tag.trim_matches(['<', '>', '/']).split(' ').next().unwrap_or_default();
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                out.push_str(if tag.starts_with("</") { "</div>" } else { "<div class=\"heading\">" });
            }
            "img" => picture(tag, &mut out),
            // A formula has no place in an attribute.
            _ => out.extend(tag.chars().filter(|c| ![OPEN, CLOSE].contains(c))),
        }
    }
    fill(rest, formulas, &mut out);
    out
}

fn picture(tag: &str, out: &mut String) {
    let value = |name: &str| {
        let (_, after) = tag.split_once(&format!(" {name}=\""))?;
        after.split_once('"').map(|(value, _)| value.replace([OPEN, CLOSE], ""))
    };
    let alt = value("alt").unwrap_or_default();
    match value("src") {
        Some(src) if is_picture(&src) => {
            let bare = alt.replace('<', "&lt;");
            out.push_str(&format!("<img src=\"{src}\" alt=\"{bare}\" loading=\"lazy\">"));
        }
        src => {
            let src = src.unwrap_or_default();
            let (name, _) = head(src.trim_start_matches("data:,"), 200);
            let text = if alt.is_empty() { name.to_owned() } else { format!("{alt} ({name})") };
            let text = text.replace('<', "&lt;").replace('>', "&gt;");
            out.push_str(&format!("<span class=\"absent\">picture: {text}</span>"));
        }
    }
}

fn fill(text: &str, formulas: &[String], out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        out.push_str(before);
        let Some((number, behind)) = after.split_once(CLOSE) else {
            rest = after;
            continue;
        };
        if let Some(formula) = number.parse().ok().and_then(|n: usize| formulas.get(n)) {
            out.push_str(formula);
        }
        rest = behind;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(html: &str) -> String {
        let pictures = Pictures::default();
        Rich::new(&pictures, true).render(&Markup::from_html(html))
    }

    #[test]
    fn what_could_act_or_fetch_is_gone() {
        for hostile in [
            "<script>canary()</script>",
            "<p onclick=canary()>x</p>",
            "<a href='javascript:canary()'>x</a>",
            "<a href='JaVa\tScript:canary()'>x</a>",
            "<a href='&#106;avascript:canary()'>x</a>",
            "<a href='data:text/html,<script>canary()</script>'>x</a>",
            "<img src=x onerror=canary()>",
            "<img src='http://there.test/x.png?canary()'>",
            "<svg onload=canary()><script>canary()</script></svg>",
            "<iframe src='http://there.test/canary()'></iframe>",
            "<meta http-equiv=refresh content='0;url=javascript:canary()'>",
            "<p style='background:url(http://there.test/canary())'>x</p>",
            "<style>@import 'http://there.test/canary()'</style>",
            "<math><mtext><table><mglyph><style><img src=x onerror=canary()></style></mglyph></table></mtext></math>",
            "<form action='javascript:canary()'><button>x</button></form>",
            "<object data='javascript:canary()'></object><embed src='javascript:canary()'>",
            "<base href='http://there.test/'><link rel=stylesheet href='http://there.test/canary()'>",
            "<template><script>canary()</script></template>",
            "<img alt='<span class=\"math inline\">\\(\\text{ onerror=canary() }\\)</span>' src=x>",
        ] {
            let shown = render(hostile);
            let text = scraper_free(&shown);
            assert!(!text.contains("canary"), "{hostile}\nbecame {shown}");
            assert!(!text.contains("there.test"), "{hostile}\nbecame {shown}");
        }
    }

    /// The tags alone: what stands between them is text and acts on nobody.
    fn scraper_free(html: &str) -> String {
        html.split('<').skip(1).filter_map(|piece| piece.split('>').next()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn formulas_are_drawn_or_shown_as_they_are_written() {
        let drawn = render("<p>If <span class=\"math inline\">\\(a&lt;\\frac{1}{2}\\)</span></p>");
        assert!(drawn.contains("<mfrac><mn>1</mn><mn>2</mn></mfrac>"), "{drawn}");
        let unknown = render("<span class=\"math display\">\\[\\nosuchthing{&lt;b&gt;}\\]</span>");
        assert!(unknown.contains("<code class=\"latex\">\\nosuchthing{&lt;b&gt;}</code>"), "{unknown}");
    }

    #[test]
    fn a_formula_that_nests_endlessly_is_shown_as_it_is_written() {
        let deep = format!("{}x{}", "{".repeat(30_000), "}".repeat(30_000));
        let shown = render(&format!("<span class=\"math inline\">\\({deep}\\)</span>"));
        assert!(shown.contains("<code class=\"latex\">"));
    }

    #[test]
    fn headings_are_the_reports_and_pictures_that_are_missing_have_names() {
        let shown = render("<h2>One</h2><img src='asset:a/b.png' alt='A \"<b>\" hill'><img src=c.png>");
        assert_eq!(
            shown,
            "<div class=\"heading\">One</div>\
             <span class=\"absent\">picture: A &quot;&lt;b&gt;&quot; hill (a/b.png)</span>\
             <span class=\"absent\">picture: c.png</span>"
        );
    }

    #[test]
    fn an_endless_text_is_cut_and_says_so() {
        let shown = render(&format!("<p>{}</p>", "é".repeat(TEXT)));
        assert!(shown.len() < TEXT + 200 && shown.contains("not shown here"));
        let nested = render(&"<b><i>".repeat(5_000));
        assert!(nested.contains("not shown here"));
    }
}
