CREATE TABLE user_profile (
  id integer PRIMARY KEY,
  name text NOT NULL,
  city text,
  email text NOT NULL,
  phone text,
  address text
);

-- the columns that only their owner sees
CREATE VIEW user_profile_private AS SELECT id AS user_id, email, phone, address FROM user_profile;
