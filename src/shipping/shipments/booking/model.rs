use crate::text_enum;

text_enum! {
    /// How far the booking with a carrier is.
    pub enum BookingStatus {
        /// No carrier brings it.
        None = "none",
        Pending = "pending",
        Booked = "booked",
        /// The carrier is not connected: the producer gives it the parcel himself.
        ByHand = "by_hand",
        Refused = "refused",
        Cancelling = "cancelling",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What can happen to a booking.
    pub enum BookingEvent {
        /// The carrier has it.
        Book = "book",
        /// The carrier does not take it.
        Refuse = "refuse",
        /// The carrier is off.
        LeaveToHands = "leave-to-hands",
        NoteWaybill = "note-waybill",
        Rebook = "rebook",
        /// Its carrier has it, or may have it, and is told to leave it.
        CallOff = "call-off",
        /// The carrier has taken it along already.
        Keep = "keep",
        /// The parcel goes nowhere.
        End = "end",
    }
}

impl BookingStatus {
    /// The only place where a booking moves.
    pub fn after(self, event: BookingEvent) -> Option<BookingStatus> {
        match (self, event) {
            (Self::Pending, BookingEvent::Book) | (Self::Cancelling, BookingEvent::Keep) => Some(Self::Booked),
            (Self::Pending, BookingEvent::Refuse) => Some(Self::Refused),
            (Self::Pending, BookingEvent::LeaveToHands) => Some(Self::ByHand),
            (Self::Refused | Self::ByHand, BookingEvent::NoteWaybill) => Some(Self::ByHand),
            (Self::Refused, BookingEvent::Rebook) => Some(Self::Pending),
            // What was called off while its carrier was asked to book it is called off there as well.
            (Self::Pending | Self::Booked, BookingEvent::CallOff) | (Self::Cancelling, BookingEvent::Book) => {
                Some(Self::Cancelling)
            }
            (Self::Pending | Self::ByHand | Self::Refused | Self::Cancelling, BookingEvent::End)
            | (Self::Cancelling, BookingEvent::Refuse) => Some(Self::Cancelled),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(status: BookingStatus, event: BookingEvent) -> &'static str {
        match event {
            BookingEvent::Book | BookingEvent::Refuse | BookingEvent::Keep => "carrier",
            BookingEvent::LeaveToHands => "platform",
            BookingEvent::NoteWaybill | BookingEvent::Rebook => "producer",
            BookingEvent::End if status == BookingStatus::Cancelling => "carrier",
            BookingEvent::CallOff | BookingEvent::End => "producer, platform",
        }
    }

    #[test]
    fn the_whole_table_of_bookings() {
        let mut table = String::new();
        for status in BookingStatus::ALL {
            for event in BookingEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by {}\n", by(*status, *event)));
                }
            }
        }
        assert_eq!(table, include_str!("machine.txt"));
    }
}
