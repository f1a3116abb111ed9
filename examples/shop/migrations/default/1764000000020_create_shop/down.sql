DROP TABLE cart_items;
DROP TABLE carts;
DROP TABLE products;
DROP TABLE users_in_vendors;
DROP TABLE vendors;
