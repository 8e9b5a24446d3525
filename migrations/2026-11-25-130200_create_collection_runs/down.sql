drop view invariant_collection_runs;
drop table collection_stops;
drop table collection_runs;
