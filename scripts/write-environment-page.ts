// `npm run docs:environment`: writes docs/environment.md from the table of settings.
import { writeFileSync } from 'node:fs';
import { settingsPage } from '../packages/cli/src/serve-help.ts';

writeFileSync(new URL('../docs/environment.md', import.meta.url), settingsPage());
