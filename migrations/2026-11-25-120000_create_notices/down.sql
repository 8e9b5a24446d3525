drop table deliveries;
drop table notice_preferences;
drop table notices;
