drop table pickup_points;
drop table own_deliveries;
drop table shipping_tariff_steps;
drop table shipping_tariffs;
alter table products drop constraint products_spirits_check;
alter table products drop column transport_class;
