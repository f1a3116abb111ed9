INSERT INTO user_profile VALUES
  (1, 'Ann', 'Oslo', 'ann@x.org', '111', 'A st'),
  (2, 'Ben', 'Rome', 'ben@x.org', '222', 'B st'),
  (3, 'Cyd', 'Bonn', 'cyd@x.org', '333', 'C st');
