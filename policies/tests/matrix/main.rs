//! Every answer of the rules: against a list written by hand, and against the committed matrix.

#[cfg(test)]
mod asking;
#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod speed;
