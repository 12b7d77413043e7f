use strongroom_domain::Secret;

fn main() {
    let _ = Secret::new(String::from("value")) == Secret::new(String::from("value"));
}
