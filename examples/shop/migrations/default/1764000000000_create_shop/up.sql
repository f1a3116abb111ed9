CREATE TABLE products (
  id serial PRIMARY KEY,
  name text NOT NULL,
  price integer NOT NULL CHECK (price >= 0),
  -- what the shop pays
  cost integer,
  -- NULL: the shop's own
  vendor_id integer,
  is_published boolean NOT NULL DEFAULT false
);
CREATE INDEX products_vendor_id ON products (vendor_id);

CREATE TABLE carts (
  id serial PRIMARY KEY,
  user_id integer NOT NULL,
  note text
);
CREATE INDEX carts_user_id ON carts (user_id);

CREATE TABLE cart_items (
  cart_id integer NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  product_id integer NOT NULL REFERENCES products (id),
  quantity integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
  PRIMARY KEY (cart_id, product_id)
);
CREATE INDEX cart_items_product_id ON cart_items (product_id);

CREATE TABLE addresses (
  id serial PRIMARY KEY,
  user_id integer NOT NULL,
  line text NOT NULL
);
CREATE INDEX addresses_user_id ON addresses (user_id);

-- for which vendor a person works
CREATE TABLE users_in_vendors (
  user_id integer PRIMARY KEY,
  vendor_id integer NOT NULL
);

-- products that somebody at a vendor would like to sell here
CREATE TABLE proposals (
  id serial PRIMARY KEY,
  name text NOT NULL,
  added_by_user_id integer NOT NULL
);
CREATE INDEX proposals_added_by_user_id ON proposals (added_by_user_id);
