use std::collections::BTreeMap;

use serde_json::json;

use super::contract::{self, Contract, ContractDelivery, ContractHarvest, ContractLine, ContractSeller};
use super::model::{Part, PartLine, Quote, QuoteRefusal, VALID_FOR};
use super::store::{self, Wording};
use crate::carts;
use crate::catalog::{self, ForSale};
use crate::kernel::{Audience, Error, HarvestId, ProducerId, QuoteId, Result, Tx, VariantId, Vnd};
use crate::orders::OrderRefusal;
use crate::orders::harvests::{self, Harvest};
use crate::orders::items::{self, Item};
use crate::places::{self, CommuneCode};
use crate::producers::{self, SellerParty};
use crate::shipping::{self, Consignment, DeliveryOption};
use crate::vouchers::{self, Basket, Discount, Fee, VoucherCode};

/// How a buyer would like the goods of a producer to come.
#[derive(Debug, Clone)]
pub struct Way {
    pub producer_id: ProducerId,
    pub code: String,
}

/// What the buyer asks to see.
#[derive(Debug, Clone)]
pub struct Question {
    pub commune_code: CommuneCode,
    /// The cheapest way for who is not named.
    pub ways: Vec<Way>,
    pub voucher: Option<VoucherCode>,
}

/// A quote as it is shown, once.
pub struct Shown {
    pub quote: Quote,
    pub parts: Vec<ShownPart>,
    pub goods: Vnd,
    pub shipping: Vnd,
    pub discount: Vnd,
}

pub struct ShownPart {
    pub producer_id: ProducerId,
    pub items: Vec<Item>,
    pub discounts: BTreeMap<VariantId, Vnd>,
    pub goods: Vnd,
    pub delivery: DeliveryOption,
    pub options: Vec<DeliveryOption>,
    pub discount: Vnd,
    pub total: Vnd,
    pub contract: Contract,
    pub contract_sha256: String,
    pub harvest_id: Option<HarvestId>,
}

/// Shows what the cart costs, delivered there: with every line, fee and discount, and the contract with each producer.
/// Nothing is held and nothing is taken.
pub fn make(tx: &mut Tx<'_>, question: &Question) -> Result<Shown> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    let cart = carts::lines(tx, buyer_id)?;
    if cart.is_empty() {
        places::must_exist(tx, &question.commune_code, "/commune_code")?;
        return Err(OrderRefusal::CartEmpty.into());
    }
    let ids: Vec<VariantId> = cart.iter().map(|line| line.variant_id).collect();
    let items = items::goods(catalog::for_sale(tx, &ids)?, &cart)?;
    let mut harvests = harvests::of_items(tx, &items)?;
    let parcels = parcels(items)?;
    let ways = ways(tx, question, &parcels)?;
    let fees: Vec<Fee> = parcels
        .iter()
        .zip(&ways)
        .map(|((id, _), (chosen, _))| Fee { producer_id: *id, fee_vnd: chosen.fee_vnd })
        .collect();
    let lines = items::voucher_lines(parcels.values().flatten());
    let discount = match &question.voucher {
        Some(code) => vouchers::look(tx, code, buyer_id, Basket { lines: &lines, fees: &fees })?,
        None => Discount::default(),
    };
    let sellers = producers::parties(tx, &parcels.keys().copied().collect::<Vec<_>>())?;
    let mut parts = Vec::with_capacity(parcels.len());
    for ((producer_id, items), way) in parcels.into_iter().zip(ways) {
        let seller = sellers.get(&producer_id).ok_or_else(|| Error::internal("a seller vanished"))?;
        let terms =
            Terms { discount: &discount, commune_code: &question.commune_code, harvest: harvests.remove(&producer_id) };
        parts.push(part((producer_id, seller), items, way, terms)?);
    }
    let shown = together(tx, question, parts)?;
    let wordings: Vec<Wording> = shown.parts.iter().map(ShownPart::wording).collect::<Result<_>>()?;
    store::insert(tx, &shown.quote, wordings)?;
    Ok(shown)
}

/// What else is agreed on what one producer delivers.
struct Terms<'a> {
    discount: &'a Discount,
    commune_code: &'a CommuneCode,
    harvest: Option<Harvest>,
}

/// The goods of each producer, unless they are less than he sells at once.
fn parcels(items: Vec<Item>) -> Result<BTreeMap<ProducerId, Vec<Item>>> {
    let mut parcels: BTreeMap<ProducerId, Vec<Item>> = BTreeMap::new();
    for item in items {
        parcels.entry(item.goods.producer_id).or_default().push(item);
    }
    let mut short = Vec::new();
    for (producer_id, items) in &parcels {
        let goods = items::total_of(items)?;
        let minimum = items.first().map_or(Vnd::ZERO, |item| item.goods.minimum_order);
        if goods < minimum {
            short.push(json!({"producer_id": producer_id, "minimum_vnd": minimum, "goods_vnd": goods}));
        }
    }
    if short.is_empty() {
        Ok(parcels)
    } else {
        Err(Error::from(QuoteRefusal::MinimumNotReached).with("producers", short))
    }
}

/// For each parcel the chosen way and all there are. A parcel that cannot go as wished, or not at all, is named.
fn ways(
    tx: &mut Tx<'_>,
    question: &Question,
    parcels: &BTreeMap<ProducerId, Vec<Item>>,
) -> Result<Vec<(DeliveryOption, Vec<DeliveryOption>)>> {
    let consignments: Vec<Consignment> = parcels
        .iter()
        .map(|(producer_id, items)| consignment(*producer_id, items, &question.commune_code))
        .collect::<Result<_>>()?;
    let mut found = Vec::with_capacity(consignments.len());
    let mut stuck = Vec::new();
    for (consignment, options) in consignments.iter().zip(shipping::options(tx, &consignments)?) {
        let producer_id = consignment.producer_id;
        let wished = question.ways.iter().find(|way| way.producer_id == producer_id).map(|way| way.code.as_str());
        match options.iter().find(|option| wished.is_none_or(|code| option.code == code)) {
            Some(option) => found.push((option.clone(), options)),
            None => {
                let codes: Vec<String> = options.into_iter().map(|option| option.code).collect();
                stuck.push(json!({"producer_id": producer_id, "options": codes}));
            }
        }
    }
    if stuck.is_empty() {
        return Ok(found);
    }
    // There is no way to a commune that does not exist.
    places::must_exist(tx, &question.commune_code, "/commune_code")?;
    Err(Error::from(QuoteRefusal::NotDeliverable).with("producers", stuck))
}

/// Goods from one place travel together; the first line says from where.
fn consignment(producer_id: ProducerId, items: &[Item], to: &CommuneCode) -> Result<Consignment> {
    let weight = |item: &Item| i64::from(item.quantity).saturating_mul(i64::from(item.goods.net_weight_g));
    let origin = items.first().map(|item| item.goods.origin_commune_code.as_str()).unwrap_or_default();
    Ok(Consignment {
        producer_id,
        origin_commune: CommuneCode::parse(origin).ok_or_else(|| Error::internal("goods from nowhere"))?,
        destination_commune: to.clone(),
        weight_g: items.iter().map(weight).fold(0, i64::saturating_add),
        classes: items.iter().map(|item| item.goods.transport_class).collect(),
        goods_vnd: items::total_of(items)?,
    })
}

fn part(
    (producer_id, seller): (ProducerId, &SellerParty),
    items: Vec<Item>,
    (delivery, options): (DeliveryOption, Vec<DeliveryOption>),
    Terms { discount, commune_code, harvest }: Terms<'_>,
) -> Result<ShownPart> {
    let too_large = || Error::from(OrderRefusal::TotalTooLarge);
    let own = discount.lines.iter().filter(|line| line.producer_id == producer_id);
    let discounts: BTreeMap<VariantId, Vnd> = own.map(|line| (line.variant_id, line.discount_vnd)).collect();
    let off_fee = discount.shipping.iter().find(|fee| fee.producer_id == producer_id).map(|fee| fee.discount_vnd);
    let off = Vnd::sum(discounts.values().copied().chain(off_fee)).ok_or_else(too_large)?;
    let goods = items::total_of(&items)?;
    let total = goods.plus(delivery.fee_vnd).ok_or_else(too_large)?.minus(off).ok_or_else(too_large)?;
    let is_fresh = items.iter().any(|item| items::is_fresh(item.goods.transport_class));
    let words = contract::sentences(is_fresh);
    let contract = Contract {
        terms: words.terms,
        seller: contract_seller(producer_id, seller),
        lines: items.iter().map(|item| contract_line(item, &discounts)).collect(),
        delivery: ContractDelivery {
            code: delivery.code.clone(),
            commune_code: commune_code.as_str().to_owned(),
            days_min: delivery.days_min,
            days_max: delivery.days_max,
        },
        harvest: harvest.as_ref().map(contract_harvest),
        goods_vnd: goods.amount(),
        shipping_vnd: delivery.fee_vnd.amount(),
        discount_vnd: off.amount(),
        total_vnd: total.amount(),
        payment: words.payment,
        validity: words.validity,
        return_conditions: words.return_conditions,
        returns: words.returns,
        complaints: words.complaints,
        rights: words.rights,
    };
    let contract_sha256 = contract::sha256(&text_of(&contract)?);
    Ok(ShownPart {
        producer_id,
        items,
        discounts,
        goods,
        delivery,
        options,
        discount: off,
        total,
        contract,
        contract_sha256,
        harvest_id: harvest.map(|harvest| harvest.id),
    })
}

fn contract_harvest(harvest: &Harvest) -> ContractHarvest {
    ContractHarvest {
        harvest_id: harvest.id.to_string(),
        harvest_from: harvest.harvest_from,
        harvest_until: harvest.harvest_until,
        ships_from: harvest.ships_from,
        ships_until: harvest.ships_until,
        shortfall_rule: harvest.shortfall_rule.as_str().to_owned(),
        shortfall: contract::shortfall_sentence(harvest.shortfall_rule),
    }
}

fn contract_seller(producer_id: ProducerId, seller: &SellerParty) -> ContractSeller {
    let SellerParty { name, representative_name, address, phone, registration_number, tax_code } = seller.clone();
    ContractSeller {
        producer_id: producer_id.to_string(),
        name,
        representative_name,
        address,
        phone,
        registration_number,
        tax_code,
    }
}

fn contract_line(item: &Item, discounts: &BTreeMap<VariantId, Vnd>) -> ContractLine {
    let ForSale { product_title, variant_label, unit, net_weight_g, is_weighed, price, origin_commune_code, .. } =
        item.goods.clone();
    ContractLine {
        product_title,
        variant_label,
        unit,
        net_weight_g,
        is_weighed,
        quantity: item.quantity,
        price_vnd: price.amount(),
        total_vnd: item.total.amount(),
        discount_vnd: discounts.get(&item.goods.variant_id).map_or(0, |vnd| vnd.amount()),
        origin_commune_code,
    }
}

fn text_of(contract: &Contract) -> Result<String> {
    serde_json::to_string(contract).map_err(Error::internal)
}

/// The whole quote, unless it leaves nothing to pay or more than a payment may be.
fn together(tx: &Tx<'_>, question: &Question, parts: Vec<ShownPart>) -> Result<Shown> {
    let sum = |of: fn(&ShownPart) -> Vnd| Vnd::sum(parts.iter().map(of)).ok_or(OrderRefusal::TotalTooLarge);
    let (goods, shipping) = (sum(|part| part.goods)?, sum(|part| part.delivery.fee_vnd)?);
    let (discount, total) = (sum(|part| part.discount)?, sum(|part| part.total)?);
    if total == Vnd::ZERO {
        return Err(QuoteRefusal::NothingToPay.into());
    }
    let hashes: String = parts.iter().map(|part| part.contract_sha256.as_str()).collect();
    let kept: Vec<Part> = parts.iter().map(ShownPart::kept).collect();
    let quote = Quote {
        id: QuoteId::generate(),
        buyer_account_id: tx.who.must(Audience::Buyer)?,
        commune_code: question.commune_code.clone(),
        voucher_code: question.voucher.as_ref().map(|code| code.as_str().to_owned()),
        parts: serde_json::to_value(kept).map_err(Error::internal)?,
        total_vnd: total,
        contract_sha256: contract::sha256(&hashes),
        created_at: tx.now,
        expires_at: tx.now + VALID_FOR,
    };
    Ok(Shown { quote, parts, goods, shipping, discount })
}

impl ShownPart {
    fn wording(&self) -> Result<Wording> {
        let text = text_of(&self.contract)?;
        Ok(Wording { producer_id: self.producer_id, sha256: self.contract_sha256.clone(), text })
    }

    fn kept(&self) -> Part {
        let line = |item: &Item| PartLine {
            variant_id: item.goods.variant_id.0,
            quantity: item.quantity,
            price_vnd: item.goods.price.amount(),
            discount_vnd: self.discounts.get(&item.goods.variant_id).map_or(0, |vnd| vnd.amount()),
        };
        Part {
            producer_id: self.producer_id.0,
            delivery_code: self.delivery.code.clone(),
            shipping_vnd: self.delivery.fee_vnd.amount(),
            discount_vnd: self.discount.amount(),
            contract_sha256: self.contract_sha256.clone(),
            harvest_id: self.harvest_id.map(|id| id.0),
            lines: self.items.iter().map(line).collect(),
        }
    }
}
