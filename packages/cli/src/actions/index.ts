/**
 * Actions of a project. In: SDL from an editor or a file, or an operation to derive it from. Out: `actions.graphql` and `actions.yaml` with the action, code for its handler.
 * Promise: what is written says nothing but what was there and what was added, and code that exists is never replaced.
 */
export { addToActions } from './add-to-actions.ts';
export { deriveSdl } from './derive-sdl.ts';
export { runCodegen, runUseCodegen } from './run-codegen.ts';
export { runCreate } from './run-create.ts';
