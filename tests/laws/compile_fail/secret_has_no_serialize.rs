use strongroom_domain::Secret;

fn takes(_: impl serde::Serialize) {}

fn main() {
    takes(Secret::new(String::from("value")));
}
