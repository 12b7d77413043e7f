use strongroom_domain::Secret;

fn main() {
    let secret = Secret::new(String::from("value"));
    let _copy: Secret<String> = secret.clone();
}
