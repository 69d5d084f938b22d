//! The playground (product.md F22): one page where a person plays member, staff and owner of the
//! simulated groups and sees what the bot heard and why it did each thing.
//!
//! The page is a shell rendered here and filled by its own script, which talks to the same origin
//! only: to the simulator's control API (`/sim/…`) and to the journal that this router serves.
//!
//! | route | answer |
//! |---|---|
//! | `GET /` | to `/playground` |
//! | `GET /playground[?lang=en]` | the page, Chinese unless asked otherwise |
//! | `GET /playground/journal[?after=N]` | [`JournalPage`] as JSON; 503 `{"error": …}` when it can't be read |
//! | `GET /playground/assets/{hash}/{name}` | `app.css` and `app.js`, cacheable for ever |

mod assets;
mod journal;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

pub use journal::{
    ActionState, JOURNAL_LIMIT, JournalAction, JournalItem, JournalPage, JournalSource, JournalUnavailable,
};

/// Only our own files; `data:` lets the page show small pictures that it drew itself.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self'; script-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes of the playground over `source`'s journal; merged with the simulator's on one listener.
pub fn router<S: JournalSource>(source: S) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/playground") }))
        .route("/playground", get(page))
        .route("/playground/journal", get(journal_after::<S>))
        .route("/playground/assets/{hash}/{name}", get(asset))
        .with_state(Arc::new(source))
}

#[derive(Template)]
#[template(path = "playground/page.html")]
struct Page {
    english: bool,
    assets: &'static str,
}

impl Page {
    /// The words for the reader's language; both stand side by side in the template.
    fn say<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        if self.english { english } else { chinese }
    }
}

#[derive(Deserialize)]
struct PageQuery {
    #[serde(default)]
    lang: String,
}

async fn page(Query(query): Query<PageQuery>) -> Response {
    let page = Page { english: query.lang == "en", assets: assets::version() };
    match page.render() {
        Ok(html) => (page_headers(), Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the playground page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "页面暂时打不开，请看日志。").into_response()
        }
    }
}

fn page_headers() -> [(HeaderName, &'static str); 4] {
    [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // The page names the hash of its assets, so it must not outlive them.
        (header::CACHE_CONTROL, "no-cache"),
    ]
}

#[derive(Deserialize)]
struct JournalQuery {
    #[serde(default)]
    after: i64,
}

async fn journal_after<S: JournalSource>(
    State(source): State<Arc<S>>,
    Query(query): Query<JournalQuery>,
) -> Response {
    match source.items_after(query.after).await {
        Ok(items) => ([(header::CACHE_CONTROL, "no-store")], Json(JournalPage { items })).into_response(),
        Err(JournalUnavailable { cause }) => {
            tracing::warn!(%cause, "the playground could not read the journal");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": "暂时读不到机器人的日志" })))
                .into_response()
        }
    }
}

async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    match assets::find(&name) {
        Some(asset) if hash == assets::version() => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, asset.body).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    /// Far above any of our answers; `tests/browser.rs` watches the page's size.
    const BODY_BYTES_AT_MOST: usize = 1 << 20;

    struct OneItem;

    impl JournalSource for OneItem {
        async fn items_after(&self, after: i64) -> Result<Vec<JournalItem>, JournalUnavailable> {
            if after < 0 {
                return Err(JournalUnavailable { cause: "disk gone".into() });
            }
            Ok((after < 7).then(|| JournalItem { n: 7, ..JournalItem::default() }).into_iter().collect())
        }
    }

    async fn get(path: &str) -> (StatusCode, axum::http::HeaderMap, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router(OneItem).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, BODY_BYTES_AT_MOST).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_root_leads_to_the_page() {
        let (status, headers, _) = get("/").await;
        assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(headers[header::LOCATION], "/playground");
    }

    #[tokio::test]
    async fn the_page_speaks_chinese_unless_asked_otherwise() {
        let (status, headers, chinese) = get("/playground").await;
        assert_eq!(status, StatusCode::OK);
        assert!(chinese.contains("lang=\"zh-CN\"") && chinese.contains("演练场"));
        assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'self'"));
        let (_, _, english) = get("/playground?lang=en").await;
        assert!(english.contains("lang=\"en\"") && english.contains("Playground"));
    }

    #[tokio::test]
    async fn nothing_in_the_page_needs_more_than_its_own_files() {
        let (_, _, html) = get("/playground").await;
        for forbidden in ["style=\"", "<style", "onclick", "http://", "https://", "<script>"] {
            assert!(!html.contains(forbidden), "the page has {forbidden}");
        }
        for (module, source) in assets::MODULES {
            assert!(!source.contains("innerHTML"), "{module} must build nodes, not markup");
        }
    }

    #[tokio::test]
    async fn assets_answer_only_under_their_hash() {
        for name in ["app.css", "app.js"] {
            let asset = assets::find(name).unwrap();
            let (status, headers, body) =
                get(&format!("/playground/assets/{}/{name}", assets::version())).await;
            assert_eq!((status, body.as_str()), (StatusCode::OK, asset.body), "{name}");
            assert_eq!(headers[header::CONTENT_TYPE], asset.content_type);
            assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        }
        assert_eq!(get("/playground/assets/0/app.js").await.0, StatusCode::NOT_FOUND);
        let unknown = format!("/playground/assets/{}/words.js", assets::version());
        assert_eq!(get(&unknown).await.0, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_journal_goes_on_after_a_number_and_says_when_it_cannot() {
        let (status, _, body) = get("/playground/journal").await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.starts_with("{\"items\":[{\"n\":7,"), "{body}");
        assert_eq!(get("/playground/journal?after=7").await.2, "{\"items\":[]}");
        let (status, _, body) = get("/playground/journal?after=-1").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!body.contains("disk gone"));
    }
}
