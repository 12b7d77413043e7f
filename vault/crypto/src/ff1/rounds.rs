//! FF1 itself (NIST SP 800-38G, algorithms 7 and 8), for halves of at most 2^96 values: what the standard calls NUM(A),
//! y and c fit a register, R is one block, and of Q only the last block differs from round to round.

use aes::Aes256Enc;
use aes::cipher::BlockCipherEncrypt;

const ROUNDS: u8 = 10;
const BLOCK: usize = 16;

/// Encrypts numerals in place.
pub(super) fn encrypt(cipher: &Aes256Enc, radix: u32, tweak: &[u8], numerals: &mut [u8]) {
    let network = Network::new(cipher, radix, tweak, numerals.len());
    let (mut a, mut b) = network.read(numerals);
    for round in 0..ROUNDS {
        let modulus = network.modulus(round);
        let c = add(a, network.round(round, b), modulus);
        a = b;
        b = c;
    }
    network.write(a, b, numerals);
}

/// Decrypts numerals in place.
pub(super) fn decrypt(cipher: &Aes256Enc, radix: u32, tweak: &[u8], numerals: &mut [u8]) {
    let network = Network::new(cipher, radix, tweak, numerals.len());
    let (mut a, mut b) = network.read(numerals);
    for round in (0..ROUNDS).rev() {
        let modulus = network.modulus(round);
        let c = add(b, opposite(network.round(round, a), modulus), modulus);
        b = a;
        a = c;
    }
    network.write(a, b, numerals);
}

/// What stays the same in all rounds.
struct Network<'a> {
    cipher: &'a Aes256Enc,
    radix: u128,
    /// u: how many numerals the left half has.
    left: usize,
    /// `radix`^u and `radix`^v.
    moduli: [u128; 2],
    /// b: how many bytes hold a half.
    half_bytes: usize,
    /// d: how many bytes of a block make y.
    y_bytes: usize,
    /// The CBC-MAC of P and of Q without its last block.
    chained: [u8; BLOCK],
    /// What is left of Q's padding and tweak in its last block, before the round and the half.
    last_block: [u8; BLOCK],
}

impl<'a> Network<'a> {
    fn new(cipher: &'a Aes256Enc, radix: u32, tweak: &[u8], length: usize) -> Self {
        let left = length / 2;
        let right = length - left;
        let power = |count: usize| u128::from(radix).pow(u32::try_from(count).unwrap_or(u32::MAX));
        let moduli = [power(left), power(right)];
        let bits = 128 - (moduli[1] - 1).leading_zeros();
        let half_bytes = usize::try_from(bits.div_ceil(8)).unwrap_or(BLOCK);
        let y_bytes = 4 * half_bytes.div_ceil(4) + 4;

        let [_, r2, r1, r0] = radix.to_be_bytes();
        let [n3, n2, n1, n0] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        let [t3, t2, t1, t0] = u32::try_from(tweak.len()).unwrap_or(u32::MAX).to_be_bytes();
        let u = left.to_le_bytes()[0];
        let mut chained = [1, 2, 1, r2, r1, r0, 10, u, n3, n2, n1, n0, t3, t2, t1, t0];
        encrypt_block(cipher, &mut chained);

        // Q = tweak, zeros up to where the round and the half complete a block.
        let mut blocks = tweak.chunks_exact(BLOCK);
        for block in &mut blocks {
            chain(cipher, &mut chained, block);
        }
        let mut last_block = [0; BLOCK];
        let rest = blocks.remainder();
        if let Some(front) = last_block.get_mut(..rest.len()) {
            front.copy_from_slice(rest);
        }
        if rest.len() + 1 + half_bytes > BLOCK {
            chain(cipher, &mut chained, &last_block);
            last_block = [0; BLOCK];
        }
        Self { cipher, radix: u128::from(radix), left, moduli, half_bytes, y_bytes, chained, last_block }
    }

    /// The value that the half changed in this round is reduced to.
    const fn modulus(&self, round: u8) -> u128 {
        let [even, odd] = self.moduli;
        if round.is_multiple_of(2) { even } else { odd }
    }

    /// y of a round, before it is reduced.
    fn round(&self, round: u8, half: u128) -> u128 {
        let mut block = self.last_block;
        let (_, place) = block.split_at_mut(BLOCK - self.half_bytes - 1);
        let half = half.to_be_bytes();
        if let (Some((first, rest)), Some(low)) =
            (place.split_first_mut(), half.get(BLOCK - self.half_bytes..))
        {
            *first = round;
            rest.copy_from_slice(low);
        }
        let mut r = self.chained;
        chain(self.cipher, &mut r, &block);
        u128::from_be_bytes(r) >> (8 * (BLOCK - self.y_bytes))
    }

    fn read(&self, numerals: &[u8]) -> (u128, u128) {
        let (left, right) = numerals.split_at(self.left);
        let number =
            |half: &[u8]| half.iter().fold(0, |sum, numeral| sum * self.radix + u128::from(*numeral));
        (number(left), number(right))
    }

    fn write(&self, a: u128, b: u128, numerals: &mut [u8]) {
        let (left, right) = numerals.split_at_mut(self.left);
        for (mut number, half) in [(a, left), (b, right)] {
            for numeral in half.iter_mut().rev() {
                *numeral = (number % self.radix).to_le_bytes()[0];
                number /= self.radix;
            }
        }
    }
}

/// Both below 2^96 after the first is reduced, so the sum fits.
const fn add(a: u128, y: u128, modulus: u128) -> u128 {
    (a + y % modulus) % modulus
}

const fn opposite(y: u128, modulus: u128) -> u128 {
    modulus - y % modulus
}

fn chain(cipher: &Aes256Enc, chained: &mut [u8; BLOCK], block: &[u8]) {
    for (byte, next) in chained.iter_mut().zip(block) {
        *byte ^= next;
    }
    encrypt_block(cipher, chained);
}

fn encrypt_block(cipher: &Aes256Enc, block: &mut [u8; BLOCK]) {
    cipher.encrypt_block(block.into());
}
