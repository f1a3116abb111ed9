INSERT INTO products (name, price, cost, vendor_id, is_published) VALUES
  ('Lamp', 30, 12, 10, true), ('Chair', 80, 40, 20, true), ('Prototype', 5, 1, 10, false), ('Gift card', 50, NULL, NULL, true);

INSERT INTO carts (user_id, note) VALUES (1, 'a'), (1, 'b'), (2, 'c');
INSERT INTO cart_items (cart_id, product_id, quantity) VALUES (1, 1, 2), (3, 2, 4);
INSERT INTO addresses (user_id, line) VALUES (1, 'A street'), (2, 'B street');

INSERT INTO users_in_vendors VALUES (1, 10), (2, 10), (3, 20);
-- nobody knows user 9
INSERT INTO proposals (name, added_by_user_id) VALUES ('Lamp', 1), ('Chair', 3), ('Shelf', 2), ('Orphan', 9);
