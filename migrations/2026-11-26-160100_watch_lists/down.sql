drop view invariant_listed_money;
