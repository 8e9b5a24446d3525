drop table producers;
