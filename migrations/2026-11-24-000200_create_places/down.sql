drop table commune_borders;
drop table commune_successions;
drop table former_communes;
drop table communes;
drop table former_districts;
drop table provinces;
