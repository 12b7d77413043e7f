//! Faults of the core that the simulation has found and that are not mended yet. Each is excused here and nowhere else;
//! when it is mended, its function goes.

use strongroom_core::VaultError;

use crate::asking::Visit;
use crate::hold;
use crate::world::World;

/// An answer under an `Idempotency-Key` is sealed under the newest version of the tenant's tokenization key. A node that
/// has not heard of that version yet answers "ciphertext malformed" to the caller who asks again, in place of looking for
/// the version as it does for tokens.
pub(crate) fn excuses_replay(world: &World, visit: &Visit, tenant: usize, error: &VaultError) -> bool {
    let mut model = hold(&world.model);
    let key = model.fields.key(tenant, "tokenization");
    let may_not_know =
        key.rotation_is_open || key.rotated.is_some_and(|change| !world.must_know(visit, &change));
    *error == VaultError::CiphertextMalformed && may_not_know
}
