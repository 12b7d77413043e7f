//! Work on more than fits into a request, in numbered parts.

mod begin_export;
mod begin_import;
mod cancel;
mod complete;
mod export_part;
mod get;
mod import_part;
mod list;
mod view;

pub(crate) use begin_export::begin_export;
pub(crate) use begin_import::begin_import;
pub(crate) use cancel::cancel;
pub(crate) use complete::complete;
pub(crate) use export_part::export_part;
pub(crate) use get::get;
pub(crate) use import_part::import_part;
pub(crate) use list::list;
