/**
 * A project applied when an engine starts. In: flags of `serve`, folders by variables. Out: the engine, with the project in force. Promise: it does not serve before all of it is
 * applied, and replicas that start together do not apply it at the same time.
 */
export { runAutoApply } from './run-auto-apply.ts';
