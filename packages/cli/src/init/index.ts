/** Makes a new project. In: where, and perhaps a server. Out: its files. Promise: nothing that is there is overwritten. */
export { runInit } from './run-init.ts';
