//! The contract as an OpenAPI 3.1 document, generated from [`ROUTES`] and the types of the bodies.
//!
//! The document is committed as `openapi.json`; a test fails when it is not what this generates, so that a change of
//! the contract is seen in review.

mod bodies;
mod problems;

use std::collections::BTreeMap;

use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, Paths,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, InfoBuilder, OpenApi, OpenApiBuilder, OpenApiVersion, RefOr, Required};

use crate::{ROUTES, Route, RouteId};
use bodies::{Bodies, Body};

/// The committed document.
pub const DOCUMENT: &str = include_str!("../../openapi.json");

const MUTUAL_TLS: &str = "mutualTLS";

/// Generates the document.
pub fn document() -> OpenApi {
    let mut schemas = BTreeMap::new();
    let mut paths = Paths::new();
    for route in ROUTES {
        let bodies = bodies::of(route.id);
        bodies.collect_schemas(&mut schemas);
        paths.add_path_operation(route.path, vec![method_of(route)], operation(route, bodies));
    }
    bodies::problem().collect_schemas(&mut schemas);

    let components =
        ComponentsBuilder::new().schemas_from_iter(schemas).security_scheme(MUTUAL_TLS, mutual_tls());
    let info = InfoBuilder::new()
        .title("Strongroom")
        .version("v1")
        .description(Some("Key management and tokenization vault."));
    OpenApiBuilder::new()
        .openapi(OpenApiVersion::Version31)
        .info(info)
        .paths(paths)
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new(MUTUAL_TLS, [""; 0])]))
        .build()
}

/// The document as the text that is committed and served.
pub fn document_text() -> Result<String, serde_json::Error> {
    document().to_pretty_json().map(|text| text + "\n")
}

fn operation(route: &Route, bodies: Bodies) -> Operation {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(route.id.as_str()))
        .summary(Some(route.summary))
        .tag(tag_of(route))
        .parameters(Some(path_parameters(route)))
        .parameters(Some(bodies.query));
    if route.creates {
        operation = operation.parameter(idempotency_key(route));
    }
    if let Some(request) = &bodies.request {
        let body = RequestBodyBuilder::new()
            .description(Some(format!("At most {} bytes.", route.body_cap)))
            .required(Some(Required::True))
            .content("application/json", content(request));
        operation = operation.request_body(Some(body.build()));
    }
    for answer in &bodies.answers {
        let mut response = ResponseBuilder::new().description(answer.description);
        if let Some((content_type, body)) = &answer.body {
            response = response.content(*content_type, content(body));
        }
        operation = operation.response(answer.status.to_string(), response.build());
    }
    for (status, description) in problems::of(route) {
        operation = operation.response(status.to_string(), problem_response(&description));
    }
    operation.build()
}

fn problem_response(description: &str) -> Response {
    ResponseBuilder::new()
        .description(description)
        .content(crate::PROBLEM_CONTENT_TYPE, content(&bodies::problem()))
        .build()
}

fn content(body: &Body) -> Content {
    Content::new(Some(body.reference.clone()))
}

fn path_parameters(route: &Route) -> Vec<Parameter> {
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| {
            let description = match name {
                "token" => "The token, or `alias:` and one of its aliases.",
                "key" => "The key's name.",
                "profile" => "The token profile's name.",
                "service" => "The service, as named in its certificate.",
                "grant" => "The grant's id.",
                "honeytoken" => "The honeytoken's id.",
                _ => "",
            };
            text_parameter(name, ParameterIn::Path, description, Required::True)
        })
        .collect()
}

fn idempotency_key(route: &Route) -> Parameter {
    let description = match route.id {
        RouteId::Forward => {
            "8 to 128 characters of letters, digits and -_.: that name this request; required unless the method is GET. \
             For 24 hours, the same key and body give what came of it, and nothing is sent again: also after a crash, when \
             it may be known only that it may have been carried out. Where nothing was sent, the key may be used again."
        }
        _ => IDEMPOTENCY,
    };
    text_parameter("Idempotency-Key", ParameterIn::Header, description, Required::False)
}

const IDEMPOTENCY: &str = "8 to 128 characters of letters, digits and -_.: that name this request. The same key and body give the stored \
         answer for 24 hours, also after a crash; a refusal is not stored.";

fn text_parameter(name: &str, place: ParameterIn, description: &str, required: Required) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .description(Some(description))
        .required(required)
        .schema(Some(RefOr::T(Schema::Object(text))))
        .build()
}

fn mutual_tls() -> SecurityScheme {
    SecurityScheme::MutualTls {
        description: Some(
            "A client certificate with the URI name spiffe://<trust-domain>/tenant/<tenant>/service/<name>. The tenant \
             comes from it and from nowhere else."
                .to_owned(),
        ),
        deprecated: None,
        extensions: None,
    }
}

fn method_of(route: &Route) -> HttpMethod {
    match route.method {
        "POST" => HttpMethod::Post,
        "DELETE" => HttpMethod::Delete,
        "PATCH" => HttpMethod::Patch,
        "PUT" => HttpMethod::Put,
        _ => HttpMethod::Get,
    }
}

/// The first part of the path behind the version.
fn tag_of(route: &Route) -> &'static str {
    route.path.split('/').nth(2).unwrap_or_default()
}
