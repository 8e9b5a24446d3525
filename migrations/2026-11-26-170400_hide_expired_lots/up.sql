-- A lot whose last day is over is not for sale, as whoever orders is told: what everybody sees leaves it out by its day, also
-- before the job of midnight has taken it out of the stock.
create or replace function see_offers(wanted uuid[], on_day date)
    returns table (version bigint, variant_id uuid, available integer)
    language plpgsql stable security definer set search_path = public as $$
begin
    return query select v.version, s.variant_id,
            case when h.id is null then s.on_hand - s.reserved - coalesce(x.units, 0)
                 when b.is_saleable and on_day between b.sells_from and b.sells_until and coalesce(b.expires_on >= on_day, true)
                     then p.on_hand - p.reserved
                 else 0 end
        from catalogue_version v
        left join stock_levels s on s.variant_id = any (wanted)
        left join harvests h on h.variant_id = s.variant_id and h.status in ('open', 'closed')
        left join lots b on b.id = h.lot_id
        left join lot_levels p on p.lot_id = h.lot_id and p.variant_id = h.variant_id
        -- Nothing but in the first moments of a day, until the job of midnight has taken them out of the stock.
        left join (select l.variant_id, sum(l.on_hand - l.reserved)::integer as units
                   from lots e join lot_levels l on l.lot_id = e.id
                   where e.is_saleable and e.expires_on < on_day group by l.variant_id) x on x.variant_id = s.variant_id;
end;
$$;
