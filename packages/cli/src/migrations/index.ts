/**
 * Migrations: what is on disk against what a server has recorded. In: a session, a database. Out: SQL run, records changed. Promise: everything that can be checked
 * is checked before anything runs; a file is one transaction; what was run and not recorded is told.
 */
export { applyPending } from './apply-pending.ts';
export { createRecorded } from './create-recorded.ts';
export { dumpAll } from './dump-schema.ts';
export { type ApplyRequest, planSteps } from './plan-steps.ts';
export { copyOldRecords } from './prepare-state.ts';
export { runApply } from './run-apply.ts';
export { runCreate } from './run-create.ts';
export { runDelete } from './run-delete.ts';
export { runSquash } from './run-squash.ts';
export { runStatus } from './run-status.ts';
export { migrationStatus } from './show-status.ts';
export { forgetSquashed, squashedBefore, squashMigrations } from './squash-migrations.ts';
