//! One route with everything that is said of it: the router, the OpenAPI document and the browsable page are made from
//! the same list of these, so no route can be undocumented and no document can promise a route that is not there.

use crate::app::App;
use axum::{http::Method, routing::MethodRouter};
use dayclear_core::{access::Role, command::Load};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A route.
pub struct Endpoint {
    /// What is said of it.
    pub operation: Operation,
    /// What answers.
    pub handler: MethodRouter<Arc<App>>,
}

/// What is said of a route.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Method.
    pub method: Method,
    /// Path, with parameters in braces.
    pub path: String,
    /// Name of the operation, unique in the document.
    pub id: String,
    /// Station it belongs to.
    pub tag: &'static str,
    /// What it does.
    pub summary: String,
    /// More about it.
    pub description: String,
    /// Roles for which it works.
    pub roles: Vec<Role>,
    /// Whether it answers without a session.
    pub public: bool,
    /// Parameters in path, query and headers.
    pub parameters: Vec<Value>,
    /// Contents of the body by media type.
    pub body: Map<String, Value>,
    /// Whether a body must be there.
    pub body_required: bool,
    /// Answers by status: text, contents by media type, headers.
    pub answers: Vec<(u16, &'static str, Map<String, Value>)>,
    /// Statuses of the problems that can happen.
    pub problems: Vec<u16>,
    /// When it is shed under load.
    pub load: Load,
    /// Whether it wants a fresh second factor.
    pub step_up: bool,
    /// Links from the answer to other operations.
    pub links: Value,
}

impl Operation {
    /// An operation that needs a session; more is said by the methods below.
    pub fn new(method: Method, path: impl Into<String>, id: impl Into<String>, tag: &'static str) -> Self {
        Operation {
            method,
            path: path.into(),
            id: id.into(),
            tag,
            summary: String::new(),
            description: String::new(),
            roles: Role::ALL.to_vec(),
            public: false,
            parameters: Vec::new(),
            body: Map::new(),
            body_required: true,
            answers: Vec::new(),
            problems: vec![400, 401, 404, 429, 500, 503],
            load: Load::Work,
            step_up: false,
            links: Value::Null,
        }
    }
    /// Says what it does.
    pub fn about(mut self, summary: impl Into<String>, description: impl Into<String>) -> Self {
        (self.summary, self.description) = (summary.into(), description.into());
        self
    }
    /// Answers without a session.
    pub fn open_to_all(mut self) -> Self {
        self.public = true;
        self.problems.retain(|status| *status != 401);
        self
    }
    /// Works for these roles.
    pub fn roles(mut self, roles: &[Role]) -> Self {
        self.roles = roles.to_vec();
        self
    }
    /// Takes a parameter.
    pub fn takes(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }
    /// Takes a body of this media type.
    pub fn body(mut self, media: &str, schema: Value) -> Self {
        self.body.insert(media.to_owned(), json!({"schema": schema}));
        self
    }
    /// Answers with JSON of this schema.
    pub fn answers(self, status: u16, about: &'static str, schema: Value) -> Self {
        self.answers_as(status, about, "application/json", schema)
    }
    /// Answers with this media type.
    pub fn answers_as(mut self, status: u16, about: &'static str, media: &str, schema: Value) -> Self {
        let content = json!({"schema": schema});
        match self.answers.iter_mut().find(|(known, ..)| *known == status) {
            Some((.., contents)) => {
                contents.insert(media.to_owned(), content);
            }
            None => self.answers.push((status, about, Map::from_iter([(media.to_owned(), content)]))),
        }
        self
    }
    /// Answers with nothing but the status.
    pub fn answers_empty(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push((status, about, Map::new()));
        self
    }
    /// Further problems that can happen.
    pub fn problems(mut self, statuses: &[u16]) -> Self {
        self.problems.extend(statuses);
        self.problems.sort_unstable();
        self.problems.dedup();
        self
    }
    /// Is shed under load as this.
    pub fn under(mut self, load: Load) -> Self {
        self.load = load;
        self
    }

    /// As an operation object of OpenAPI.
    pub fn object(&self) -> Value {
        let mut responses = Map::new();
        for (status, about, contents) in &self.answers {
            let mut answer = json!({"description": about});
            if !contents.is_empty() {
                answer["content"] = Value::Object(contents.clone());
            }
            if !self.links.is_null() {
                answer["links"] = self.links.clone();
            }
            responses.insert(status.to_string(), answer);
        }
        for status in &self.problems {
            // some programs are told of the fault in their own form, all others as a problem
            if let Some(own) = responses.get_mut(&status.to_string()) {
                own["content"]["application/problem+json"] =
                    json!({"schema": {"$ref": "#/components/schemas/problem"}});
                continue;
            }
            responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/Problem{status}")}));
        }
        responses.sort_keys();
        let mut object = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": self.description,
            "x-roles": self.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
            "x-load": self.load.name(),
            "parameters": self.parameters,
            "responses": responses,
        });
        if self.step_up {
            object["x-step-up"] = true.into();
        }
        if self.public {
            object["security"] = json!([]);
        }
        if !self.body.is_empty() {
            object["requestBody"] = json!({"required": self.body_required, "content": self.body});
        }
        object
    }
}
