/**
 * How a command speaks to people. In: messages, rows, questions. Out: text on stderr and stdout, answers. Promise: data alone is on stdout, and nobody is asked
 * where nobody can answer.
 */
export { editText } from './edit-text.ts';
export { type Interruption, watchInterruption } from './interruption.ts';
export { Logger, type LogLevel, parseLogLevel } from './logger.ts';
export { table } from './table.ts';
export { Terminal } from './terminal.ts';
