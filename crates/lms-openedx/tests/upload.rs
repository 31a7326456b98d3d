//! A course with 250 MB of files goes to Studio without being held in memory.
//!
//! The emulator would hold it; this Studio, which knows as much as a course needs to be written, throws away what it
//! is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, response::IntoResponse};
use bytes::Bytes;
use futures::{StreamExt, stream};
use lms_core::*;
use lms_openedx::{OpenEdxBuilder, OpenEdxKey};
use serde_json::json;

const PIECE: usize = 1 << 20;
const PIECES: u64 = 250;
/// How much of each piece packing makes no smaller.
const DENSE: usize = PIECE / 4;
/// What may be held meanwhile, in kB: far less than the archive.
const ALLOWED: u64 = 24 << 10;

/// The most memory that this process has held so far, in kB; `None` where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok())
}

/// Numbers that look random, which packing makes no smaller, and zeros.
fn piece(n: u64) -> Bytes {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = vec![0_u8; PIECE];
    for chunk in bytes[..DENSE].chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes()[..chunk.len()]);
    }
    bytes.into()
}

/// Counts what is uploaded and forgets it.
async fn studio() -> (String, Arc<AtomicU64>) {
    let got = Arc::new(AtomicU64::new(0));
    let import = async |State(got): State<Arc<AtomicU64>>, body: Body| {
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => got.fetch_add(piece.len() as u64, Ordering::Relaxed),
                Err(_) => return StatusCode::BAD_REQUEST.into_response(),
            };
        }
        Json(json!({"task_id": "1"})).into_response()
    };
    let app = Router::new()
        .route(
            "/oauth2/access_token",
            post(async || Json(json!({"access_token": "a.b.c", "token_type": "JWT", "expires_in": 3600}))),
        )
        .route("/api/user/v1/me", get(async || Json(json!({"username": "author"}))))
        .route("/api/v1/course_runs/{id}/", get(async || StatusCode::NOT_FOUND))
        .route("/api/v1/course_runs/", post(async || (StatusCode::CREATED, Json(json!({})))))
        .route("/api/courses/v0/import/{id}/", post(import).get(async || Json(json!({"state": "Succeeded"}))))
        .route(
            "/api/courses/v1/blocks/",
            get(async || {
                Json(json!({"root": "c", "blocks": {
                    "c": {"id": "c", "block_id": "course", "type": "course", "display_name": "Large"},
                    "s": {"id": "s", "block_id": "s", "type": "chapter", "display_name": "Section"},
                }}))
            }),
        )
        .with_state(got.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, got)
}

#[tokio::test]
async fn an_archive_is_sent_from_disk() {
    let (url, got) = studio().await;
    let edx = OpenEdxBuilder::new()
        .with_option(OpenEdxKey::LmsUrl, &url)
        .with_option(OpenEdxKey::StudioUrl, &url)
        .with_option(OpenEdxKey::ClientId, "id")
        .with_option(OpenEdxKey::ClientSecret, "secret")
        .build()
        .expect("a provider");
    let authoring = edx.require_authoring().expect("authoring");
    let before = peak();
    let mut course = Course::new("course-v1:Tests+Large+1", "Large");
    course.sections.push(Section::new("section", "Section"));
    let new = NewCourse { id: Some("course-v1:Tests+Large+1".into()), ..NewCourse::default() };
    let id = authoring.create_course(&course.header(), &new).await.expect("begun");
    let asset = Asset {
        id: "film.bin".into(),
        name: "film.bin".into(),
        media_type: None,
        size: Some(PIECES * PIECE as u64),
        role: AssetRole::Content,
    };
    let body = AssetBody::from_stream(stream::iter(0..PIECES).map(|n| Ok(piece(n))).boxed(), asset.size);
    authoring.put_asset(&id, &asset, body).await.expect("stored");
    let links = AssetLinks::new();
    authoring.put_section(&id, &course.sections[0], &Slot::new(1), &links).await.expect("a section");
    authoring.finish(&id, &course.header(), &links).await.expect("imported");
    let sent = got.load(Ordering::Relaxed);
    assert!(sent > PIECES * DENSE as u64, "{sent} bytes came");
    match (before, peak()) {
        (Some(before), Some(after)) => {
            assert!(after - before < ALLOWED, "{before} kB before, {after} kB at most");
            let written = PIECES * PIECE as u64;
            eprintln!("{written} bytes of files, {sent} sent, {} kB more held at most", after - before);
        }
        _ => eprintln!("skipped: this system does not tell how much memory is held"),
    }
}
