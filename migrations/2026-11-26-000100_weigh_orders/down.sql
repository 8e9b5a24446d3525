drop view invariant_order_weights;
drop table order_weights;
