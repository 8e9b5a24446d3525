drop function see_offers(uuid[], date);

create function see_offers(wanted uuid[])
    returns table (version bigint, variant_id uuid, available integer)
    language plpgsql stable security definer set search_path = public as $$
begin
    return query select v.version, s.variant_id, s.on_hand - s.reserved
        from catalogue_version v left join stock_levels s on s.variant_id = any (wanted);
end;
$$;
grant execute on function see_offers to ocop_app;
