//! The course of `lms demo`: “Measuring the World”, written for this project. Three sections, eight
//! lessons, forty steps, every interaction, pictures, LaTeX, and text in several scripts.

mod build;
mod numbers;
mod programs;
mod provider;
mod words;

use lms_core::{
    Asset, AssetBody, AssetId, AssetRole, Course, GradingCategory, GradingPolicy, Markup, Timestamp,
    Visibility,
};

pub(crate) use provider::Sample;

const PICTURES: [(&str, &str); 3] = [
    (
        "triangle.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 120 90\"><path d=\"M10 80H110V10Z\" fill=\"#cde\" \
         stroke=\"#246\" stroke-width=\"2\"/><text x=\"55\" y=\"88\" font-size=\"9\">4</text><text x=\"113\" y=\"48\" \
         font-size=\"9\">3</text></svg>\n",
    ),
    (
        "thermometer.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 120\"><rect x=\"15\" y=\"5\" width=\"10\" height=\"90\" \
         rx=\"5\" fill=\"none\" stroke=\"#333\"/><circle cx=\"20\" cy=\"103\" r=\"12\" fill=\"#c33\"/><rect x=\"18\" y=\"40\" \
         width=\"4\" height=\"60\" fill=\"#c33\"/></svg>\n",
    ),
    (
        "карта.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 100 60\"><rect width=\"100\" height=\"60\" fill=\"#def\"/>\
         <path d=\"M5 50Q30 10 50 35T95 8\" fill=\"none\" stroke=\"#36c\" stroke-width=\"3\"/></svg>\n",
    ),
];

const READINGS: &str = "hour,celsius\n6,11.5\n9,14.0\n12,18.25\n15,19.75\n18,16.5\n";

/// The course.
pub(crate) fn course() -> Course {
    let mut course = Course::new("measuring", "Measuring the World · Измеряем мир · 丈量世界");
    course.summary = Some("Lengths, words and programs: a small course about measuring things.".into());
    course.description = Markup::from_html(
        "<p>How tall is a tower that you cannot climb? This course measures it with a stick, a shadow and \
         <span class=\"math inline\">\\(\\frac{h}{s} = \\frac{a}{b}\\)</span>.</p>",
    );
    course.language = Some("en".into());
    course.visibility = Visibility::Public;
    course.schedule.start = Timestamp::from_naive("2025-09-01").ok();
    course.grading = Some(GradingPolicy {
        categories: vec![GradingCategory {
            name: "Exercises".into(),
            short_label: Some("Ex".into()),
            weight: 1.0,
            count: 8,
            drop: 0,
        }],
        cutoffs: vec![("Pass".into(), 0.5)],
    });
    course.sections = vec![numbers::section(), words::section(), programs::section()];
    course.assets = files().into_iter().map(|(asset, _)| asset).collect();
    course
}

/// The bytes of one of its files.
pub(crate) fn file(id: &AssetId) -> Option<AssetBody> {
    files().into_iter().find(|(asset, _)| asset.id == *id).map(|(_, content)| AssetBody::from_bytes(content))
}

fn files() -> Vec<(Asset, &'static str)> {
    let mut files: Vec<_> = PICTURES.iter().map(|(name, svg)| (asset(name, "image/svg+xml"), *svg)).collect();
    files.push((asset("readings.csv", "text/csv"), READINGS));
    files
}

fn asset(name: &str, media_type: &str) -> Asset {
    Asset {
        id: name.into(),
        name: name.into(),
        media_type: Some(media_type.into()),
        size: None,
        role: AssetRole::Content,
    }
}

#[cfg(test)]
mod tests {
    use lms_core::LmsProviderExt;
    use lms_migrate::Bundle;

    use super::*;

    /// The same course lies among the examples, as a bundle. With `LMS_UPDATE_OUTCOMES` in the environment it is
    /// written anew.
    #[tokio::test]
    async fn the_example_bundle_is_this_course() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace =
            here.ancestors().find(|folder| folder.join("Cargo.lock").is_file()).expect("a workspace");
        let path = workspace.join("examples/courses/measuring");
        let sample = Sample::new();
        let id = course().id;
        if std::env::var_os("LMS_UPDATE_OUTCOMES").is_some() {
            let _ = std::fs::remove_dir_all(&path);
            Bundle::save(&sample, &id, &path).await.expect("it is written");
        }
        let bundle = Bundle::open(&path).expect("it is there");
        let content = bundle.require_courses().expect("courses").content(&id).await.expect("it is read");
        assert_eq!(content.course, course());
        assert_eq!(content.findings, []);
        for asset in &content.course.assets {
            let kept = bundle.require_courses().expect("courses").read_asset(&id, &asset.id).await;
            let kept = kept.expect("a file").into_bytes(1 << 20).await.expect("its bytes");
            let own = file(&asset.id).expect("a file").into_bytes(1 << 20).await.expect("its bytes");
            assert_eq!(kept, own, "{}", asset.name);
        }
    }
}
