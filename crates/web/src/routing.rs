//! What answers a route. A handler's own type holds that of everything it awaits, and the compiler would prove again for each
//! of the layers around it that all of it may cross threads, which took more than half of the build. Here each handler is put behind one type.

use crate::app::App;
use axum::{
    extract::Request,
    handler::Handler,
    response::Response,
    routing::{self, MethodRouter},
};
use std::{pin::Pin, sync::Arc};

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler of any type.
#[derive(Clone)]
struct Answers(Arc<dyn Fn(Request, Arc<App>) -> Answering + Send + Sync>);

impl Answers {
    fn by<T: 'static, H: Handler<T, Arc<App>> + Sync>(handler: H) -> Self {
        Answers(Arc::new(move |request, app| Box::pin(handler.clone().call(request, app))))
    }
}

impl Handler<(), Arc<App>> for Answers {
    type Future = Answering;

    fn call(self, request: Request, app: Arc<App>) -> Answering {
        (self.0)(request, app)
    }
}

macro_rules! methods {
    ($($(#[$about:meta])* $method:ident)*) => {
        $($(#[$about])*
        pub(crate) fn $method<T: 'static, H: Handler<T, Arc<App>> + Sync>(handler: H) -> MethodRouter<Arc<App>> {
            routing::$method(Answers::by(handler))
        })*
    };
}

methods! {
    /// Answers GET and HEAD; another method of the same path is joined by `merge`.
    get
    /// Answers POST.
    post
    /// Answers PUT.
    put
    /// Answers PATCH.
    patch
    /// Answers DELETE.
    delete
    /// Answers every method.
    any
}
