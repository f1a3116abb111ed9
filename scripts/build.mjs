// `npm run build`: the bundle of the command and the console, as far as they are missing or older than their sources.
import { ensureCommandBuilt, ensureConsoleBuilt, ensureInstalled } from './set-up.mjs';

await ensureInstalled();
await ensureConsoleBuilt();
await ensureCommandBuilt();
