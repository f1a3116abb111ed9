/** All of a project at once. In: a session. Out: a server with its metadata, migrations, perhaps seeds. Promise: nobody is asked, and the first failure ends it. */
export { runDeploy } from './run-deploy.ts';
