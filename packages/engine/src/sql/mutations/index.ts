export { renderMutation } from './mutation.ts';
export { CHECK_FAILURE, NO_ROW_FAILURE } from './outcome.ts';
export { renderAnsweringWrite, type SingleWrite } from './single-write.ts';
export type { MutationStatement, Refusal } from './types.ts';
