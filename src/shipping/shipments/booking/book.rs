//! Booking with a carrier, and calling a booking off: each between two transactions.

use super::model::BookingEvent;
use super::{cancel, store};
use crate::app::App;
use crate::jobs::{Happened, happened};
use crate::kernel::{Error, Result, ShipmentId, Tx, Vnd};
use crate::shipping::addresses;
use crate::shipping::carriers::{Cancelled, CarrierApi, Created, Found, Parcel, send};
use crate::shipping::shipments::store as shipments_store;
use crate::shipping::shipments::{BookingStatus, Shipment};

/// Why a parcel with money to collect is not given to anybody.
const CARRIER_OFF: &str = "Hãng vận chuyển chưa được kết nối để thu hộ";

/// What a job finds to do.
enum Intent {
    Nothing,
    Book(Box<(Shipment, Parcel)>),
    /// Called off while nobody knew whether the carrier had booked it.
    Withdraw(Box<Shipment>),
}

/// Notes that the carrier is about to be asked: from then on it may know the parcel, whatever its answer.
fn intent(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Intent> {
    let shipment = shipments_store::lock(tx, id)?;
    let Some(carrier) = shipment.carrier else { return Ok(Intent::Nothing) };
    match shipment.booking {
        BookingStatus::Pending => {
            store::set_asked(tx, id)?;
            let communes = [&shipment.sender_commune_code, &shipment.recipient_commune_code];
            let spots = addresses::spots(tx, carrier, communes)?;
            let parcel = shipment.parcel(spots);
            Ok(Intent::Book(Box::new((shipment, parcel))))
        }
        BookingStatus::Cancelling if shipment.code.is_none() => Ok(Intent::Withdraw(Box::new(shipment))),
        _ => Ok(Intent::Nothing),
    }
}

/// Books a parcel at most once: the carrier is first asked whether it knows our reference, and refuses to book it
/// again. Without an answer the job comes again.
pub async fn book(app: &App, id: ShipmentId) -> Result<Happened> {
    let (shipment, parcel) = match app.db.job(move |tx| intent(tx, id)).await? {
        Intent::Nothing => return Ok(happened(|_| Ok(()))),
        Intent::Withdraw(shipment) => return withdraw(app, &shipment).await,
        Intent::Book(both) => *both,
    };
    let Some(api) = shipment.carrier.and_then(|carrier| app.carriers.find(carrier)) else {
        return Ok(happened(move |tx| left_to_hands(tx, id)));
    };
    let created = created(app, api, &parcel).await?;
    Ok(happened(move |tx| written(tx, id, &created)))
}

/// Learns whether the carrier knows a parcel that was called off: then it is called off there, else it goes nowhere.
async fn withdraw(app: &App, shipment: &Shipment) -> Result<Happened> {
    let id = shipment.id;
    let api = shipment.carrier.and_then(|carrier| app.carriers.find(carrier));
    let Some(question) = api.and_then(|api| api.find(&id.to_string())) else {
        return Err(Error::Unavailable("the carrier cannot be asked whether it knows the parcel".to_owned()));
    };
    let answer = send(&app.carriers.client, question).await?;
    match api.map(|api| api.read_found(&answer)) {
        Some(Found::Known { code, .. }) => {
            let created = Created::Booked { code: Some(code), fee_vnd: None };
            Ok(happened(move |tx| written(tx, id, &created)))
        }
        Some(Found::Unknown) => Ok(happened(move |tx| gone_nowhere(tx, id))),
        _ => Err(Error::Unavailable("the carrier does not say whether it knows the parcel".to_owned())),
    }
}

/// The carrier is off: the parcel is given to it by hand, or goes nowhere if it was called off meanwhile. One with money to
/// collect waits for a carrier that collects it for us.
fn left_to_hands(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    let shipment = shipments_store::lock(tx, id)?;
    if shipment.cod_vnd != Vnd::ZERO
        && let Some(next) = shipment.booking.after(BookingEvent::Refuse).filter(|next| *next == BookingStatus::Refused)
    {
        return store::move_booking(tx, &shipment, next, Some(CARRIER_OFF));
    }
    if let Some(next) = shipment.booking.after(BookingEvent::LeaveToHands) {
        return store::move_booking(tx, &shipment, next, None);
    }
    gone_nowhere(tx, id)
}

/// The carrier does not know a parcel that was called off.
fn gone_nowhere(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    let shipment = shipments_store::lock(tx, id)?;
    let is_called_off = shipment.booking == BookingStatus::Cancelling && shipment.code.is_none();
    if is_called_off { cancel::end(tx, &shipment) } else { Ok(()) }
}

async fn created(app: &App, api: &dyn CarrierApi, parcel: &Parcel) -> Result<Created> {
    let Some(create) = api.create(parcel) else {
        let unknown: Vec<&str> = [&parcel.sender, &parcel.recipient]
            .into_iter()
            .filter(|party| party.spot.codes.is_none())
            .map(|party| party.spot.commune_code.as_str())
            .collect();
        return Ok(Created::Refused(format!("address_not_mapped: {}", unknown.join(", "))));
    };
    if let Some(question) = api.find(&parcel.reference) {
        match api.read_found(&send(&app.carriers.client, question).await?) {
            Found::Known { code, .. } => return Ok(Created::Booked { code: Some(code), fee_vnd: None }),
            Found::Unknown => {}
            Found::Unclear(why) => return Err(Error::Unavailable(why)),
        }
    }
    match api.read_created(&send(&app.carriers.client, create).await?) {
        Created::Unclear(why) => Err(Error::Unavailable(why)),
        known => Ok(known),
    }
}

/// A parcel that was called off while its carrier was asked is called off there as well.
fn written(tx: &mut Tx<'_>, id: ShipmentId, created: &Created) -> Result<()> {
    let shipment = shipments_store::lock(tx, id)?;
    let booking = shipment.booking;
    match created {
        Created::Booked { code, fee_vnd } => {
            let Some(next) = booking.after(BookingEvent::Book) else { return Ok(()) };
            store::set_booked(tx, &shipment, next, code.as_deref(), *fee_vnd)?;
            if next == BookingStatus::Cancelling { cancel::plan_cancelling(tx, id) } else { Ok(()) }
        }
        Created::Refused(why) => match booking.after(BookingEvent::Refuse) {
            Some(BookingStatus::Cancelled) => cancel::end(tx, &shipment),
            Some(next) => store::move_booking(tx, &shipment, next, Some(why)),
            None => Ok(()),
        },
        Created::Unclear(_) => Ok(()),
    }
}

/// The carrier leaves a parcel that is still to be called off.
fn left(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    let shipment = shipments_store::lock(tx, id)?;
    if shipment.booking == BookingStatus::Cancelling { cancel::end(tx, &shipment) } else { Ok(()) }
}

/// The carrier took it along before it heard that it was called off.
fn kept(tx: &mut Tx<'_>, id: ShipmentId, why: &str) -> Result<()> {
    let shipment = shipments_store::lock(tx, id)?;
    match shipment.booking.after(BookingEvent::Keep) {
        Some(next) => store::move_booking(tx, &shipment, next, Some(why)),
        None => Ok(()),
    }
}

/// Calls a booking off at its carrier.
pub async fn cancel_booking(app: &App, id: ShipmentId) -> Result<Happened> {
    let shipment = app.db.job(move |tx| shipments_store::find(tx, id)).await?;
    if shipment.booking != BookingStatus::Cancelling {
        return Ok(happened(|_| Ok(())));
    }
    let api = shipment.carrier.and_then(|carrier| app.carriers.find(carrier));
    let (Some(api), Some(code)) = (api, &shipment.code) else {
        return Err(Error::Unavailable("the carrier is off, or its number of the parcel is not known yet".to_owned()));
    };
    match api.read_cancelled(&send(&app.carriers.client, api.cancel(code)).await?) {
        Cancelled::Unclear(why) => Err(Error::Unavailable(why)),
        Cancelled::Done => Ok(happened(move |tx| left(tx, id))),
        Cancelled::TooLate(why) => Ok(happened(move |tx| kept(tx, id, &why))),
    }
}
