drop view sales_basket_cells;
drop table sales_baskets;
drop table sales_daily;
