//! What a return code means: one table over every code, because modules differ in which one they choose.

use cryptoki::context::Function;
use cryptoki::error::RvError;
use strongroom_core::ports::HsmError;

/// What is to be done about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The session is of no more use: a new one, once more.
    Session,
    /// Log in, once more.
    Login,
    /// An object's handle has gone stale: find it again, once more.
    Handle,
    /// The device is away: reconnect.
    Device,
    /// Too much at once: wait a little, again.
    Busy,
    /// What was to be opened was tampered with.
    Integrity,
    /// Tampering or a broken device: a canary call tells which.
    Suspect,
    /// The PIN. Never again until an operator acts.
    Pin,
    /// The token does not do this.
    Unsupported,
    /// A mistake, ours or the configuration's.
    Fatal,
}

/// The table.
pub(crate) fn classify(function: Function, code: RvError) -> Class {
    match code {
        RvError::SessionHandleInvalid
        | RvError::SessionClosed
        | RvError::OperationActive
        | RvError::OperationNotInitialized
        // The module gave up a call in the middle, so nobody knows what state the session is in.
        | RvError::Cancel
        | RvError::FunctionCanceled
        | RvError::FunctionNotParallel
        | RvError::SavedStateInvalid
        | RvError::StateUnsaveable => Class::Session,

        RvError::UserNotLoggedIn => Class::Login,

        RvError::ObjectHandleInvalid
        | RvError::KeyHandleInvalid
        | RvError::WrappingKeyHandleInvalid
        | RvError::UnwrappingKeyHandleInvalid => Class::Handle,

        RvError::DeviceError
        | RvError::DeviceRemoved
        | RvError::TokenNotPresent
        | RvError::TokenNotRecognized
        | RvError::SlotIdInvalid
        | RvError::CryptokiNotInitialized
        | RvError::FipsSelfTestFailed
        | RvError::MutexBad
        | RvError::MutexNotLocked => Class::Device,

        RvError::GeneralError => match stage(function) {
            Stage::Connecting => Class::Device,
            Stage::Opening | Stage::Other => Class::Suspect,
        },
        RvError::FunctionFailed => match stage(function) {
            Stage::Opening => Class::Suspect,
            Stage::Connecting | Stage::Other => Class::Device,
        },

        RvError::SessionCount
        | RvError::DeviceMemory
        | RvError::HostMemory
        | RvError::FunctionRejected => Class::Busy,

        RvError::EncryptedDataInvalid
        | RvError::EncryptedDataLenRange
        | RvError::WrappedKeyInvalid
        | RvError::WrappedKeyLenRange
        | RvError::SignatureInvalid
        | RvError::SignatureLenRange => Class::Integrity,

        RvError::PinIncorrect
        | RvError::PinInvalid
        | RvError::PinLenRange
        | RvError::PinExpired
        | RvError::PinLocked
        | RvError::PinTooWeak
        | RvError::UserPinNotInitialized
        | RvError::UserAnotherAlreadyLoggedIn
        | RvError::UserTooManyTypes
        | RvError::NewPinMode
        | RvError::NextOtp => Class::Pin,

        RvError::MechanismInvalid
        | RvError::MechanismParamInvalid
        | RvError::FunctionNotSupported
        | RvError::CurveNotSupported
        | RvError::DomainParamsInvalid
        | RvError::RandomNoRng
        | RvError::RandomSeedNotSupported => Class::Unsupported,

        RvError::ArgumentsBad
        | RvError::NoEvent
        | RvError::NeedToCreateThreads
        | RvError::CantLock
        | RvError::AttributeReadOnly
        | RvError::AttributeSensitive
        | RvError::AttributeTypeInvalid
        | RvError::AttributeValueInvalid
        | RvError::ActionProhibited
        | RvError::DataInvalid
        | RvError::DataLenRange
        | RvError::KeySizeRange
        | RvError::KeyTypeInconsistent
        | RvError::KeyNotNeeded
        | RvError::KeyChanged
        | RvError::KeyNeeded
        | RvError::KeyIndigestible
        | RvError::KeyFunctionNotPermitted
        | RvError::KeyNotWrappable
        | RvError::KeyUnextractable
        | RvError::SessionParallelNotSupported
        | RvError::SessionReadOnly
        | RvError::SessionExists
        | RvError::SessionReadOnlyExists
        | RvError::SessionReadWriteSoExists
        | RvError::TemplateIncomplete
        | RvError::TemplateInconsistent
        | RvError::TokenWriteProtected
        | RvError::UnwrappingKeySizeRange
        | RvError::UnwrappingKeyTypeInconsistent
        | RvError::UserAlreadyLoggedIn
        | RvError::UserTypeInvalid
        | RvError::WrappingKeySizeRange
        | RvError::WrappingKeyTypeInconsistent
        | RvError::BufferTooSmall
        | RvError::InformationSensitive
        | RvError::CryptokiAlreadyInitialized
        | RvError::ExceededMaxIterations
        | RvError::LibraryLoadFailed
        | RvError::PublicKeyInvalid => Class::Fatal,

        // A vendor's own code or one from a later standard may mean anything, a broken device included.
        RvError::VendorDefined(_) | RvError::UnknownErrorCode(_) => Class::Suspect,
    }
}

/// What a caller is told when nothing more can be done about a code of this class.
pub(crate) fn refusal(class: Class, function: Function, code: RvError) -> HsmError {
    match class {
        Class::Session | Class::Handle => HsmError::Unavailable("its sessions do not hold"),
        Class::Login => HsmError::Unavailable("it is not logged in"),
        Class::Device => HsmError::Unavailable("the device is away"),
        Class::Busy => HsmError::Unavailable("it is out of sessions or memory"),
        Class::Integrity => HsmError::Integrity,
        Class::Pin => HsmError::Pin(pin_reason(code)),
        Class::Unsupported => HsmError::Unsupported("the mechanism or its parameters"),
        Class::Suspect | Class::Fatal => HsmError::Failed(format!("{code:?} to {function:?}")),
    }
}

pub(crate) fn pin_reason(code: RvError) -> &'static str {
    match code {
        RvError::PinLocked => "locked",
        RvError::PinExpired | RvError::NewPinMode => "expired",
        RvError::UserPinNotInitialized => "the token has no user PIN",
        RvError::UserAnotherAlreadyLoggedIn | RvError::UserTooManyTypes => "another user is logged in",
        _ => "incorrect",
    }
}

enum Stage {
    /// Before there is a session.
    Connecting,
    /// Out of sealed bytes; some modules report a bad tag as a general failure.
    Opening,
    Other,
}

fn stage(function: Function) -> Stage {
    match function {
        Function::Initialize
        | Function::Finalize
        | Function::GetInfo
        | Function::GetSlotList
        | Function::GetSlotInfo
        | Function::GetTokenInfo
        | Function::OpenSession
        | Function::CloseSession
        | Function::GetSessionInfo
        | Function::Login => Stage::Connecting,
        Function::DecryptInit | Function::Decrypt | Function::DecryptFinal | Function::UnwrapKey => {
            Stage::Opening
        }
        _ => Stage::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_codes() {
        let table = [
            (Function::Encrypt, RvError::SessionHandleInvalid, Class::Session),
            (Function::EncryptInit, RvError::OperationActive, Class::Session),
            (Function::Encrypt, RvError::OperationNotInitialized, Class::Session),
            (Function::SignInit, RvError::SessionClosed, Class::Session),
            (Function::GenerateKey, RvError::UserNotLoggedIn, Class::Login),
            (Function::EncryptInit, RvError::KeyHandleInvalid, Class::Handle),
            (Function::EncryptInit, RvError::ObjectHandleInvalid, Class::Handle),
            (Function::WrapKey, RvError::WrappingKeyHandleInvalid, Class::Handle),
            (Function::Sign, RvError::DeviceError, Class::Device),
            (Function::Sign, RvError::DeviceRemoved, Class::Device),
            (Function::OpenSession, RvError::TokenNotPresent, Class::Device),
            (Function::OpenSession, RvError::SlotIdInvalid, Class::Device),
            (Function::Sign, RvError::CryptokiNotInitialized, Class::Device),
            (Function::Sign, RvError::FunctionFailed, Class::Device),
            (Function::OpenSession, RvError::GeneralError, Class::Device),
            (Function::Initialize, RvError::GeneralError, Class::Device),
            (Function::OpenSession, RvError::SessionCount, Class::Busy),
            (Function::GenerateKey, RvError::DeviceMemory, Class::Busy),
            (Function::Encrypt, RvError::HostMemory, Class::Busy),
            (Function::Encrypt, RvError::FunctionRejected, Class::Busy),
            (Function::Decrypt, RvError::EncryptedDataInvalid, Class::Integrity),
            (Function::UnwrapKey, RvError::WrappedKeyInvalid, Class::Integrity),
            (Function::Verify, RvError::SignatureInvalid, Class::Integrity),
            (Function::Decrypt, RvError::GeneralError, Class::Suspect),
            (Function::Decrypt, RvError::FunctionFailed, Class::Suspect),
            (Function::UnwrapKey, RvError::GeneralError, Class::Suspect),
            (Function::Sign, RvError::VendorDefined(0x8000_0001), Class::Suspect),
            (Function::Login, RvError::PinIncorrect, Class::Pin),
            (Function::Login, RvError::PinLocked, Class::Pin),
            (Function::Login, RvError::PinExpired, Class::Pin),
            (Function::EncryptInit, RvError::MechanismInvalid, Class::Unsupported),
            (Function::EncryptInit, RvError::MechanismParamInvalid, Class::Unsupported),
            (Function::EncryptInit, RvError::KeyFunctionNotPermitted, Class::Fatal),
            (Function::GenerateKey, RvError::AttributeValueInvalid, Class::Fatal),
            (Function::WrapKey, RvError::KeyUnextractable, Class::Fatal),
        ];
        for (function, code, class) in table {
            assert_eq!(classify(function, code), class, "{code:?} to {function:?}");
        }
    }

    #[test]
    fn only_what_may_pass_by_itself_is_called_retryable() {
        let told = |class| refusal(class, Function::Encrypt, RvError::GeneralError);
        for class in [Class::Session, Class::Login, Class::Handle, Class::Device, Class::Busy] {
            assert!(told(class).is_retryable(), "{class:?}");
        }
        for class in [Class::Integrity, Class::Suspect, Class::Pin, Class::Unsupported, Class::Fatal] {
            assert!(!told(class).is_retryable(), "{class:?}");
        }
        assert_eq!(told(Class::Fatal), HsmError::Failed("GeneralError to Encrypt".to_owned()));
        assert_eq!(refusal(Class::Pin, Function::Login, RvError::PinLocked), HsmError::Pin("locked"));
    }
}
