CREATE TABLE users (
  id serial PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  profile jsonb NOT NULL DEFAULT '{}',
  registered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE articles (
  id serial PRIMARY KEY,
  title text NOT NULL,
  body text NOT NULL DEFAULT '',
  author_id integer NOT NULL REFERENCES users (id),
  is_reviewed boolean NOT NULL DEFAULT false,
  review_comment text,
  is_published boolean NOT NULL DEFAULT false,
  published_at timestamptz,
  editor_rating integer CHECK (editor_rating BETWEEN 1 AND 5),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX articles_author_id ON articles (author_id);

-- who reviews which article
CREATE TABLE reviewers (
  id serial PRIMARY KEY,
  article_id integer NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  reviewer_id integer NOT NULL REFERENCES users (id),
  UNIQUE (article_id, reviewer_id)
);
CREATE INDEX reviewers_reviewer_id ON reviewers (reviewer_id);

CREATE TABLE editors (
  editor_id integer PRIMARY KEY REFERENCES users (id)
);
