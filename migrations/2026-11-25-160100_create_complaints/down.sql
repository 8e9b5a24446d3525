drop view invariant_complaints;
drop table complaint_events;
drop table complaint_vulnerabilities;
drop table complaints;
