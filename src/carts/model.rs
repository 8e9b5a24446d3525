use crate::catalog::ForSale;
use crate::kernel::VariantId;
use crate::refusals;

/// Different variants in one cart.
pub const LINES_MAX: usize = 50;
/// Sale units of one variant in one cart.
pub const QUANTITY_MAX: i32 = 10_000;

refusals! {
    pub enum CartRefusal {
        NotForSale = 409 "carts.not_for_sale" "Sản phẩm này hiện không bán" "This is not for sale now",
        TooManyLines = 409 "carts.too_many_lines" "Giỏ hàng chỉ chứa tối đa 50 mặt hàng" "A cart holds at most 50 lines",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CartLine {
    pub variant_id: VariantId,
    pub quantity: i32,
}

/// A buyer's cart with what its lines want.
pub struct Cart {
    pub version: i32,
    pub lines: Vec<CartLine>,
    pub goods: Vec<ForSale>,
}
