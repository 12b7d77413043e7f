use strongroom_core::Permit;

fn main() {
    let _permit = Permit { action: "token.detokenize" };
}
