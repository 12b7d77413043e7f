use std::sync::Arc;

use http::{Method, Uri};

use super::Destination;
use super::path::{NotNormal, PathPattern, check_path, check_query};
use crate::template::{RequestTemplate, TemplateError, TemplateSource, TokenName};

/// One method and path of a destination that callers may use. There is no other way to have a request made.
#[derive(Clone)]
pub struct Target {
    destination: Arc<Destination>,
    method: Method,
    path: Uri,
}

/// Why a request may not go where it is to go. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not one of the destination's methods.
    #[error("this destination does not allow this method")]
    Method,
    /// The path or its query could be read in two ways.
    #[error(transparent)]
    NotNormal(#[from] NotNormal),
    /// Not one of the destination's paths.
    #[error("this destination does not allow this path")]
    Path,
    /// One of the destination's paths, but without a query.
    #[error("this destination allows this path without a query only")]
    Query,
}

impl TargetError {
    /// A stable name of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Method => "method_not_allowed",
            Self::NotNormal(_) => "path_not_normal",
            Self::Path => "path_not_allowed",
            Self::Query => "query_not_allowed",
        }
    }
}

impl Target {
    pub(super) fn new(destination: &Arc<Destination>, method: &str, path: &str) -> Result<Self, TargetError> {
        let allowed = destination.methods.iter().find(|allowed| allowed.as_str() == method);
        let method = allowed.ok_or(TargetError::Method)?.clone();
        let (bare, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        check_path(bare)?;
        query.map_or(Ok(()), check_query)?;
        let mut patterns = destination.paths.iter().filter(|pattern| pattern.matches(bare)).peekable();
        if patterns.peek().is_none() {
            return Err(TargetError::Path);
        }
        if query.is_some() && !patterns.any(PathPattern::allows_query) {
            return Err(TargetError::Query);
        }
        let path = Uri::try_from(path).map_err(|_| NotNormal("it is no path"))?;
        Ok(Self { destination: Arc::clone(destination), method, path })
    }

    /// Reads headers and body with their placeholders. `names` are the tokens that placeholders may speak of.
    pub fn template(
        &self,
        source: &TemplateSource<'_>,
        names: &[TokenName],
    ) -> Result<RequestTemplate, TemplateError> {
        RequestTemplate::parse(self.clone(), source, names)
    }

    /// Where it goes.
    pub fn destination(&self) -> &Arc<Destination> {
        &self.destination
    }

    /// The method of the request.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path and query of the request line.
    pub(crate) const fn path(&self) -> &Uri {
        &self.path
    }
}
