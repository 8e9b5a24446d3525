drop table product_sets;
