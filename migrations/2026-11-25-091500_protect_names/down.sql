drop index producers_name_key;
drop function name_skeleton;
