CREATE TABLE user_profile (
  id integer PRIMARY KEY,
  name text NOT NULL,
  city text,
  email text NOT NULL,
  phone text,
  address text
);

-- for the role `user`, whose one rule cannot show more columns on some rows than on others
CREATE VIEW user_profile_private AS
  SELECT id AS user_id, email, phone, address FROM user_profile;
