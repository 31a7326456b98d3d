//! Where the files of a course go.

use std::collections::BTreeSet;

use lms_core::{Asset, AssetRole, Course};

/// The files with the names they get. What learners see goes to a `public` folder, what graders need
/// beside it, out of sight.
pub(super) fn adapt_assets(course: &Course) -> Vec<Asset> {
    let tasks: BTreeSet<&str> = course.steps().map(|step| step.id.as_str()).collect();
    let mut taken = BTreeSet::from(["course.yaml".to_owned()]);
    let mut assets: Vec<Asset> = course
        .assets
        .iter()
        .map(|asset| {
            let name = safe(&asset.name);
            let (folder, inside) = name.split_once('/').unwrap_or(("", &name));
            let within = folder == "$common" || tasks.contains(folder);
            let public = within && inside.starts_with("public/");
            let fits = match asset.role {
                AssetRole::Content => public,
                AssetRole::Grader => {
                    within && !public && !inside.starts_with("$i18n/") && inside != "task.yaml"
                }
                AssetRole::Other => !within || inside.starts_with("$i18n/"),
            };
            let name = match asset.role {
                _ if fits => name,
                AssetRole::Content => format!("$common/public/{}", linkable(&name)),
                AssetRole::Grader => format!("$common/{name}"),
                AssetRole::Other => format!("files/{name}"),
            };
            let name = unique(name, &mut taken);
            Asset {
                media_type: mime_guess::from_path(&name).first_raw().map(str::to_owned),
                name,
                ..asset.clone()
            }
        })
        .collect();
    assets.sort_by(|a, b| a.name.cmp(&b.name));
    assets
}

/// A path that stays where it is put.
fn safe(name: &str) -> String {
    let parts: Vec<String> = name
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != "." && *part != "..")
        .map(|part| part.replace(|c: char| c.is_control() || c == ':', "_"))
        .collect();
    if parts.is_empty() { "file".to_owned() } else { parts.join("/") }
}

/// A name that an address can hold as it stands: `?`, `#` and `%` mean something there.
fn linkable(name: &str) -> String {
    name.replace(['?', '#', '%'], "_")
}

fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let (stem, ending) = match name.rfind('.').filter(|at| !name[*at..].contains('/')) {
        Some(at) => name.split_at(at),
        None => (name.as_str(), ""),
    };
    let free = (1..)
        .map(|n| if n == 1 { name.clone() } else { format!("{stem}-{n}{ending}") })
        .find(|name| !taken.contains(&name.to_lowercase()));
    let free = free.unwrap_or_else(|| name.clone());
    taken.insert(free.to_lowercase());
    free
}
