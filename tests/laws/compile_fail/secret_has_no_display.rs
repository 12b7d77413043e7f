use strongroom_domain::Secret;

fn main() {
    println!("{}", Secret::new(String::from("value")));
}
