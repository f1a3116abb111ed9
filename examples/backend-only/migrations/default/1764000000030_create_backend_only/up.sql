CREATE TABLE orders (
  id serial PRIMARY KEY,
  user_id integer NOT NULL,
  item text NOT NULL,
  amount integer NOT NULL,
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid', 'sent'))
);
CREATE INDEX orders_user_id ON orders (user_id);

CREATE TABLE payments (
  id serial PRIMARY KEY,
  order_id integer NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  amount integer NOT NULL,
  reference text NOT NULL UNIQUE
);
CREATE INDEX payments_order_id ON payments (order_id);
