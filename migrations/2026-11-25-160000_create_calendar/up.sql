-- Days on which deadlines in working days do not count, besides Saturdays and Sundays: Labour Code 45/2019, article 112,
-- and the days that make up for a holiday on a day of rest (article 111.3). The five days of Tết and the day beside
-- 2 September are fixed by a yearly notice: those of 2027 are what the calendar suggests, and the operator corrects them.
create table holidays (
    id uuid primary key,
    day date not null constraint holidays_day_key unique,
    name text not null,
    kind text not null constraint holidays_kind_check check (kind in ('holiday', 'compensation')),
    added_at timestamptz not null
);
comment on table holidays is 'Days that are no working days, besides Saturdays and Sundays';

insert into holidays (id, day, name, kind, added_at)
select gen_random_uuid(), day, name, kind, '2026-01-01'
from (values
    ('2026-01-01'::date, 'Tết Dương lịch', 'holiday'),
    ('2026-02-16', 'Tết Nguyên đán', 'holiday'),
    ('2026-02-17', 'Tết Nguyên đán', 'holiday'),
    ('2026-02-18', 'Tết Nguyên đán', 'holiday'),
    ('2026-02-19', 'Tết Nguyên đán', 'holiday'),
    ('2026-02-20', 'Tết Nguyên đán', 'holiday'),
    ('2026-04-26', 'Giỗ Tổ Hùng Vương', 'holiday'),
    ('2026-04-27', 'Nghỉ bù Giỗ Tổ Hùng Vương', 'compensation'),
    ('2026-04-30', 'Ngày Chiến thắng', 'holiday'),
    ('2026-05-01', 'Ngày Quốc tế lao động', 'holiday'),
    ('2026-09-01', 'Quốc khánh', 'holiday'),
    ('2026-09-02', 'Quốc khánh', 'holiday'),
    ('2027-01-01', 'Tết Dương lịch', 'holiday'),
    ('2027-02-05', 'Tết Nguyên đán', 'holiday'),
    ('2027-02-06', 'Tết Nguyên đán', 'holiday'),
    ('2027-02-07', 'Tết Nguyên đán', 'holiday'),
    ('2027-02-08', 'Tết Nguyên đán', 'holiday'),
    ('2027-02-09', 'Tết Nguyên đán', 'holiday'),
    ('2027-02-10', 'Nghỉ bù Tết Nguyên đán', 'compensation'),
    ('2027-02-11', 'Nghỉ bù Tết Nguyên đán', 'compensation'),
    ('2027-04-16', 'Giỗ Tổ Hùng Vương', 'holiday'),
    ('2027-04-30', 'Ngày Chiến thắng', 'holiday'),
    ('2027-05-01', 'Ngày Quốc tế lao động', 'holiday'),
    ('2027-05-03', 'Nghỉ bù Ngày Quốc tế lao động', 'compensation'),
    ('2027-09-02', 'Quốc khánh', 'holiday'),
    ('2027-09-03', 'Quốc khánh', 'holiday')
) as seed (day, name, kind);

alter table holidays enable row level security;
create policy holidays_read on holidays for select using (actor_role() <> 'none');
create policy holidays_staff on holidays for all using (actor_is_staff());
grant select, insert, delete on holidays to ocop_app;
