DROP TABLE proposals;
DROP TABLE users_in_vendors;
DROP TABLE addresses;
DROP TABLE cart_items;
DROP TABLE carts;
DROP TABLE products;
