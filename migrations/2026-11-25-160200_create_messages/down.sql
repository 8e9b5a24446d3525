drop view invariant_conversations;
drop table messages;
drop table conversations;
