use chrono::NaiveDate;

use super::communes::Communes;
use crate::documents::{ContractPaper, Duty, OrderPaper, PaperLine, Party};
use crate::kernel::error::CommonProblem;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, Result, Tx, Vnd};
use crate::orders::got_lines::got_lines;
use crate::orders::model::{Order, OrderLine, Terms};
use crate::orders::quotes::{self, Contract};
use crate::orders::store;
use crate::producers;
use crate::shipping::{Choice, Method};
use crate::stock::{self, LotPart};

/// How days are written in Vietnam.
const DAY: &str = "%d/%m/%Y";
/// What stands as the platform on a contract.
const PLATFORM: &str = "Sàn thương mại điện tử sản phẩm OCOP";

/// What an order's papers say, as it is now.
pub fn order_paper(tx: &mut Tx<'_>, order: &Order) -> Result<OrderPaper> {
    let lines = store::lines_of(tx, &[order.id])?;
    let lots = stock::lots_of(tx, &[order.id])?;
    let seller = producers::parties(tx, &[order.producer_id])?.remove(&order.producer_id);
    let seller = seller.ok_or_else(|| Error::internal("a seller vanished"))?;
    let mut communes = Communes::default();
    let recipient = Party {
        name: order.recipient_name.clone(),
        address: format!("{}, {}", order.recipient_address, communes.name(tx, &order.recipient_commune_code)?),
        phone: order.recipient_phone.clone(),
        registration: String::new(),
    };
    let mut goods = Vec::with_capacity(lines.len());
    for line in &lines {
        let origin = communes.name(tx, &line.origin_commune_code)?;
        goods.push(paper_line(line, origin, &lots));
    }
    let goods_discount = Vnd::sum(lines.iter().map(|line| line.discount_vnd)).unwrap_or(Vnd::ZERO);
    Ok(OrderPaper {
        code: order.code.clone(),
        placed_at: order.created_at,
        seller: Party {
            name: seller.name,
            address: seller.address,
            phone: seller.phone,
            registration: seller.registration_number.or(seller.tax_code).unwrap_or_default(),
        },
        recipient,
        lines: goods,
        goods_vnd: order.goods_vnd,
        goods_discount_vnd: goods_discount,
        shipping_vnd: order.shipping_vnd,
        shipping_discount_vnd: order.discount_vnd.minus(goods_discount).unwrap_or(Vnd::ZERO),
        total_vnd: order.total_vnd,
        payment: payment(order),
        delivery: delivery(&order.delivery_code),
        note: order.note.clone().unwrap_or_default(),
        link: String::new(),
    })
}

/// What lies in the parcel: what was ordered without what a harvest did not bring.
pub fn packing_paper(tx: &mut Tx<'_>, order: &Order) -> Result<OrderPaper> {
    let mut paper = order_paper(tx, order)?;
    let got = got_lines(tx, &[order.id])?;
    // Both are in the order of their variants.
    for (line, got) in paper.lines.iter_mut().zip(&got) {
        line.quantity = got.units;
    }
    Ok(paper)
}

/// The contract that was confirmed before ordering, in its own words.
pub fn contract_paper(tx: &mut Tx<'_>, order: &Order) -> Result<ContractPaper> {
    let quote_id = order.quote_id.ok_or(CommonProblem::NotFound)?;
    let (text, _) = quotes::contract_of(tx, quote_id, order.producer_id)?;
    let agreed: Contract = serde_json::from_str(&text).map_err(Error::internal)?;
    let mut paper = order_paper(tx, order)?;
    paper.seller = Party {
        name: agreed.seller.name,
        address: agreed.seller.address,
        phone: agreed.seller.phone,
        registration: agreed.seller.registration_number.or(agreed.seller.tax_code).unwrap_or_default(),
    };
    paper.payment = agreed.payment;
    let mut return_conditions = agreed.return_conditions;
    if let Some(harvest) = agreed.harvest {
        let (from, until) = (harvest.ships_from.format(DAY), harvest.ships_until.format(DAY));
        paper.delivery = format!("{}, từ {from} đến {until}, sau khi thu hoạch", paper.delivery);
        return_conditions = format!("{return_conditions} {}", harvest.shortfall);
    }
    let duty = |duty: quotes::Duty| Duty { step: duty.step, limit: duty.limit, contact: PLATFORM.to_owned() };
    Ok(ContractPaper {
        order: paper,
        offer_validity: agreed.validity,
        other_fees: String::new(),
        usage: String::new(),
        return_conditions,
        returns: agreed.returns.into_iter().map(duty).collect(),
        complaints: agreed.complaints.into_iter().map(duty).collect(),
        complaint_contact: PLATFORM.to_owned(),
        platform: PLATFORM.to_owned(),
    })
}

fn paper_line(line: &OrderLine, origin: String, lots: &[LotPart]) -> PaperLine {
    let own = || lots.iter().filter(|lot| lot.variant_id == line.variant_id);
    let days = own().filter_map(|lot| lot.expires_on).map(|day: NaiveDate| day.format(DAY).to_string());
    PaperLine {
        name: line.product_title.clone(),
        variant: line.variant_label.clone(),
        unit: line.unit.clone(),
        quantity: line.quantity,
        net_weight_g: line.net_weight_g,
        origin,
        quality: String::new(),
        shelf_life: days.collect::<Vec<_>>().join(", "),
        lot: own().filter_map(|lot| lot.code.clone()).collect::<Vec<_>>().join(", "),
        price_vnd: line.price_vnd,
        discount_vnd: line.discount_vnd,
        total_vnd: line.total_vnd.minus(line.discount_vnd).unwrap_or(Vnd::ZERO),
    }
}

fn payment(order: &Order) -> String {
    match order.money_came_at() {
        Some(at) if order.terms == Terms::OnDelivery => {
            format!("Đã trả tiền mặt khi nhận hàng ngày {}", vietnam_day(at).format(DAY))
        }
        Some(at) => format!("Đã thanh toán không dùng tiền mặt ngày {}", vietnam_day(at).format(DAY)),
        None if order.paid_at.is_some() => "Trả tiền mặt khi nhận hàng".to_owned(),
        None => "Chưa thanh toán".to_owned(),
    }
}

fn delivery(code: &str) -> String {
    let words = match Choice::parse(code).map(Choice::method) {
        Some(Method::Own) => "Bên bán tự giao",
        Some(Method::Pooled) => "Chuyến gom hàng chung của xã",
        Some(Method::Pickup) => "Người mua nhận tại điểm hẹn",
        Some(Method::Carrier) | None => "Đơn vị vận chuyển",
    };
    words.to_owned()
}
