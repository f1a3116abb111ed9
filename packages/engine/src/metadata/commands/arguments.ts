import { boolean, defaulted, nonEmptyText, optional, required, text } from '../codec/index.ts';
import { qualifiedName } from '../names.ts';

/** Arguments that many commands share. */
export const source = defaulted(nonEmptyText, 'default');
export const table = required(qualifiedName);
export const cascade = defaulted(boolean, false);
export const name = required(nonEmptyText);
export const comment = optional(text);
