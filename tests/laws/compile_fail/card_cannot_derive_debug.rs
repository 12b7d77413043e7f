use strongroom_domain::Card;

#[derive(Debug)]
struct Order {
    card: Card,
}

fn main() {
    let _: Option<Order> = None;
}
