INSERT INTO vendors VALUES (10, 'Lights & more'), (20, 'Seating');

-- 1 Ann and 2 Ben work for the first vendor, 3 Cyd for the second
INSERT INTO users_in_vendors VALUES (1, 10), (2, 10), (3, 20);

INSERT INTO products (name, price, cost, vendor_id, is_published, added_by_user_id) VALUES
  ('Lamp', 30, 12, 10, true, 1),
  ('Chair', 80, 40, 20, true, 3),
  ('Prototype', 5, 1, 10, false, 2),
  ('Stray', 1, NULL, NULL, false, 9);

-- 7 Uma and 8 Vic buy
INSERT INTO carts (user_id, note) VALUES (7, 'for the hall'), (7, 'gift'), (8, NULL);
INSERT INTO cart_items VALUES (1, 1, 2), (1, 2, 1), (3, 2, 4);
