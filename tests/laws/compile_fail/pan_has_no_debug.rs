use strongroom_domain::{LuhnRule, Pan};

fn main() {
    println!("{:?}", Pan::parse("4111111111111111", LuhnRule::Required).ok());
}
