//! What buyers are shown before they buy, made by the program.

use serde_json::{Value, json};

use super::buying::CONNECTIONS;
use super::load::{self, Requests};
use super::people::{self, Buyer};
use super::replay::Particulars;
use super::world::{Server, World};

/// A quote of a cart of three lines at two producers.
pub struct Quote {
    pub id: String,
    pub contract_sha256: String,
    /// The contract with the producer of two lines, and with that of one.
    contracts: [String; 2],
}

pub fn ask(server: &Server, buyer: &Buyer) -> Vec<u8> {
    buyer.request(server, "POST /v1/buyer/quotes", (&people::new_key(), &json!({"commune_code": "00721"})))
}

/// Shows each of these buyers the cart, and says what all who were ever shown theirs saw last, in the order of buyers.
pub fn show(world: &mut World, server: &Server, buyers: &[Buyer]) -> Result<Vec<Quote>, String> {
    let requests: Vec<Vec<u8>> = buyers.iter().map(|buyer| ask(server, buyer)).collect();
    load::send(server.address, CONNECTIONS, Requests::Each(&requests))?;
    let rows = world.texts(
        "select concat_ws(' ', q.id, q.contract_sha256, two.sha256, one.sha256) as value \
         from (select distinct on (buyer_account_id) * from quotes order by buyer_account_id, created_at desc) q \
         join bench_wishes first on md5('buyer' || first.buyer)::uuid = q.buyer_account_id and first.line = 1 \
         join bench_wishes third on third.buyer = first.buyer and third.line = 3 \
         join quote_contracts two on two.quote_id = q.id and two.producer_id = md5('producer' || first.product % 300)::uuid \
         join quote_contracts one on one.quote_id = q.id and one.producer_id = md5('producer' || third.product % 300)::uuid \
         order by first.buyer",
    )?;
    rows.iter().map(|row| read(row)).collect()
}

fn read(row: &str) -> Result<Quote, String> {
    let parts: Vec<&str> = row.split(' ').collect();
    let [id, contract_sha256, two, one] = parts.as_slice() else { return Err(format!("no quote: {row}")) };
    Ok(Quote {
        id: (*id).to_owned(),
        contract_sha256: (*contract_sha256).to_owned(),
        contracts: [(*two).to_owned(), (*one).to_owned()],
    })
}

impl Quote {
    /// What was shown in an answer, whose contracts are nobody's concern.
    pub fn of_answer(answer: &[u8]) -> Result<Quote, String> {
        let shown: Value = serde_json::from_slice(answer).map_err(|e| e.to_string())?;
        let text = |name: &str| shown.get(name).and_then(Value::as_str).map(str::to_owned).ok_or("no quote");
        let (id, contract_sha256) = (text("id")?, text("contract_sha256")?);
        Ok(Quote { id, contract_sha256, contracts: [String::new(), String::new()] })
    }

    pub fn name_particulars(&self, others: &[&Quote], particulars: &mut Particulars) {
        let mut name = |own: fn(&Quote) -> &str| {
            particulars.replace(own(self), others.iter().map(|other| own(other).to_owned()).collect());
        };
        name(|quote| &quote.id);
        name(|quote| &quote.contract_sha256);
        name(|quote| &quote.contracts[0]);
        name(|quote| &quote.contracts[1]);
    }
}
