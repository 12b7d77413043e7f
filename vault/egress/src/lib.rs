#![doc = include_str!("../README.md")]

pub mod address;
pub mod answer;
pub mod destination;
pub mod forward;
pub mod template;

pub use address::{Network, Resolver, SystemResolver};
pub use answer::{Answer, CardNumbers, Found, ReplaceError, Scan, UnscannedAnswer};
pub use destination::{
    CardInAnswer, Destination, DestinationConfig, DestinationProblem, Destinations, PathConfig, Target,
    TargetError,
};
pub use forward::{ForwardError, Forwarder, Outcome};
pub use template::{
    BodySource, Field, FillError, FilledRequest, Placeholder, RequestTemplate, TemplateError, TemplateSource,
    TokenName, Values,
};
