drop view invariant_photos;
drop table photos;
