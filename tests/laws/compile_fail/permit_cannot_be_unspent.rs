use strongroom_core::{Permit, SpentPermit};

fn unspend(spent: SpentPermit) -> Permit {
    spent.0
}

fn main() {
    let _ = unspend;
}
