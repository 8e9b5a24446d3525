drop view invariant_reviews;
drop view invariant_review_figures;
drop table review_hidden_figures;
drop table review_figures;
drop table review_events;
drop table reviews;
