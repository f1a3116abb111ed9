import { isList, isMapping, NumberText, type Value } from './value.ts';

/** JSON text; with `indent` spaces each member stands on a line of its own. */
export function writeJson(value: Value, indent = 0): string {
  return write(value, indent === 0 ? null : ' '.repeat(indent), '\n');
}

function write(value: Value, step: string | null, line: string): string {
  if (isMapping(value)) {
    const colon = step === null ? ':' : ': ';
    const members = [...value].map(
      ([key, member]) => `${JSON.stringify(key)}${colon}${write(member, step, line + step)}`,
    );
    return wrap('{', members, '}', step, line);
  }
  if (isList(value)) {
    return wrap(
      '[',
      value.map((member) => write(member, step, line + step)),
      ']',
      step,
      line,
    );
  }
  return value instanceof NumberText ? value.text : JSON.stringify(value);
}

function wrap(
  open: string,
  members: readonly string[],
  close: string,
  step: string | null,
  line: string,
): string {
  if (members.length === 0) return open + close;
  if (step === null) return open + members.join(',') + close;
  return `${open}${line}${step}${members.join(`,${line}${step}`)}${line}${close}`;
}
