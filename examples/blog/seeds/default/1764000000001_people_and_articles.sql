INSERT INTO users (name, email, profile) VALUES
  ('Ann', 'ann@blog.example', '{"town": "Aarhus"}'),
  ('Ben', 'ben@blog.example', '{"town": "Bergen"}'),
  ('Rita', 'rita@blog.example', '{"town": "Riga"}'),
  ('Ed', 'ed@blog.example', '{"town": "Espoo"}'),
  ('Uma', 'uma@blog.example', '{}');

INSERT INTO articles (title, body, author_id, is_reviewed, review_comment, is_published, published_at, editor_rating) VALUES
  ('Sourdough in a cold kitchen', 'Patience, mostly.', 1, true, 'Fine as it is.', true, '2026-02-01 08:00:00+00', 4),
  ('Notes on rye', 'A draft that only Ann sees.', 1, false, NULL, false, NULL, NULL),
  ('The last tram', 'How a line was closed.', 2, true, 'Check the year.', true, '2026-03-12 08:00:00+00', 5),
  ('Timetables', 'A draft by Ben.', 2, false, NULL, false, NULL, NULL),
  ('Trams, continued', 'Reviewed, but not published.', 2, true, 'Good.', false, NULL, 3);

-- Rita reviews one article of each author; Ann, who is an author, reviews one of Ben's, too
INSERT INTO reviewers (article_id, reviewer_id) VALUES (2, 3), (4, 3), (5, 1);

INSERT INTO editors VALUES (4);
