-- 1 Ann, 2 Ben
INSERT INTO orders (user_id, item, amount, state) VALUES (1, 'Book', 20, 'paid'), (1, 'Pen', 3, 'new'), (2, 'Ink', 7, 'new');
INSERT INTO payments (order_id, amount, reference) VALUES (1, 20, 'bank-1');
