//! Pages that are printed: they bring their own style and nothing else, no frame of the console and no script. It guarantees the policy under
//! which a browser shows them.

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

/// What such a page may load: nothing.
pub const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// A page that is whole.
pub fn printed_page(html: String) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(html)).into_response()
}
