//! What is read from web pages. Their texts are translated, so that marks of their structure are
//! preferred (reference inginious.md 6).

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Selector};

use crate::dav::Access;

/// A page of the site.
pub(crate) struct Page(Html);

impl Page {
    pub(crate) fn parse(html: &str) -> Self {
        Self(Html::parse_document(html))
    }

    fn elements(&self, name: &'static str) -> impl Iterator<Item = ElementRef<'_>> {
        self.0.root_element().descendent_elements().filter(move |element| element.value().name() == name)
    }

    /// What a selector finds, in the order of the page.
    pub(crate) fn select(&self, selector: &str) -> impl Iterator<Item = ElementRef<'_>> {
        within(self.0.root_element(), selector)
    }

    /// The names in a field of a form, which are separated by commas.
    pub(crate) fn names(&self, field: &str) -> Vec<String> {
        let value = self.elements("input").find(|input| input.attr("name") == Some(field));
        let value = value.and_then(|input| input.attr("value")).unwrap_or_default();
        value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// The title, without the name of the software behind it.
    pub(crate) fn title(&self) -> String {
        let title = self.elements("title").next().map(text).unwrap_or_default();
        title.split(" | ").next().unwrap_or_default().trim().to_owned()
    }

    /// What the alert of this level says: `danger`, `success`, `warning`.
    pub(crate) fn alert(&self, level: &str) -> Option<String> {
        self.alert_element(level).map(text).filter(|said| !said.is_empty())
    }

    fn alert_element(&self, level: &str) -> Option<ElementRef<'_>> {
        let class = format!("alert-{level}");
        self.elements("div").find(|div| div.value().classes().any(|c| c == class))
    }

    /// Whether it asks to sign in; such a page comes in the place of any other, with status 200.
    pub(crate) fn is_sign_in(&self) -> bool {
        let has = |name: &str| self.elements("input").any(|input| input.attr("name") == Some(name));
        has("login") && has("password")
    }

    /// Whether it is a refusal that comes with status 200: closed courses and tasks say `Error 403` in
    /// the user's language, pages of super-administrators `Forbidden`.
    pub(crate) fn is_refusal(&self) -> bool {
        let says_403 = self
            .alert_element("warning")
            .and_then(|alert| alert.descendent_elements().find(|e| e.value().name() == "b"))
            .is_some_and(|b| text(b).contains("403"));
        says_403 || self.title() == "Forbidden"
    }

    /// The random numbers of a task's form, to be sent back with an answer (reference inginious.md 5.5).
    pub(crate) fn random_inputs(&self) -> Vec<(String, String)> {
        self.elements("input")
            .filter_map(|input| {
                let name = input.attr("name").filter(|name| name.starts_with("@random_"))?;
                Some((name.to_owned(), input.attr("value").unwrap_or_default().to_owned()))
            })
            .collect()
    }

    /// Address, user and key of WebDAV, on the page of a course's tasks; `None` where the site has none.
    pub(crate) fn webdav(&self) -> Option<Access> {
        let mut elements = self.0.root_element().descendent_elements();
        let panel = elements.find(|element| element.attr("id") == Some("webdav"))?;
        let codes = panel.descendent_elements().filter(|element| element.value().name() == "code");
        let mut codes = codes.map(|code| code.text().collect::<String>().trim().to_owned());
        let (url, username, key) = (codes.next()?, codes.next()?, codes.next()?);
        Some(Access { url, username, key: key.into() })
    }

    /// The ids of the courses that it links to.
    pub(crate) fn courses(&self) -> BTreeSet<String> {
        self.elements("a")
            .filter_map(|a| {
                let (_, id) = a.attr("href")?.split_once("/course/")?;
                (!id.is_empty() && !id.contains('/')).then(|| id.to_owned())
            })
            .collect()
    }
}

/// What a selector finds below an element; nothing for a selector that is none.
pub(crate) fn within<'a>(element: ElementRef<'a>, selector: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let found = Selector::parse(selector).map(|s| element.select(&s).collect::<Vec<_>>());
    found.unwrap_or_default().into_iter()
}

/// The text of an element, white space folded; buttons that close an alert are left out.
pub(crate) fn text(element: ElementRef<'_>) -> String {
    let all: String = element.text().collect::<Vec<_>>().join(" ");
    all.split_whitespace().filter(|word| *word != "×").collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_known_in_any_language() {
        let page = |title: &str, b: &str| {
            let html = format!(
                "<title>{title} | INGInious</title><div class=\"alert alert-warning\" role=\"alert\"><b>{b}</b> Non.</div>"
            );
            Page::parse(&html).is_refusal()
        };
        assert!(page("Exercice non disponible", "Erreur 403"));
        assert!(page("Forbidden", "Forbidden"));
        assert!(!page("My courses", "Note"));
    }

    #[test]
    fn the_way_to_the_files() {
        let page = Page::parse(
            "<div id=\"webdav\" class=\"collapse\"><table><tr><td>URL</td><td><code>http://x.example/dav/algebra</code></td></tr>\
             <tr><td>Nom</td><td><code>sam</code></td></tr><tr><td>Passe</td><td><code>k3y</code></td></tr></table></div>",
        );
        let access = page.webdav().expect("the panel is there");
        assert_eq!((access.url.as_str(), access.username.as_str()), ("http://x.example/dav/algebra", "sam"));
        assert_eq!(access.key.expose(), "k3y");
        assert!(Page::parse("<div id=\"tasks\"><code>a</code></div>").webdav().is_none());
    }

    #[test]
    fn alerts_links_and_hidden_numbers() {
        let page = Page::parse(
            "<a href=\"https://x.example/course/algebra\">a</a><a href=\"/course/algebra/task\">t</a>\
             <div class=\"alert alert-danger alert-dismissable\"><button><span>&times;</span></button>\n Invalid  password. </div>\
             <form><input type=hidden name=\"@action\" value=submit><input type=hidden name=\"@random_0\" value=\"0.5\"></form>",
        );
        assert_eq!(page.alert("danger").as_deref(), Some("Invalid password."));
        assert_eq!(page.alert("success"), None);
        assert_eq!(page.courses().into_iter().collect::<Vec<_>>(), ["algebra"]);
        assert_eq!(page.random_inputs(), [("@random_0".to_owned(), "0.5".to_owned())]);
        assert!(!page.is_sign_in());
    }
}
