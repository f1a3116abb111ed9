DROP TABLE editors;
DROP TABLE reviewers;
DROP TABLE articles;
DROP TABLE users;
