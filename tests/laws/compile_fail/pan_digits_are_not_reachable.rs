use strongroom_domain::{LuhnRule, Pan};

fn main() {
    if let Ok(pan) = Pan::parse("4111111111111111", LuhnRule::Required) {
        let _ = pan.0;
    }
}
