DROP VIEW user_profile_private;
DROP TABLE user_profile;
