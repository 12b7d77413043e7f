//! A session on the token and what every use of it needs.

use std::ops::Deref;
use std::sync::Arc;

use cryptoki::context::Function;
use cryptoki::error::RvError;
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::Session;
use strongroom_domain::Secret;

use crate::fault::Fault;
use crate::login::is_logged_in;
use crate::token::Token;

pub(crate) struct Seat {
    session: Session,
    generation: u64,
    pub(crate) token: Arc<Token>,
}

impl Seat {
    pub(crate) fn open(token: &Arc<Token>) -> Result<Self, Fault> {
        Ok(Self { session: token.open_session()?, generation: token.generation(), token: Arc::clone(token) })
    }

    pub(crate) fn is_current(&self) -> bool {
        self.generation == self.token.generation()
    }

    /// Random bytes from the token's generator.
    pub(crate) fn random(&self, length: usize) -> Result<Secret<Vec<u8>>, Fault> {
        Secret::build(vec![0_u8; length], |bytes| {
            // Some devices give no more than a kilobyte at a time.
            bytes.chunks_mut(1024).try_for_each(|chunk| Ok(self.session.generate_random_slice(chunk)?))
        })
    }

    /// Random bytes that are no secret: initialisation vectors and identifiers.
    pub(crate) fn public_random<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0_u8; N];
        self.session.generate_random_slice(&mut bytes)?;
        Ok(bytes)
    }

    /// The objects that match. "None" is an answer only of a token that is there and to a session that is logged in:
    /// otherwise private objects are merely not seen, and a key would be taken for missing.
    pub(crate) fn find(&self, template: &[Attribute]) -> Result<Vec<ObjectHandle>, Fault> {
        let found = self.session.find_objects(template)?;
        if found.is_empty() {
            self.expect_sight()?;
        }
        Ok(found)
    }

    /// Whether the token is there and shows private objects.
    pub(crate) fn expect_sight(&self) -> Result<(), Fault> {
        if !is_logged_in(&self.session)? {
            return Err(Fault::Code(Function::GetSessionInfo, RvError::UserNotLoggedIn));
        }
        self.token.expect_presence()
    }

    /// Destroys a session object that has served. Best effort: it goes with its session anyway.
    pub(crate) fn discard(&self, object: ObjectHandle) {
        if let Err(error) = self.session.destroy_object(object) {
            tracing::debug!(%error, "a session object outlives its use until its session is closed");
        }
    }

    /// Gives up the session for closing later.
    pub(crate) fn retire(self) {
        if self.is_current() {
            self.token.retire(self.session);
        }
    }
}

impl Deref for Seat {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}
