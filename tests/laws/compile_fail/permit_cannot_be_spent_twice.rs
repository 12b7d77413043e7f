use strongroom_core::Permit;

fn twice(permit: Permit) {
    let _first = permit.spend();
    let _second = permit.spend();
}

fn main() {
    let _ = twice;
}
