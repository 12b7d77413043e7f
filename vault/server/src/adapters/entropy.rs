use std::cell::RefCell;

use strongroom_core::ports::{Entropy, EntropyError};

/// The kernel's generator.
///
/// Salts and tokens are asked for one by one: a virtual machine that is copied while it runs goes on with another state
/// of that generator in each copy, and no state of this process could promise as much. Names of requests have no such
/// need and come from a small stock, since a system call for each is a good part of what naming a request costs.
#[derive(Debug, Clone, Copy)]
pub struct OperatingSystemEntropy;

impl Entropy for OperatingSystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(buffer).map_err(|_| EntropyError)
    }

    fn fill_name(&self, buffer: &mut [u8; 16]) -> Result<(), EntropyError> {
        STOCK.with_borrow_mut(|stock| {
            if stock.left == 0 {
                *stock = Names::draw()?;
            }
            *buffer = stock.next().ok_or(EntropyError)?;
            Ok(())
        })
    }
}

thread_local! {
    static STOCK: RefCell<Names> = const { RefCell::new(Names { bytes: [0; STOCKED], left: 0 }) };
}

/// Enough for 32 names.
const STOCKED: usize = 512;

/// Random bytes, of which the first `left` have not been handed out.
struct Names {
    bytes: [u8; STOCKED],
    left: usize,
}

impl Names {
    fn draw() -> Result<Self, EntropyError> {
        let mut bytes = [0; STOCKED];
        getrandom::fill(&mut bytes).map_err(|_| EntropyError)?;
        Ok(Self { bytes, left: STOCKED })
    }

    fn next(&mut self) -> Option<[u8; 16]> {
        let name = *self.bytes.get(..self.left)?.last_chunk::<16>()?;
        self.left -= 16;
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_name_is_given_twice_on_any_thread() {
        let draw = || {
            let mut name = [0; 16];
            OperatingSystemEntropy.fill_name(&mut name).unwrap();
            name
        };
        let threads = [(); 4].map(|()| std::thread::spawn(move || [(); 100].map(|()| draw())));
        let names: HashSet<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(names.len(), 400);
        assert!(!names.contains(&[0; 16]));
    }
}
