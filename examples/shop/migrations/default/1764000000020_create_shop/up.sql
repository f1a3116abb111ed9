CREATE TABLE vendors (
  id integer PRIMARY KEY,
  name text NOT NULL
);

-- who works for which vendor
CREATE TABLE users_in_vendors (
  user_id integer PRIMARY KEY,
  vendor_id integer NOT NULL REFERENCES vendors (id)
);

CREATE TABLE products (
  id serial PRIMARY KEY,
  name text NOT NULL,
  price integer NOT NULL,
  cost integer,
  vendor_id integer REFERENCES vendors (id),
  is_published boolean NOT NULL DEFAULT false,
  added_by_user_id integer
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
