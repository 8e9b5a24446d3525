drop function refuse_change();
drop function actor_is_staff();
drop function actor_is_platform();
drop function actor_communes();
drop function actor_province();
drop function actor_producer();
drop function actor_account();
drop function actor_role();
