drop table outgoing_switch;
