use strongroom_api::Text;
use strongroom_api::keys::{KeyVersionView, KeyView, ValueFormatInput};

/// Onto the wire.
pub(super) fn view(key: &strongroom_core::KeyView) -> KeyView {
    let version = |version: &strongroom_core::KeyVersionView| KeyVersionView {
        version: version.version.get(),
        state: Text(version.state),
        created_at: Text(version.created_at),
        state_changed_at: Text(version.state_changed_at),
    };
    KeyView {
        id: Text(key.id),
        name: Text(key.name.clone()),
        purpose: Text(key.purpose),
        protection: Text(key.protection),
        value_format: key.value_format.as_deref().map(ValueFormatInput::from),
        rotation_days: key.rotation_days,
        created_at: Text(key.created_at),
        current_version: key.current_version.get(),
        versions: key.versions.iter().map(version).collect(),
    }
}
