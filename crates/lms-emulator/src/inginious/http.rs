//! Requests and answers as this web application reads and writes them (reference inginious.md 2).

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::input::{Field, Form};
use super::rst::escape;

/// How an API answer is written. The server looks at the `Content-Type` of the request, never at `Accept`
/// (reference inginious.md 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Html,
    Yaml,
}

impl Format {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let wanted = content_type(headers);
        if wanted.contains("text/html") {
            Self::Html
        } else if ["text/yaml", "text/x-yaml", "application/yaml", "application/x-yaml"]
            .iter()
            .any(|yaml| wanted.contains(yaml))
        {
            Self::Yaml
        } else {
            Self::Json
        }
    }

    pub(crate) fn answer(self, status: u16, value: &Value) -> Response {
        let (media, body) = match self {
            Self::Json => ("text/json; charset=utf-8", python_json(value)),
            Self::Html => ("text/html; charset=utf-8", format!("<pre>{}</pre>", yaml(value, 0))),
            Self::Yaml => ("text/yaml; charset=utf-8", yaml(value, 0)),
        };
        respond(status, media, body)
    }
}

/// An answer with a status, a content type and a body.
pub(crate) fn respond(status: u16, media: &str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, media.to_owned())], body.into()).into_response()
}

/// A page of the web application. `content` is HTML.
pub(crate) fn page(status: u16, title: &str, content: &str) -> Response {
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n    <meta charset=\"utf-8\">\n    <title>{} | INGInious</title>\n\
         </head>\n<body>\n<div id=\"main-content\">\n{content}\n</div>\n<div id=\"footer\">Running INGInious v.0.9.2\
         </div>\n</body>\n</html>\n",
        escape(title)
    );
    respond(status, "text/html; charset=utf-8", body)
}

/// A page whose content is one alert; `level` is `success`, `warning` or `danger`.
pub(crate) fn alert(level: &str, heading: &str, text: &str) -> String {
    let heading = if heading.is_empty() { String::new() } else { format!("<b>{}</b>\n", escape(heading)) };
    format!("<div class=\"alert alert-{level}\" role=\"alert\">\n{heading}{}\n</div>", escape(text))
}

pub(crate) fn not_found() -> Response {
    let text = "The requested URL was not found on the server. If you entered the URL manually please check your \
                spelling and try again.";
    page(404, "Error 404", &alert("warning", "Error 404", text))
}

/// What an exception that nobody caught looks like, under `/api/` too (reference inginious.md 2.4).
pub(crate) fn internal_error() -> Response {
    let text = "Something bad happened. The error has been logged, please contact your administrator if the error \
                persists.";
    page(500, "Internal error", &alert("danger", "Internal error", text))
}

pub(crate) fn forbidden(text: &str) -> Response {
    page(403, "Forbidden", &alert("warning", "Forbidden", text))
}

/// The stubs of the HTTP library below the application.
pub(crate) fn stub(status: u16, name: &str, text: &str, allow: Option<&str>) -> Response {
    let number = if status == 302 { String::new() } else { format!("{status} ") };
    let body = format!(
        "<!doctype html>\n<html lang=en>\n<title>{number}{name}</title>\n<h1>{name}</h1>\n<p>{text}</p>\n"
    );
    let mut response = respond(status, "text/html; charset=utf-8", body);
    if let Some(allow) = allow.and_then(|allow| allow.parse().ok()) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

pub(crate) fn method_not_allowed(allow: &str) -> Response {
    stub(405, "Method Not Allowed", "The method is not allowed for the requested URL.", Some(allow))
}

pub(crate) fn bad_request() -> Response {
    let text = "The browser (or proxy) sent a request that this server could not understand.";
    stub(400, "Bad Request", text, None)
}

/// Success of a web form. The address is absolute.
pub(crate) fn redirect(url: &str) -> Response {
    let link = escape(url);
    let text = format!(
        "You should be redirected automatically to the target URL: <a href=\"{link}\">{link}</a>. If not, click the link."
    );
    let mut response = stub(302, "Redirecting...", &text, None);
    if let Ok(url) = url.parse() {
        response.headers_mut().insert(header::LOCATION, url);
    }
    response
}

/// JSON of the web pages, which unlike the API call it `application/json`.
pub(crate) fn web_json(value: &Value) -> Response {
    respond(200, "application/json", python_json(value))
}

pub(crate) fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Reads a form. Any other body, JSON too, is an empty form (reference inginious.md, fact 4).
///
/// # Errors
/// A multipart body that is cut off or malformed.
pub(crate) async fn read_form(request: Request) -> Result<Form, Response> {
    let kind = content_type(request.headers()).to_ascii_lowercase();
    let mut form = Form::default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.map_err(|_| bad_request())?;
        let pairs = url::form_urlencoded::parse(&body);
        form.0.extend(pairs.map(|(name, value)| (name.into_owned(), Field::Text(value.into_owned()))));
    } else if kind.starts_with("multipart/form-data") {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| bad_request())?;
        while let Some(part) = parts.next_field().await.map_err(|_| bad_request())? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(|_| bad_request())?;
            let field = match file {
                Some(file) => Field::File { name: file, bytes },
                None => Field::Text(String::from_utf8_lossy(&bytes).into_owned()),
            };
            form.0.push((name, field));
        }
    }
    Ok(form)
}

/// JSON as Python's encoder writes it: a blank after `,` and `:`, ASCII with `\uXXXX` escapes.
pub(crate) fn python_json(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Python);
    if value.serialize(&mut serializer).is_err() {
        return String::new();
    }
    String::from_utf8(bytes).unwrap_or_default()
}

struct Python;

impl serde_json::ser::Formatter for Python {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        text: &str,
    ) -> std::io::Result<()> {
        for character in text.chars() {
            if character.is_ascii() {
                write!(writer, "{character}")?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

/// A YAML dump with sorted keys and four blanks per level, close to what the server writes.
fn yaml(value: &Value, depth: usize) -> String {
    let pad = "    ".repeat(depth);
    match value {
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .map(|item| {
                let text = yaml(item, depth + 1);
                let text = text.strip_prefix(&"    ".repeat(depth + 1)).unwrap_or(&text);
                format!("{pad}-   {text}")
            })
            .collect(),
        Value::Object(entries) if !entries.is_empty() => {
            let mut keys: Vec<&String> = entries.keys().collect();
            keys.sort();
            keys.iter()
                .filter_map(|key| {
                    let value = entries.get(*key)?;
                    let nested = matches!(value, Value::Object(o) if !o.is_empty())
                        || matches!(value, Value::Array(a) if !a.is_empty());
                    let key = yaml_scalar(key);
                    Some(if nested {
                        format!("{pad}{key}:\n{}", yaml(value, depth + 1))
                    } else {
                        format!("{pad}{key}: {}", yaml(value, 0))
                    })
                })
                .collect()
        }
        Value::String(text) => format!("{}\n", yaml_scalar(text)),
        other => format!("{other}\n"),
    }
}

fn yaml_scalar(text: &str) -> String {
    let plain = super::yaml::Node::parse(text) == Ok(super::yaml::Node::Str(text.to_owned()));
    if plain && !text.contains(['\n', '#']) {
        text.to_owned()
    } else if text.contains(['\n', '\\']) {
        Value::String(text.to_owned()).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_ascii_with_blanks() {
        let value = json!([{"a": 1.0, "b": "é 🙂 \"q\""}, true]);
        assert_eq!(python_json(&value), r#"[{"a": 1.0, "b": "\u00e9 \ud83d\ude42 \"q\""}, true]"#);
    }

    #[test]
    fn yaml_reads_back() {
        let value =
            json!([{"name": "Demo: x", "id": "c", "n": 3, "tasks": {"a": "yes", "b": "it's"}, "e": []}]);
        let text = yaml(&value, 0);
        assert_eq!(super::super::yaml::Node::parse(&text).unwrap().to_json()[0]["tasks"]["a"], "yes");
        assert!(text.starts_with("-   e: []\n    id: c\n"), "{text}");
    }
}
