INSERT INTO user_profile VALUES
  (1, 'Ann', 'Oslo', 'ann@x.example', '111', 'A street'),
  (2, 'Ben', 'Rome', 'ben@x.example', '222', 'B street'),
  (3, 'Cyd', 'Bonn', 'cyd@x.example', '333', 'C street');
