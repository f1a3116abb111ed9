/**
 * What tests share. In: nothing, or POSTERN_TEST_DATABASE_URL (a superuser's connection string).
 * Out: a database of its own for each test file, on one real PostgreSQL per run.
 */
export { createTestDatabase, type TestDatabase, testServerUrl } from './test-database.ts';
