//! Where a request goes, and where it may not.

use lms_core::{Error, ErrorKind, Result};
use url::{Host, Url};

/// Escapes an id for use as one segment of a path.
///
/// Letters, digits and what RFC 3986 allows in a segment stay (`course-v1:Org+C+R` is unchanged),
/// everything else is percent-encoded, `/` included.
pub fn path_segment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Checks the address of the next page, as an answer gave it.
pub(crate) fn next_page(base: &Url, link: &str) -> Result<Url> {
    let refuse = |why: String| Err(Error::new(ErrorKind::Protocol, format!("{why}; not followed")));
    let Ok(url) = Url::parse(link) else {
        return Err(Error::invalid("this cursor is none of this listing, whose pages have addresses"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("the address of the next page has a user name or password in it".to_owned());
    }
    if same_origin(&url, base) {
        return Ok(url);
    }
    let (from, to) = (origin(base), origin(&url));
    let remedy = match (base.scheme(), url.scheme()) {
        ("https", "http") => {
            "it does not know that it is served over https: its proxy has to say so (X-Forwarded-Proto)"
        }
        ("http", "https") => "it is served over https: use that in the configured address",
        _ => "",
    };
    if !remedy.is_empty() && url.host() == base.host() {
        return refuse(format!(
            "the platform was asked at {from} and gives {to} as the address of the next page; {remedy}"
        ));
    }
    refuse(format!(
        "the next page of {from} is said to be at another origin, {to}; if that is the same platform, use it as \
         the configured address"
    ))
}

/// Turns a path (below the base, with a query or without) or an absolute URL into a URL of the
/// same origin as `base`.
pub(crate) fn resolve(base: &Url, path: &str) -> Result<Url> {
    let absolute = path.get(..8).is_some_and(|head| {
        let head = head.to_ascii_lowercase();
        head.starts_with("http://") || head.starts_with("https://")
    });
    let text = if absolute {
        path.to_owned()
    } else {
        let root = base.as_str().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        format!("{root}/{}", path.trim_start_matches('/'))
    };
    let url = Url::parse(&text).map_err(|e| Error::invalid("not a path or URL").with_source(e))?;
    if !same_origin(&url, base) {
        return Err(Error::new(
            ErrorKind::Protocol,
            format!("refusing to follow a link from {} to another origin, {}", origin(base), origin(&url)),
        ));
    }
    // The parser resolves `..`, written plainly or as `%2e%2e`, so an id could climb out of its place.
    let given = text.split(['?', '#']).next().unwrap_or_default();
    if given.split('/').any(is_dotted) {
        return Err(Error::invalid("a path must not contain `.` or `..` as a segment"));
    }
    Ok(url)
}

/// `.` or `..`, each dot plain or escaped.
fn is_dotted(segment: &str) -> bool {
    let mut rest = segment;
    let mut dots = 0;
    while !rest.is_empty() {
        let plain = rest.strip_prefix('.');
        let Some(after) = plain.or_else(|| rest.strip_prefix("%2e")).or_else(|| rest.strip_prefix("%2E"))
        else {
            return false;
        };
        (rest, dots) = (after, dots + 1);
    }
    matches!(dots, 1 | 2)
}

/// Whether two http or https addresses have scheme, host and port in common. As [`Url::origin`] has it,
/// which would have to copy the hosts.
pub(crate) fn same_origin(a: &Url, b: &Url) -> bool {
    matches!(a.scheme(), "http" | "https")
        && a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
}

/// Scheme, host and port, for messages: never user names or queries.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether the host is this machine, so that plain http crosses no network.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Checks a base or token URL: http or https, a host, no password in it, and https or loopback when
/// `secret` travels there.
pub(crate) fn check(url: &Url, secret: bool) -> Result<()> {
    let refuse = |why: &str| Err(Error::new(ErrorKind::Config, why.to_owned()).on(origin(url)));
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return refuse("the address must be an http or https URL with a host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("the address must not contain a user name or password; give them as credentials");
    }
    if secret && url.scheme() == "http" && !is_loopback(url) {
        return refuse("credentials are not sent over plain http; use https, or allow plain http explicitly");
    }
    Ok(())
}

/// Checks that a base address is no more than one: paths replace what stands behind it, and the address is shown and
/// written down, which a key in its query must not be.
pub(crate) fn check_base(url: &Url) -> Result<()> {
    if url.query().is_none() && url.fragment().is_none() {
        return Ok(());
    }
    let why = "the address must end with its path, before any ? or #; give keys and tokens as credentials";
    Err(Error::new(ErrorKind::Config, why).on(origin(url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("URL of the test")
    }

    #[test]
    fn paths_go_below_the_base_and_links_stay_at_home() {
        let base = url("https://lms.example.org/site/");
        for (path, expected) in [
            ("/api/courses", "https://lms.example.org/site/api/courses"),
            ("api/courses?page=2", "https://lms.example.org/site/api/courses?page=2"),
            ("https://lms.example.org/x?c=a%2Bb", "https://lms.example.org/x?c=a%2Bb"),
            ("HTTPS://LMS.example.org:443/x", "https://lms.example.org/x"),
            ("//evil.example/x", "https://lms.example.org/site/evil.example/x"),
        ] {
            assert_eq!(resolve(&base, path).expect(path).as_str(), expected, "{path}");
        }
        for path in ["https://evil.example/x", "http://lms.example.org/x", "https://lms.example.org:8443/x"] {
            assert_eq!(resolve(&base, path).expect_err(path).kind(), ErrorKind::Protocol, "{path}");
        }
    }

    #[test]
    fn the_next_page_is_at_home_and_a_wrong_scheme_is_explained() {
        let base = url("https://lms.example.org/site");
        let at_home = "https://lms.example.org/api/x/?course_id=a%2Bb&cursor=cD0x";
        assert_eq!(next_page(&base, at_home).expect("at home").as_str(), at_home);
        for (base, link, words) in [
            (
                "https://a.b",
                "http://a.b/x?page=2",
                "gives http://a.b as the address of the next page; it does not know",
            ),
            ("http://a.b", "https://a.b/x?page=2", "use that in the configured address"),
            ("https://a.b", "http://c.d/x", "another origin, http://c.d"),
            ("https://a.b", "https://a.b:8443/x", "another origin, https://a.b:8443"),
            ("https://a.b", "https://ada@a.b/x", "user name"),
        ] {
            let error = next_page(&url(base), link).expect_err(link);
            assert_eq!(error.kind(), ErrorKind::Protocol);
            assert!(error.message().contains(words), "{error}");
        }
        assert_eq!(next_page(&base, "17").expect_err("a number").kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn ids_cannot_climb() {
        let base = url("https://lms.example.org");
        for path in ["/api/courses/../users", "/api/%2e%2E/users", "/api/./users"] {
            assert_eq!(resolve(&base, path).expect_err(path).kind(), ErrorKind::InvalidInput, "{path}");
        }
        assert!(resolve(&base, "/api/courses?next=/../x").is_ok(), "a query may hold anything");
    }

    #[test]
    fn segments_are_escaped_but_course_keys_stay() {
        assert_eq!(path_segment("course-v1:Org+C+R"), "course-v1:Org+C+R");
        assert_eq!(path_segment("a/b c?d#é%"), "a%2Fb%20c%3Fd%23%C3%A9%25");
    }

    #[test]
    fn plain_http_is_for_loopback_alone() {
        for ok in [
            "http://localhost:8000",
            "http://127.0.0.1:1",
            "http://[::1]:1",
            "http://lms.localhost",
            "https://a.b",
        ] {
            assert!(check(&url(ok), true).is_ok(), "{ok}");
        }
        for bad in ["http://lms.example.org", "http://localhost.example.org", "http://10.0.0.1", "ftp://a.b"]
        {
            assert_eq!(check(&url(bad), true).expect_err(bad).kind(), ErrorKind::Config, "{bad}");
        }
        assert!(check(&url("http://lms.example.org"), false).is_ok());
        let error = check(&url("https://ada:canary@a.b"), false).expect_err("password in the URL");
        assert!(!format!("{error:?}").contains("canary"));
    }
}
