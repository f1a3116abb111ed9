/**
 * Projects of config version 2. In: such a project and the name of its database. Out: the same project in version 3. Promise: nothing is lost, and a conversion that
 * was interrupted can be begun again.
 */
export { runUpdate } from './run-update.ts';
