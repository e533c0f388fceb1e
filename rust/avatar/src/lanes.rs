//! A number for each pattern of the model, four at a time. Sums are added in the same order on every machine.

use glam::{Mat4, Vec3A, Vec4};

use crate::model::PATTERNS;

/// How many fours there are.
pub const LANES: usize = PATTERNS / 4;

/// A number for each pattern.
pub type Lanes = [Vec4; LANES];

/// Nothing of any pattern.
pub const NONE: Lanes = [Vec4::ZERO; LANES];

/// Sets one of the numbers.
pub fn set(lanes: &mut Lanes, at: usize, value: f32) {
    lanes[at / 4][at % 4] = value;
}

/// The products of the numbers, each with its fellow.
pub fn product(left: &Lanes, right: &Lanes) -> Lanes {
    let mut product = *left;
    for (product, right) in product.iter_mut().zip(right) {
        *product *= *right;
    }
    product
}

/// The components of four vectors, each together.
pub fn components(vectors: [Vec4; 4]) -> [Vec4; 3] {
    let [a, b, c, d] = vectors;
    let matrix = Mat4::from_cols(a, b, c, d).transpose();
    [matrix.x_axis, matrix.y_axis, matrix.z_axis]
}

/// The sum of the components of each of four vectors.
pub fn totals(vectors: [Vec4; 4]) -> Vec4 {
    let [a, b, c, d] = vectors;
    let parts = Mat4::from_cols(a, b, c, d).transpose();
    (parts.x_axis + parts.y_axis) + (parts.z_axis + parts.w_axis)
}

/// The sums of the products of three pairs.
pub fn dots(left: [&Lanes; 3], right: [&Lanes; 3]) -> Vec3A {
    let [a, b, c] = [0, 1, 2].map(|pair| {
        let mut sums = Vec4::ZERO;
        for (left, right) in left[pair].iter().zip(right[pair]) {
            sums += *left * *right;
        }
        sums
    });
    Vec3A::from_vec4(totals([a, b, c, Vec4::ZERO]))
}

/// The products of a symmetric matrix and three vectors.
pub fn products(matrix: &[Lanes; PATTERNS], vectors: &[Lanes; 3]) -> [Lanes; 3] {
    let mut products = [NONE; 3];
    for (product, vector) in products.iter_mut().zip(vectors) {
        for (rows, factors) in matrix.chunks_exact(4).zip(vector) {
            let [x, y, z, w] = factors.to_array();
            for lane in 0..LANES {
                let (first, second) = (rows[0][lane] * x, rows[1][lane] * y);
                let (third, fourth) = (rows[2][lane] * z, rows[3][lane] * w);
                product[lane] += (first + second) + (third + fourth);
            }
        }
    }
    products
}

/// Takes what has been learnt from a symmetric matrix: the outer products of gains and rows.
pub fn reduce(matrix: &mut [Lanes; PATTERNS], gains: &[Lanes; 3], rows: &[Lanes; 3]) {
    for (at, parts) in matrix.chunks_exact_mut(4).enumerate() {
        let [first, second, third] = [0, 1, 2].map(|row| gains[row][at].to_array());
        for (at, parts) in parts.iter_mut().enumerate() {
            for lane in 0..LANES {
                parts[lane] -= (rows[0][lane] * first[at] + rows[1][lane] * second[at])
                    + rows[2][lane] * third[at];
            }
        }
    }
}
