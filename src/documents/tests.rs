use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;

use super::clean::clean;
use super::font::{Face, VIETNAMESE, fonts};
use super::layout::{BODY, BOTTOM, LEFT, Mark, PAGE_HEIGHT, STRONG, WIDTH};
use super::*;
use crate::kernel::Vnd;

fn vnd(amount: i64) -> Vnd {
    Vnd::new(amount).unwrap()
}

fn at() -> DateTime<Utc> {
    "2026-11-25T07:05:09Z".parse().unwrap()
}

fn line(name: &str) -> PaperLine {
    PaperLine {
        name: name.to_owned(),
        variant: "Chai 1 lít".to_owned(),
        unit: "chai".to_owned(),
        quantity: 2,
        net_weight_g: 1_400,
        origin: "Xã Mèo Vạc, tỉnh Tuyên Quang".to_owned(),
        quality: "OCOP 4 sao, TCVN 12605:2019".to_owned(),
        shelf_life: "24 tháng kể từ ngày đóng chai".to_owned(),
        lot: "MO-2026-09".to_owned(),
        price_vnd: vnd(450_000),
        discount_vnd: vnd(90_000),
        total_vnd: vnd(810_000),
    }
}

fn order(lines: Vec<PaperLine>) -> OrderPaper {
    let goods = 900_000 * i64::try_from(lines.len()).unwrap();
    let off = 90_000 * i64::try_from(lines.len()).unwrap();
    OrderPaper {
        code: "7K3M9QXP".to_owned(),
        placed_at: at(),
        seller: Party {
            name: "Hợp tác xã Nuôi ong Mèo Vạc".to_owned(),
            address: "Thôn Làng Giang, xã Mèo Vạc, tỉnh Tuyên Quang".to_owned(),
            phone: "0911 111 111".to_owned(),
            registration: "10H8000123, MST 5100123456".to_owned(),
        },
        recipient: Party {
            name: "Nguyễn Thị Hoà".to_owned(),
            address: "Số 1, tổ 3, xã Đồng Văn, tỉnh Tuyên Quang".to_owned(),
            phone: "0912 345 678".to_owned(),
            registration: String::new(),
        },
        lines,
        goods_vnd: vnd(goods),
        goods_discount_vnd: vnd(off),
        shipping_vnd: vnd(30_000),
        shipping_discount_vnd: vnd(10_000),
        total_vnd: vnd(goods - off + 20_000),
        payment: "Chuyển khoản qua VietQR, đã thanh toán lúc 25/11/2026 14:10".to_owned(),
        delivery: "Giao tận nơi, dự kiến 27/11/2026 – 30/11/2026".to_owned(),
        note: "Gọi trước khi giao".to_owned(),
        link: "https://example.vn/don-hang/7K3M9QXP".to_owned(),
    }
}

fn duty(step: &str, limit: &str) -> Duty {
    Duty { step: step.to_owned(), limit: limit.to_owned(), contact: "1900 0000, khieunai@example.vn".to_owned() }
}

fn contract(order: OrderPaper) -> ContractPaper {
    ContractPaper {
        order,
        offer_validity: "15 phút kể từ khi báo giá".to_owned(),
        other_fees: String::new(),
        usage: "Bảo quản nơi khô ráo, thoáng mát; không dùng cho trẻ dưới 12 tháng tuổi".to_owned(),
        return_conditions: "Hàng hư hỏng, sai loại hoặc không đúng mô tả được trả lại và hoàn tiền.".to_owned(),
        returns: vec![
            duty("Bên mua gửi yêu cầu kèm ảnh chụp hàng hóa", "48 giờ kể từ khi nhận hàng"),
            duty("Bên bán trả lời yêu cầu", "2 ngày làm việc"),
            duty("Hoàn tiền theo phương thức đã thanh toán", "7 ngày làm việc"),
        ],
        complaints: vec![
            duty("Tiếp nhận và xác nhận khiếu nại", "3 ngày làm việc"),
            duty("Thương lượng với bên mua", "7 ngày làm việc"),
        ],
        complaint_contact: "1900 0000 (7:00–21:00), khieunai@example.vn".to_owned(),
        platform: "Sàn OCOP Hà Giang, sanocop@example.vn".to_owned(),
    }
}

fn manifest(producer: &str, stops: usize) -> ManifestPaper {
    let stop = |place: usize| Stop {
        producer: producer.to_owned(),
        place: format!("Thôn {place}"),
        phone: "0911 111 111".to_owned(),
        orders: vec!["7K3M9QXP".to_owned(), "8A2B4C6D".to_owned()],
        parcels: 3,
        weight_g: 12_400,
        cost_vnd: place.is_multiple_of(2).then(|| vnd(125_000)),
    };
    let delivery = |place: usize| Delivery {
        order: "7K3M9QXP".to_owned(),
        recipient: producer.to_owned(),
        place: format!("Tổ {place}"),
        phone: "0912 345 678".to_owned(),
        weight_g: 4_100,
    };
    ManifestPaper {
        code: "GOM-2026-0031".to_owned(),
        made_at: at(),
        runs_on: NaiveDate::from_ymd_opt(2026, 11, 26).unwrap(),
        issuer: vec!["Hợp tác xã Vận tải Đồng Văn".to_owned(), "Xã Đồng Văn".to_owned()],
        area: "Các xã Mèo Vạc, Đồng Văn, Lũng Cú".to_owned(),
        vehicle: "Xe tải 23C-012.34".to_owned(),
        cost_vnd: vnd(1_250_000),
        stops: (1..=stops).map(stop).collect(),
        deliveries: (1..=stops).map(delivery).collect(),
    }
}

/// The four papers with this name on them.
fn papers(name: &str) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("order", order_confirmation(&order(vec![line(name)])).unwrap()),
        ("packing", packing_list(&order(vec![line(name)])).unwrap()),
        ("contract", contract_summary(&contract(order(vec![line(name)]))).unwrap()),
        ("manifest", pick_up_manifest(&manifest(name, 4)).unwrap()),
    ]
}

/// The text of each page as a reader of PDFs finds it.
fn read(paper: &[u8]) -> Vec<String> {
    let pdf = lopdf::Document::load_mem(paper).unwrap();
    pdf.get_pages().keys().map(|page| pdf.extract_text(&[*page]).unwrap()).collect()
}

fn dense(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[test]
fn every_vietnamese_letter_comes_back_from_every_paper() {
    for (what, paper) in papers(VIETNAMESE) {
        let text = dense(&read(&paper).concat());
        assert!(text.contains(VIETNAMESE), "{what}: {text}");
    }
}

#[test]
fn the_contract_says_what_the_law_asks_for() {
    let asked = contract(order(vec![line("Mật ong bạc hà")]));
    let paper = dense(&read(&contract_summary(&asked).unwrap()).concat());
    let (bought, sold) = (&asked.order, &asked.order.lines[0]);
    let mut wanted = vec![
        &bought.seller.name,
        &bought.seller.address,
        &bought.seller.phone,
        &bought.seller.registration,
        &bought.recipient.name,
        &bought.payment,
        &bought.delivery,
        &asked.offer_validity,
        &asked.usage,
        &asked.return_conditions,
        &asked.complaint_contact,
        &asked.platform,
    ];
    for duty in asked.returns.iter().chain(&asked.complaints) {
        wanted.extend([&duty.step, &duty.limit, &duty.contact]);
    }
    wanted.extend([&sold.name, &sold.variant, &sold.origin, &sold.quality, &sold.shelf_life]);
    let said =
        ["2 chai", "450.000", "90.000", "810.000", "30.000 đ", "830.000 đ", "trong thời hạn 30 ngày", "Không có"];
    for text in wanted.into_iter().map(String::as_str).chain(said) {
        assert!(paper.contains(&dense(text)), "{text}");
    }
}

#[test]
fn equal_papers_are_equal_bytes_and_others_are_not() {
    for ((what, one), (_, two)) in papers("Mật ong").into_iter().zip(papers("Mật ong")) {
        assert!(one == two, "{what}");
    }
    let later = OrderPaper { placed_at: at() + chrono::TimeDelta::days(1), ..order(vec![line("Mật ong")]) };
    assert_ne!(order_confirmation(&later).unwrap(), order_confirmation(&order(vec![line("Mật ong")])).unwrap());
}

#[test]
fn three_hundred_lines_fill_pages_with_the_header_on_each() {
    let lines = (1..=300).map(|number| line(&format!("Hàng-{number:03}"))).collect();
    let pages = read(&order_confirmation(&order(lines)).unwrap());
    assert!((8..40).contains(&pages.len()), "{}", pages.len());
    for (place, page) in pages.iter().enumerate() {
        let page = dense(page);
        assert!(page.contains(&dense(&format!("Trang {}/{}", place + 1, pages.len()))), "{page}");
        assert_eq!(page.matches("Thànhtiền").count(), usize::from(page.contains("Hàng-")), "{page}");
    }
    let all = dense(&pages.concat());
    for number in 1..=300 {
        assert_eq!(all.matches(&format!("Hàng-{number:03}")).count(), 1, "{number}");
    }
}

#[test]
fn what_nobody_sees_is_not_drawn() {
    let name = "Mật\u{0}\u{7}\u{1b} ong\u{202E} bạc\u{200B}hà\r\n\u{85}";
    for (what, paper) in papers(name) {
        let text = read(&paper).concat();
        assert!(text.contains("Mật ong bạchà") || dense(&text).contains("Mậtongbạchà"), "{what}");
        let hidden: Vec<char> = text.chars().filter(|c| c.is_control() && *c != '\n').collect();
        assert!(hidden.is_empty() && !text.contains(['\u{202E}', '\u{200B}']), "{what}: {hidden:?}");
    }
}

#[test]
fn fifty_papers_are_small() {
    let mut seen = BTreeSet::new();
    let mut bytes = 0;
    for number in 0..50 {
        let paper = order_confirmation(&order(vec![line(&format!("Mật ong số {number}")); 5])).unwrap();
        bytes += paper.len();
        seen.insert(paper);
    }
    assert_eq!(seen.len(), 50);
    assert!(bytes < 50 * 60_000, "{bytes}");
}

#[test]
fn no_mark_leaves_its_page() {
    let wide = "ƯƠNG".repeat(300);
    let parts = vec![
        Part::Heading(wide.clone()),
        Part::Paragraph(wide.clone()),
        Part::Facts(vec![(wide.clone(), wide.clone())]),
        Part::Table(Table {
            columns: vec![
                Column { title: wide.clone(), share: 1, align: Align::Right },
                Column { title: "b".to_owned(), share: 9, align: Align::Centre },
            ],
            rows: vec![vec![wide.clone(), "một".to_owned()], Vec::new()],
        }),
        Part::Totals(vec![("Tổng".to_owned(), Vnd::MOST)]),
        Part::Qr { text: "https://example.vn/".to_owned(), caption: wide.clone() },
        Part::Signatures(vec!["Bên giao".to_owned()]),
    ];
    for letterhead in [Letterhead::National, Letterhead::Plain] {
        let document = Document {
            letterhead,
            issuer: vec![wide.clone()],
            title: "Giấy".to_owned(),
            number: "1".to_owned(),
            made_at: at(),
            parts: parts.clone(),
        };
        let pages = layout::pages(&document).unwrap();
        assert!(pages.len() > 1);
        for mark in pages.iter().flatten() {
            let (left, right, top, bottom) = match mark {
                Mark::Text { x, y, style, text } => {
                    (*x, x + fonts().unwrap().face(style.face).width(text, style.size), y - style.size, *y)
                }
                Mark::Bar { x, y, width, height, .. } => (*x, x + width, *y, y + height),
            };
            assert!(left >= LEFT && right <= LEFT + WIDTH && top >= 0 && bottom < PAGE_HEIGHT, "{mark:?}");
            assert!(bottom <= BOTTOM || top > BOTTOM, "{mark:?} runs into the foot");
        }
    }
}

#[test]
fn a_text_too_long_for_a_code_is_no_panic() {
    let paper = OrderPaper { link: "x".repeat(5_000), ..order(vec![line("Mật ong")]) };
    assert!(order_confirmation(&paper).is_err());
    let endless = vec![line("Mật ong"); 20_000];
    assert!(order_confirmation(&order(endless)).is_err());
}

proptest! {
    #[test]
    fn wrapped_lines_fit_and_lose_no_letter(text in "(\\PC|[ăâđêôơưẠ-ỹ ]){0,120}", width in 800_i32..9_000) {
        let sheet = layout::Sheet::empty().unwrap();
        for style in [BODY, STRONG] {
            let lines = sheet.wrap(&text, style, width);
            let face = fonts().unwrap().face(if style == BODY { Face::Regular } else { Face::Bold });
            for line in &lines {
                prop_assert!(face.width(line, style.size) <= width || line.chars().count() == 1, "{line}");
            }
            prop_assert_eq!(dense(&lines.concat()), dense(&clean(&text)));
        }
    }
}
