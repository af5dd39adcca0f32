//! What went wrong, as problem details (RFC 9457) for programs: a stable type, a title, the field and the remedy. Trouble
//! that is not the caller's is logged with its cause and answered without it.

use crate::caller::Caller;
use axum::{
    Json,
    extract::rejection::{BytesRejection, FormRejection, JsonRejection, PathRejection, QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use dayclear_core::listing::QueryFault;
use dayclear_ops::{
    OpsError,
    access::AccessError,
    desk::{DeskError, FieldFault, Refusal, StaleField},
};
use dayclear_store::StoreError;
use dayclear_tabular::TableError;
use serde::Serialize;

/// Seconds after which a busy store is asked again: it has been waited for already.
const STORE_RETRY_S: u64 = 5;

/// A problem.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Stable name of the kind, as a path of the documents.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of thing went wrong.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What went wrong here, and what to do.
    pub detail: String,
    /// Fields that cannot be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldFault>,
    /// The same as data, for a page that says it in its own language. Programs are told of it the fields that somebody else
    /// changed: what stands there now, who put it there and when.
    #[serde(rename = "current", skip_serializing_if = "not_stale", serialize_with = "stale")]
    pub refusal: Option<Box<Refusal>>,
    /// Seconds after which to try again.
    #[serde(rename = "retryAfter", skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

fn not_stale(refusal: &Option<Box<Refusal>>) -> bool {
    !matches!(refusal.as_deref(), Some(Refusal::Stale(_)))
}

fn stale<S: serde::Serializer>(refusal: &Option<Box<Refusal>>, to: S) -> Result<S::Ok, S::Error> {
    let fields: &[StaleField] = match refusal.as_deref() {
        Some(Refusal::Stale(fields)) => fields,
        _ => &[],
    };
    fields.serialize(to)
}

impl Problem {
    /// A problem of a kind.
    pub fn new(status: StatusCode, kind: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Problem {
            kind: format!("/api/problems/{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_s: None,
            refusal: None,
        }
    }
    /// Whether it is of this kind.
    pub fn is(&self, kind: &str) -> bool {
        self.kind.strip_prefix("/api/problems/") == Some(kind)
    }
    /// Nobody is logged in.
    pub fn no_session() -> Self {
        let detail = "log in, or bring a token in the header Authorization: Bearer";
        Problem::new(StatusCode::UNAUTHORIZED, "no-session", "Not logged in", detail)
    }
    /// It does not exist, or not for this duty: the answer is the same.
    pub fn unknown() -> Self {
        let detail = "there is nothing here for this duty; check the address, or change the duty";
        Problem::new(StatusCode::NOT_FOUND, "unknown", "Not found", detail)
    }
    /// A form that did not come from a page of this session.
    pub fn forged() -> Self {
        let detail = "this form did not come from a page of this session; load the page again and send it once more";
        Problem::new(StatusCode::FORBIDDEN, "forged", "Not from this session", detail)
    }
    /// Trouble inside. The log is told where and of what type: the words of a cause quote values, which may be a person's.
    #[track_caller]
    pub fn inside<C: std::fmt::Display>(_cause: C) -> Self {
        let (place, kind) = (std::panic::Location::caller(), std::any::type_name::<C>());
        tracing::error!(target: "dayclear::trouble", file = place.file(), line = place.line(), kind, "a request failed");
        Problem::hidden()
    }
    /// Others held the store for longer than it is waited for.
    pub fn store_busy() -> Self {
        let detail = "others were at the store for too long, and nothing of this was done; wait, then send it again \
                      (a command with the same Idempotency-Key)";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store-busy", "The store is busy", detail);
        Problem { retry_after_s: Some(STORE_RETRY_S), ..problem }
    }
    /// Trouble inside, of which the log knows already.
    pub fn hidden() -> Self {
        let detail = "something failed on our side and was logged; try again, and tell the administrator if it stays";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "inside", "Trouble inside", detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        DeskError::from(error).into()
    }
}

impl From<OpsError> for Problem {
    fn from(error: OpsError) -> Self {
        match error {
            // the key of a command that another process has just written
            OpsError::Store(error) if error.is_double() => crate::api::in_flight(),
            OpsError::Store(StoreError::Closed { day }) => Refusal::Closed { day }.into(),
            OpsError::Store(StoreError::OtherBody { .. }) => Refusal::OtherBody.into(),
            OpsError::Store(error @ StoreError::Busy(_)) => {
                tracing::warn!(target: "dayclear::trouble", told = error.told(), "the store is busy");
                Problem::store_busy()
            }
            OpsError::Table(error) if !matches!(*error, TableError::Io { .. }) => {
                Problem::new(StatusCode::BAD_REQUEST, "table", "Not understood as this table", error.to_string())
            }
            other => {
                let (kind, told) = crate::logs::trouble(&other);
                tracing::error!(target: "dayclear::trouble", kind, told, "a request failed");
                Problem::hidden()
            }
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, "query", "The question is not understood", rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        let detail = "the path is no UTF-8; percent-encode the key as UTF-8";
        Problem::new(StatusCode::BAD_REQUEST, "path", "The path cannot be read", detail)
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => crate::api::asking::too_long(crate::BODY_BYTES_MAX),
            _ => crate::api::asking::cut_off(),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => crate::api::asking::other_media("", "application/json"),
            JsonRejection::BytesRejection(rejection) => rejection.into(),
            other => crate::api::asking::no_json(other.body_text()),
        }
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        match rejection {
            FormRejection::InvalidFormContentType(_) => {
                crate::api::asking::other_media("", "application/x-www-form-urlencoded")
            }
            FormRejection::BytesRejection(rejection) => rejection.into(),
            other => {
                let detail = other.body_text();
                Problem::new(StatusCode::BAD_REQUEST, "query", "The form is not understood", detail)
            }
        }
    }
}

impl From<QueryFault> for Problem {
    fn from(fault: QueryFault) -> Self {
        let mut problem =
            Problem::new(StatusCode::BAD_REQUEST, "query", "The question is not understood", fault.to_string());
        problem.errors = vec![FieldFault {
            field: fault.parameter,
            value: fault.value,
            expected: fault.expected,
            remedy: "correct the parameter, or leave it out".to_owned(),
        }];
        problem
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Trouble(trouble) => trouble.into(),
            DeskError::Refused(refusal) => refusal.into(),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        let detail = error.to_string();
        match error {
            AccessError::Store(error @ StoreError::Busy(_)) => error.into(),
            AccessError::Store(_) | AccessError::Keys { .. } | AccessError::Entropy(_) | AccessError::Inside(_) => {
                Problem::inside(error)
            }
            AccessError::Refused => Problem::new(StatusCode::FORBIDDEN, "refused", "Not let in", detail),
            AccessError::Wait { .. } => {
                let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "wait", "Too many attempts", detail);
                problem.retry_after_s = Some(30);
                problem
            }
            AccessError::NotAllowed { .. } => {
                Problem::new(StatusCode::FORBIDDEN, "not-yours", "Not for this duty", detail)
            }
            AccessError::StepUp => Problem {
                refusal: Some(Box::new(Refusal::StepUp)),
                ..Problem::new(StatusCode::FORBIDDEN, "step-up", "A fresh second factor is needed", detail)
            },
            AccessError::Invalid { field, expected } => Refusal::Invalid(vec![FieldFault {
                field: field.to_owned(),
                value: String::new(),
                expected,
                remedy: "correct it".to_owned(),
            }])
            .into(),
            AccessError::Unknown { .. } => Problem::unknown(),
            AccessError::Double { .. } => Problem::new(StatusCode::CONFLICT, "double", "There already", detail),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        let kept = Some(Box::new(refusal.clone()));
        let problem = match refusal {
            Refusal::Unknown => Problem::unknown(),
            Refusal::NotYours { .. } => Problem::new(StatusCode::FORBIDDEN, "not-yours", "Not for this role", detail),
            Refusal::StepUp => {
                Problem::new(StatusCode::FORBIDDEN, "step-up", "A fresh second factor is needed", detail)
            }
            Refusal::Invalid(errors) => {
                let mut problem =
                    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "What was given cannot be taken", detail);
                problem.errors = errors;
                problem
            }
            Refusal::Taken { .. } => Problem::new(StatusCode::CONFLICT, "taken", "Already taken", detail),
            Refusal::State { .. } => Problem::new(StatusCode::CONFLICT, "state", "Not in this state", detail),
            Refusal::Stale(_) => {
                Problem::new(StatusCode::PRECONDITION_FAILED, "stale", "Changed by somebody else", detail)
            }
            Refusal::OtherBody => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "other-body",
                "This key was used for another command",
                detail,
            ),
            Refusal::Closed { .. } => Problem::new(StatusCode::CONFLICT, "closed", "The day is closed", detail),
        };
        Problem { refusal: kept, ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_s;
        let mut response = (status, Json(&self)).into_response();
        // kept beside the answer: whoever asked for a page gets it as a page
        response.extensions_mut().insert(self);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The answer where no route is.
pub async fn no_such_page(_caller: Option<Caller>) -> Problem {
    Problem::unknown()
}
