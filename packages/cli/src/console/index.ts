/**
 * A console for a project. In: a session. Out: its page, and an API that turns what is changed in a console into files. Promise: only this machine and the console's own
 * pages reach the API; a change that failed leaves no migration behind.
 */
export { runConsole } from './run-console.ts';
export { type RunningConsole, startConsole } from './start-console.ts';
