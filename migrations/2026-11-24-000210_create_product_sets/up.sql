-- The 26 product sets (bộ sản phẩm) of Decision 26/2026/QĐ-TTg of 22 May 2026; each has its own rubric.
create table product_sets (
    number smallint primary key constraint product_sets_number_check check (number between 1 and 26),
    name text not null,
    group_number text not null constraint product_sets_group_number_check
        check (group_number in ('I', 'II', 'III', 'IV', 'V', 'VI')),
    group_name text not null,
    -- As the decision abbreviates them; joint responsibility is separated by a semicolon.
    managing_ministry text not null,
    search_key text not null constraint product_sets_search_key_check check (search_key ~ '^[a-z0-9]+( [a-z0-9]+)*$')
);
comment on table product_sets is 'OCOP product sets of Decision 26/2026/QĐ-TTg, by their number';

insert into product_sets (number, name, group_number, group_name, managing_ministry, search_key) values
    (1, 'Rau, củ, quả, hạt tươi', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'rau cu qua hat tuoi'),
    (2, 'Thịt, thủy sản, trứng, sữa tươi', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'thit thuy san trung sua tuoi'),
    (3, 'Gạo, ngũ cốc, hạt sơ chế khác', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'gao ngu coc hat so che khac'),
    (4, 'Mật ong, mật khác và nông sản thực phẩm khác', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'mat ong mat khac va nong san thuc pham khac'),
    (5, 'Đồ ăn nhanh', 'I', 'Sản phẩm thực phẩm', 'Bộ Công Thương', 'do an nhanh'),
    (6, 'Chế biến từ gạo, ngũ cốc', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT; Bộ Công Thương', 'che bien tu gao ngu coc'),
    (7, 'Chế biến từ rau, củ, quả, hạt', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'che bien tu rau cu qua hat'),
    (8, 'Chế biến từ thịt, thủy sản, trứng, sữa, các sản phẩm từ mật ong, mật khác và nông sản thực phẩm khác', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT; Bộ Công Thương', 'che bien tu thit thuy san trung sua cac san pham tu mat ong mat khac va nong san thuc pham khac'),
    (9, 'Tương, nước mắm, gia vị dạng lỏng khác', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'tuong nuoc mam gia vi dang long khac'),
    (10, 'Gia vị khác (muối, hành, tỏi, tiêu)', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'gia vi khac muoi hanh toi tieu'),
    (11, 'Chè tươi, chè chế biến', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'che tuoi che che bien'),
    (12, 'Sản phẩm trà từ thực vật khác', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'san pham tra tu thuc vat khac'),
    (13, 'Cà phê, cacao', 'I', 'Sản phẩm thực phẩm', 'Bộ NN&MT', 'ca phe cacao'),
    (14, 'Rượu trắng', 'II', 'Sản phẩm đồ uống', 'Bộ Công Thương', 'ruou trang'),
    (15, 'Đồ uống có cồn khác', 'II', 'Sản phẩm đồ uống', 'Bộ Công Thương', 'do uong co con khac'),
    (16, 'Nước khoáng thiên nhiên, nước uống đóng chai', 'II', 'Sản phẩm đồ uống', 'Bộ Y tế', 'nuoc khoang thien nhien nuoc uong dong chai'),
    (17, 'Đồ uống không cồn khác', 'II', 'Sản phẩm đồ uống', 'Bộ Công Thương', 'do uong khong con khac'),
    (18, 'Thực phẩm chức năng, thuốc dược liệu, thuốc cổ truyền', 'III', 'Sản phẩm dược liệu và sản phẩm từ dược liệu', 'Bộ Y tế', 'thuc pham chuc nang thuoc duoc lieu thuoc co truyen'),
    (19, 'Mỹ phẩm có thành phần từ dược liệu', 'III', 'Sản phẩm dược liệu và sản phẩm từ dược liệu', 'Bộ Y tế', 'my pham co thanh phan tu duoc lieu'),
    (20, 'Tinh dầu và dược liệu khác', 'III', 'Sản phẩm dược liệu và sản phẩm từ dược liệu', 'Bộ Y tế; Bộ Công Thương', 'tinh dau va duoc lieu khac'),
    (21, 'Thủ công mỹ nghệ gia dụng, trang trí', 'IV', 'Sản phẩm hàng thủ công mỹ nghệ', 'Bộ Công Thương; Bộ NN&MT', 'thu cong my nghe gia dung trang tri'),
    (22, 'Vải, may mặc', 'IV', 'Sản phẩm hàng thủ công mỹ nghệ', 'Bộ Công Thương', 'vai may mac'),
    (23, 'Hoa', 'V', 'Sản phẩm sinh vật cảnh', 'Bộ NN&MT', 'hoa'),
    (24, 'Cây cảnh', 'V', 'Sản phẩm sinh vật cảnh', 'Bộ NN&MT', 'cay canh'),
    (25, 'Động vật cảnh', 'V', 'Sản phẩm sinh vật cảnh', 'Bộ NN&MT', 'dong vat canh'),
    (26, 'Dịch vụ du lịch cộng đồng, du lịch sinh thái và điểm du lịch', 'VI', 'Sản phẩm dịch vụ du lịch cộng đồng, du lịch sinh thái và điểm du lịch', 'Bộ VHTT&DL; Bộ NN&MT', 'dich vu du lich cong dong du lich sinh thai va diem du lich');

grant select on product_sets to ocop_app;
