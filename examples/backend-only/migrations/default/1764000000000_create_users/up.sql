CREATE TABLE users (
  id integer PRIMARY KEY
);

-- what a user may note without the back end
CREATE TABLE notes (
  id serial PRIMARY KEY,
  text text NOT NULL
);
