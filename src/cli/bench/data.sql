-- A market to measure: :products products of 300 producers in all 73 communes, and :buyers buyers. Loaded by the owner
-- with triggers off, which is quick; what triggers keep is filled at the end. Every fifth product can be bought by the
-- carts below: one price, set and commune, so that a purchase recorded once fits all of them.
set session_replication_role = replica;

create table bench_names (number serial primary key, title text not null, title_key text not null);

insert into bench_names (title, title_key) values
    ('Mật ong bạc hà', 'mat ong bac ha'), ('Chè Shan tuyết cổ thụ', 'che shan tuyet co thu'),
    ('Gạo nếp nương', 'gao nep nuong'), ('Thịt trâu gác bếp', 'thit trau gac bep'),
    ('Rượu ngô men lá', 'ruou ngo men la'), ('Cam sành', 'cam sanh'), ('Bánh tam giác mạch', 'banh tam giac mach'),
    ('Hồng không hạt', 'hong khong hat'), ('Vải lanh thêu tay', 'vai lanh theu tay'), ('Thảo quả khô', 'thao qua kho'),
    ('Miến dong', 'mien dong'), ('Lạp sườn hun khói', 'lap suon hun khoi'), ('Đậu tương', 'dau tuong'),
    ('Mật ong hoa rừng', 'mat ong hoa rung'), ('Lê vàng', 'le vang'), ('Hạt dẻ rừng', 'hat de rung');

create table bench_communes (number serial primary key, code text not null, key text not null);

insert into bench_communes (code, key)
    select c.code, c.search_key || ' ' || d.search_key from communes c
    join former_districts d on d.code = c.former_district_code order by c.code;

insert into accounts (id, phone, status, created_at, updated_at)
    select md5('seller' || n)::uuid, '+843' || lpad(n::text, 8, '0'), 'active', now(), now() from generate_series(0, 299) n;

insert into producers (id, account_id, kind, name, representative_name, residence_commune_code, production_commune_code,
                       address, status, submitted_at, decided_at, created_at, updated_at)
    select md5('producer' || n)::uuid, md5('seller' || n)::uuid, 'household', 'Hộ sản xuất ' || n, 'Người đại diện',
           c.code, c.code, 'Thôn ' || n, 'approved', now(), now(), now(), now()
    from generate_series(0, 299) n join bench_communes c on c.number = n % 73 + 1;

-- Everybody brings everything everywhere for nothing, so that what is bought costs what its lines cost.
insert into own_deliveries (producer_id, zone, fee_vnd, weight_g_max, days_min, days_max, updated_at)
    select md5('producer' || n)::uuid, zone, 0, 10000000, 0, 3, now()
    from generate_series(0, 299) n
    cross join unnest(array['same_commune', 'bordering_commune', 'same_district', 'same_province', 'other_province']) zone;

insert into products (id, producer_id, product_set, title, description, origin_commune_code, status, published_at,
                      title_key, place_key, created_at, updated_at)
    select md5('product' || n)::uuid, md5('producer' || n % 300)::uuid, case when n % 5 = 0 then 4 else n % 13 + 1 end,
           b.title || ' loại ' || n / 16, repeat(b.title || ' của vùng cao, làm theo cách của gia đình. ', 6),
           case when n % 5 = 0 then '00769' else c.code end, 'published', now() - n * interval '1 minute',
           b.title_key || ' loai ' || n / 16, 'ho san xuat ' || n % 300 || ' ' || c.key, now(), now()
    from generate_series(0, :products - 1) n join bench_names b on b.number = n % 16 + 1
    join bench_communes c on c.number = case when n % 5 = 0 then 20 else n % 300 % 73 + 1 end;

insert into variants (id, product_id, producer_id, label, unit, net_weight_g, price_vnd, created_at, updated_at)
    select md5('variant' || n || '/' || k)::uuid, md5('product' || n)::uuid, md5('producer' || n % 300)::uuid,
           'Hộp ' || k * 250 || ' g', 'box', k * 250,
           case when n % 5 = 0 then 120000 else 20000 + n * 7919 % 480 * 1000 end + (k - 1) * 10000, now(), now()
    from generate_series(0, :products - 1) n cross join generate_series(1, 3) k where k <= n % 3 + 1;

insert into stock_levels (variant_id, producer_id, product_id, on_hand)
    select id, producer_id, product_id, 1000000 from variants;

-- Half of it lies in lots with dates, so that a purchase chooses among lots.
insert into lots (id, producer_id, product_id, status, created_at, updated_at)
    select id, producer_id, product_id, 'open', now(), now() from variants;

insert into lots (id, producer_id, product_id, code, harvested_on, expires_on, status, created_at, updated_at)
    select md5('lot' || id)::uuid, producer_id, id, 'LO-' || upper(substr(md5(id::text), 1, 12)), now()::date, now()::date + 365,
           'open', now(), now() from products;

insert into lot_levels (lot_id, variant_id, producer_id, on_hand) select id, id, producer_id, 500000 from variants;

insert into lot_levels (lot_id, variant_id, producer_id, on_hand)
    select md5('lot' || product_id)::uuid, id, producer_id, 500000 from variants;

insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, at)
    select gen_random_uuid(), variant_id, lot_id, producer_id, 'opening', on_hand, on_hand, now() from lot_levels;

insert into accounts (id, phone, status, created_at, updated_at)
    select md5('buyer' || n)::uuid, '+847' || lpad(n::text, 8, '0'), 'active', now(), now()
    from generate_series(0, :buyers - 1) n;

insert into sessions (id, account_id, audience, device_id, rotated_at, created_at, idle_expires_at, expires_at)
    select md5('session' || n)::uuid, md5('buyer' || n)::uuid, 'buyer', 'bench', now(), now(),
           now() + interval '1 day', now() + interval '1 day' from generate_series(0, :buyers - 1) n;

insert into carts (account_id, updated_at) select md5('buyer' || n)::uuid, now() from generate_series(0, :buyers - 1) n;

insert into offers select * from offers_wanted;

-- What buyer n buys: two products of one producer and one of another.
create table bench_wishes (buyer bigint not null, line integer not null, product bigint not null);

insert into bench_wishes select n, k, n * 7919 % ((:products - 305) / 5) * 5 + case k when 1 then 0 when 2 then 300 else 5 end
    from generate_series(0, :buyers - 1) n cross join generate_series(1, 3) k;

grant select on bench_wishes to ocop_app;

set session_replication_role = origin;

analyze;
