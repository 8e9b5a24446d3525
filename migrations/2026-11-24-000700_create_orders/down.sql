drop table reservations;
drop table order_events;
drop table order_lines;
drop table orders;
drop table checkouts;
drop table cart_lines;
drop table carts;
