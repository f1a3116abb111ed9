/**
 * Migrations: what is on disk against what a server has recorded. In: a session, a database. Out: SQL run, records changed. Promise: everything that can be checked
 * is checked before anything runs; a file is one transaction; what was run and not recorded is told.
 */
export { applyMigrations } from './apply-migrations.ts';
export { deleteMigrations } from './delete-migrations.ts';
export { dumpAll, dumpSchema, quoted } from './dump-schema.ts';
export { type ApplyRequest, planSteps } from './plan-steps.ts';
export { migrationStatus, statusTable } from './show-status.ts';
export { forgetSquashed, squashMigrations } from './squash-migrations.ts';
