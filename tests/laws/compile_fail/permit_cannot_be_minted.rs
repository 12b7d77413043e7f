use strongroom_core::{Call, Permit};
use strongroom_domain::Action;

fn forge(call: &Call) -> Permit {
    Permit::mint(call, Action::TokenDetokenize)
}

fn main() {
    let _ = forge;
}
