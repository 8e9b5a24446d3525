drop function begin_session;
drop table sign_in_failures;
drop table otp_requests;
drop table sessions;
drop table role_grants;
drop table accounts;
