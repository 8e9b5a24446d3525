drop view invariant_carrier_messages;
drop view invariant_shipments;
drop table carrier_messages;
drop table shipment_events;
drop table shipments;
drop table carrier_addresses;
