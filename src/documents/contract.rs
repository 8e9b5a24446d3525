//! The contract of a sale from afar, as the buyer confirms it before ordering and may download it afterwards.
//!
//! Law 19/2023, articles 37 and 38, and Decree 55/2024, article 22, say what must stand in it: who sells, with address,
//! telephone and registration; measure, quantity, quality, price, origin and shelf life of the goods; what delivery
//! costs; terms of payment and delivery; how goods are returned and complaints handled, step by step with time limits;
//! and that a buyer who was told wrongly or not at all may end the contract within 30 days.

use super::layout::{Align, Letterhead, Part, Table};
use super::order_paper::{OrderPaper, columns, goods, known, named, paper, said, totals};
use crate::kernel::Result;

/// A step of a process: who does what, until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    pub step: String,
    pub limit: String,
    pub contact: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractPaper {
    pub order: OrderPaper,
    /// How long the offer holds.
    pub offer_validity: String,
    /// What else is to be paid; empty: nothing.
    pub other_fees: String,
    /// How the goods are kept and used.
    pub usage: String,
    pub return_conditions: String,
    pub returns: Vec<Duty>,
    pub complaints: Vec<Duty>,
    /// Who answers complaints, by which channels.
    pub complaint_contact: String,
    /// Where the platform can be reached, with its name.
    pub platform: String,
}

/// Hợp đồng giao kết từ xa.
pub fn contract_summary(contract: &ContractPaper) -> Result<Vec<u8>> {
    let order = &contract.order;
    let mut parts = vec![Part::Paragraph(
        "Căn cứ Luật Bảo vệ quyền lợi người tiêu dùng số 19/2023/QH15 và Nghị định số 55/2024/NĐ-CP, bên bán và bên mua \
         thỏa thuận giao kết từ xa với các nội dung sau đây."
            .to_owned(),
    )];
    parts.extend(parties(contract));
    parts.push(Part::Heading("3. Hàng hóa và giá".to_owned()));
    parts.push(Part::Table(goods(&order.lines)));
    parts.push(Part::Totals(totals(order)));
    parts.push(Part::Heading("4. Xuất xứ, chất lượng và thời hạn sử dụng".to_owned()));
    parts.push(Part::Table(qualities(order)));
    parts.push(Part::Heading("5. Thanh toán và giao hàng".to_owned()));
    let total = said(order);
    let other_fees = if contract.other_fees.is_empty() { "Không có" } else { &contract.other_fees };
    parts.push(Part::Facts(known(&[
        ("Tổng số tiền phải trả", &total),
        ("Chi phí khác", other_fees),
        ("Thanh toán", &order.payment),
        ("Giao hàng", &order.delivery),
        ("Hiệu lực của đề nghị", &contract.offer_validity),
        ("Hướng dẫn sử dụng", &contract.usage),
    ])));
    parts.push(Part::Heading("6. Trả hàng và hoàn tiền".to_owned()));
    parts.push(Part::Paragraph(contract.return_conditions.clone()));
    parts.push(Part::Table(duties(&contract.returns)));
    parts.push(Part::Heading("7. Giải quyết khiếu nại".to_owned()));
    parts.push(Part::Facts(known(&[("Tiếp nhận khiếu nại", &contract.complaint_contact)])));
    parts.push(Part::Table(duties(&contract.complaints)));
    parts.extend(rights());
    super::draw(&paper(order, Letterhead::National, "Hợp đồng mua bán hàng hóa giao kết từ xa", parts))
}

fn parties(contract: &ContractPaper) -> Vec<Part> {
    let (seller, buyer) = (&contract.order.seller, &contract.order.recipient);
    vec![
        Part::Heading("1. Bên bán".to_owned()),
        Part::Facts(known(&[
            ("Tên", &seller.name),
            ("Địa chỉ", &seller.address),
            ("Điện thoại", &seller.phone),
            ("Đăng ký, mã số thuế", &seller.registration),
            ("Qua nền tảng", &contract.platform),
        ])),
        Part::Heading("2. Bên mua".to_owned()),
        Part::Facts(known(&[
            ("Họ và tên", &buyer.name),
            ("Điện thoại", &buyer.phone),
            ("Địa chỉ nhận hàng", &buyer.address),
        ])),
    ]
}

fn qualities(order: &OrderPaper) -> Table {
    let columns = columns(&[
        ("STT", 6, Align::Centre),
        ("Tên hàng, quy cách", 34, Align::Left),
        ("Xuất xứ", 22, Align::Left),
        ("Chất lượng", 20, Align::Left),
        ("Hạn sử dụng", 18, Align::Left),
    ]);
    let mut rows = Vec::new();
    for (place, line) in order.lines.iter().enumerate() {
        let number = place.saturating_add(1).to_string();
        rows.push(vec![number, named(line), line.origin.clone(), line.quality.clone(), line.shelf_life.clone()]);
    }
    Table { columns, rows }
}

fn duties(duties: &[Duty]) -> Table {
    let columns = columns(&[
        ("Bước", 7, Align::Centre),
        ("Nội dung", 45, Align::Left),
        ("Thời hạn", 22, Align::Left),
        ("Liên hệ", 26, Align::Left),
    ]);
    let mut rows = Vec::new();
    for (place, duty) in duties.iter().enumerate() {
        let number = place.saturating_add(1).to_string();
        rows.push(vec![number, duty.step.clone(), duty.limit.clone(), duty.contact.clone()]);
    }
    Table { columns, rows }
}

fn rights() -> Vec<Part> {
    vec![
        Part::Heading("8. Quyền của bên mua".to_owned()),
        Part::Paragraph(
            "Nếu thông tin nêu trên không được cung cấp, không đầy đủ hoặc không chính xác, bên mua có quyền đơn phương \
             chấm dứt hợp đồng trong thời hạn 30 ngày kể từ ngày giao kết và không phải trả chi phí nào liên quan; bên \
             bán hoàn trả toàn bộ số tiền đã nhận, theo phương thức đã thanh toán, trong thời hạn 30 ngày kể từ ngày \
             bên mua thông báo chấm dứt hợp đồng."
                .to_owned(),
        ),
        Part::Paragraph(
            "Khiếu nại của người tiêu dùng dễ bị tổn thương được tiếp nhận và giải quyết ưu tiên. Bên mua được xem lại, \
             tải về và lưu giữ hợp đồng này. Hợp đồng được xác nhận bằng phương tiện điện tử và có giá trị kể từ khi bên \
             mua xác nhận đặt hàng."
                .to_owned(),
        ),
    ]
}
