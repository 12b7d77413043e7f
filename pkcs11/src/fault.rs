//! What went wrong in one attempt at a call, before it is decided what that means.

use cryptoki::context::Function;
use cryptoki::error::{Error, RvError};
use strongroom_core::ports::HsmError;

/// One attempt's failure.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The module returned a code.
    Code(Function, RvError),
    /// The wrapper could not make or understand the call.
    Wrapper(&'static str),
    /// The token is not in its slot, or another one is.
    Absent,
    /// The answer is known and final; the session is in order.
    Refused(HsmError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Pkcs11(code, function) => Self::Code(function, code),
            Error::LibraryLoading(_) | Error::MissingSymbol(_) => {
                Self::Wrapper("the module could not be loaded")
            }
            Error::NullFunctionPointer | Error::NotSupported => Self::Wrapper("the module lacks a function"),
            Error::TryFromInt(_)
            | Error::TryFromSlice(_)
            | Error::ParseInt(_)
            | Error::Utf8(_)
            | Error::NulError(_)
            | Error::InvalidValue => Self::Wrapper("the module gave a malformed answer"),
            Error::PinNotSet => Self::Wrapper("no PIN was given"),
        }
    }
}

impl From<HsmError> for Fault {
    fn from(error: HsmError) -> Self {
        Self::Refused(error)
    }
}
