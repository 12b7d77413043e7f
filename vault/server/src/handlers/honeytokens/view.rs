use strongroom_api::Text;
use strongroom_api::honeytokens::HoneytokenView;

/// Onto the wire.
pub(super) fn honeytoken_view(honeytoken: &strongroom_core::HoneytokenView) -> HoneytokenView {
    HoneytokenView {
        id: honeytoken.id.to_string(),
        reason: honeytoken.reason.clone(),
        created_at: Text(honeytoken.created_at),
        created_by: honeytoken.created_by.clone(),
        withdrawn_at: honeytoken.withdrawn_at.map(Text),
        withdrawn_by: honeytoken.withdrawn_by.clone(),
    }
}
