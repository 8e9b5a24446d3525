-- What is left of a name for the eye: small letters with their marks, without spaces and signs; the letters and digits
-- that look alike (i, l, 1 and o, 0) are one. Tones stay: in Vietnamese another tone is another word.
create function name_skeleton(name text) returns text
    language sql immutable strict parallel safe
    return regexp_replace(
        translate(lower(normalize(translate(name, 'ĐɃ', 'đƀ'), nfd) collate "C"), 'i1|0', 'lllo') collate "C",
        '[^a-z0-9đƀ\u0300-\u036f]', '', 'g');

-- Cooperatives and companies are known by a registered name; households may share theirs.
create unique index producers_name_key on producers (name_skeleton(name))
    where status = 'approved' and kind in ('cooperative', 'company');
