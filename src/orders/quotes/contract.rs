//! The words of the contract with one producer.
//!
//! Law 19/2023, article 37 and Decree 55/2024, article 22 say what a buyer must be told before buying from afar:
//! seller, goods, price, delivery, payment, and how returns and complaints go, step by step with their times. Article
//! 38: the buyer confirms the whole contract, can look at it again and download it. The text is JSON as it was shown;
//! its SHA-256 stays with the order.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use utoipa::ToSchema;

use crate::orders::harvests::ShortfallRule;

/// The version of these terms; a change of any sentence below makes a new one.
const TERMS: &str = "2026-11";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contract {
    /// Version of the terms.
    #[schema(max_length = 20, example = "2026-11")]
    pub terms: String,
    pub seller: ContractSeller,
    #[schema(max_items = 50)]
    pub lines: Vec<ContractLine>,
    pub delivery: ContractDelivery,
    /// For goods that are still to be harvested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harvest: Option<ContractHarvest>,
    #[schema(minimum = 0)]
    pub goods_vnd: i64,
    #[schema(minimum = 0)]
    pub shipping_vnd: i64,
    #[schema(minimum = 0)]
    pub discount_vnd: i64,
    /// What is to be paid, value added tax included; nothing is added later.
    #[schema(minimum = 0)]
    pub total_vnd: i64,
    #[schema(max_length = 500)]
    pub payment: String,
    #[schema(max_length = 500)]
    pub validity: String,
    /// When goods are taken back or money is paid back.
    #[schema(max_length = 1000)]
    pub return_conditions: String,
    #[schema(max_items = 10)]
    pub returns: Vec<Duty>,
    #[schema(max_items = 10)]
    pub complaints: Vec<Duty>,
    /// The buyer's right to end the contract.
    #[schema(max_length = 1000)]
    pub rights: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContractSeller {
    #[schema(max_length = 36, example = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b")]
    pub producer_id: String,
    #[schema(max_length = 150)]
    pub name: String,
    #[schema(max_length = 120)]
    pub representative_name: String,
    #[schema(max_length = 500)]
    pub address: String,
    #[schema(max_length = 20)]
    pub phone: String,
    #[schema(max_length = 50)]
    pub registration_number: Option<String>,
    #[schema(max_length = 20)]
    pub tax_code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContractLine {
    #[schema(max_length = 150)]
    pub product_title: String,
    #[schema(max_length = 80)]
    pub variant_label: String,
    #[schema(max_length = 20)]
    pub unit: String,
    /// Grams of one unit.
    #[schema(minimum = 0)]
    pub net_weight_g: i32,
    /// Whether the price follows the weight that is really packed.
    pub is_weighed: bool,
    #[schema(minimum = 1)]
    pub quantity: i32,
    #[schema(minimum = 0)]
    pub price_vnd: i64,
    #[schema(minimum = 0)]
    pub total_vnd: i64,
    #[schema(minimum = 0)]
    pub discount_vnd: i64,
    /// The commune that it comes from.
    #[schema(max_length = 5)]
    pub origin_commune_code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContractDelivery {
    /// The way, as in the options of the quote.
    #[schema(max_length = 60)]
    pub code: String,
    #[schema(max_length = 5)]
    pub commune_code: String,
    #[schema(minimum = 0)]
    pub days_min: i32,
    #[schema(minimum = 0)]
    pub days_max: i32,
}

/// When goods that are still to be harvested come, and what is agreed if there are fewer. Days in Vietnam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContractHarvest {
    #[schema(max_length = 36, example = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b")]
    pub harvest_id: String,
    pub harvest_from: NaiveDate,
    pub harvest_until: NaiveDate,
    pub ships_from: NaiveDate,
    pub ships_until: NaiveDate,
    #[schema(max_length = 20, example = "first_paid")]
    pub shortfall_rule: String,
    /// The rule in words.
    #[schema(max_length = 500)]
    pub shortfall: String,
}

/// The rule for a smaller harvest, in words.
pub fn shortfall_sentence(rule: ShortfallRule) -> String {
    let share = match rule {
        ShortfallRule::FirstPaid => "giao cho người thanh toán trước",
        ShortfallRule::ProRata => "chia theo tỷ lệ số lượng đã đặt",
    };
    format!(
        "Hàng được giao sau khi thu hoạch. Nếu sản lượng thấp hơn số đã đặt, hàng được {share}; phần thiếu được hoàn tiền, \
         và nếu không có phần nào thì hoàn toàn bộ số tiền, kể cả phí giao hàng. Người mua có quyền huỷ trước khi thu hoạch."
    )
}

/// A step of a process, and until when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Duty {
    #[schema(max_length = 300)]
    pub step: String,
    #[schema(max_length = 100)]
    pub limit: String,
}

/// The sentences that stand in every contract.
pub struct Sentences {
    pub terms: String,
    pub payment: String,
    pub validity: String,
    pub return_conditions: String,
    pub returns: Vec<Duty>,
    pub complaints: Vec<Duty>,
    pub rights: String,
}

/// The sentences for goods that keep, or for goods that do not.
pub fn sentences(is_fresh: bool) -> Sentences {
    let claim_within = if is_fresh { "24 giờ" } else { "72 giờ" };
    let duty = |step: &str, limit: &str| Duty { step: step.to_owned(), limit: limit.to_owned() };
    Sentences {
        terms: TERMS.to_owned(),
        payment: "Thanh toán không dùng tiền mặt trước khi giao hàng, trong 15 phút kể từ khi đặt. Giá đã gồm thuế giá \
                  trị gia tăng nếu có; không phát sinh chi phí nào khác."
            .to_owned(),
        validity: "Báo giá có hiệu lực 15 phút kể từ khi lập.".to_owned(),
        return_conditions: "Hàng sai mô tả, thiếu, hư hỏng hoặc không an toàn được hoàn tiền một phần hay toàn bộ, hoặc \
                            trả lại cho bên bán. Hàng nhẹ hơn khối lượng đã đặt được hoàn lại phần chênh lệch."
            .to_owned(),
        returns: vec![
            duty("Người mua gửi yêu cầu kèm hình ảnh trên ứng dụng", &format!("{claim_within} kể từ khi nhận hàng")),
            duty("Bên bán trả lời", "48 giờ"),
            duty("Nền tảng quyết định nếu hai bên không thống nhất", "7 ngày làm việc"),
            duty("Hoàn tiền theo phương thức đã thanh toán", "30 ngày"),
        ],
        complaints: vec![
            duty("Tiếp nhận khiếu nại qua ứng dụng; người tiêu dùng dễ bị tổn thương được ưu tiên", "3 ngày làm việc"),
            duty("Bắt đầu thương lượng, hoặc từ chối bằng văn bản có nêu lý do", "7 ngày làm việc"),
            duty("Thông báo kết quả giải quyết", "5 ngày làm việc kể từ khi kết thúc thương lượng"),
        ],
        rights: "Nếu thông tin trên không được cung cấp, không đầy đủ hoặc không chính xác, người mua có quyền đơn phương \
                 chấm dứt hợp đồng trong 30 ngày kể từ ngày giao kết, không phải chịu chi phí, và được hoàn tiền trong 30 \
                 ngày kể từ ngày thông báo chấm dứt (Luật 19/2023, Điều 38)."
            .to_owned(),
    }
}

/// SHA-256 of what was shown, in lower case hexadecimal digits.
pub fn sha256(text: &str) -> String {
    hex::encode(sha2::Sha256::digest(text.as_bytes()))
}
