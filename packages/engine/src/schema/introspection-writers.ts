/**
 * Writers of what is selected of introspection types: a selection is compiled once, since a full introspection runs each writer for thousands of fields. What never
 * differs is gathered into constant text, and what comes again is copied from where it was written first.
 */
import { InvariantError } from '../support/index.ts';
import type { ByteWriter } from './byte-output.ts';
import type { CollectedField } from './types.ts';

export type Writer<T> = (value: T, output: ByteWriter) => void;

/** The same in short steps: for what may be long. */
export type SteppedWriter<T> = (value: T, output: ByteWriter) => Generator<void, void>;

/** What a member of an object is: always the same text, or text made from the value. */
export type Member<T> =
  | { readonly constant: string }
  | { readonly write: Writer<T>; readonly writeInSteps?: SteppedWriter<T> };

/** How each field of an introspection type is written, given what is selected below it. */
export type FieldWriters<T> = Readonly<Record<string, (selection: readonly CollectedField[]) => Member<T>>>;

export function objectWriter<T>(
  typeName: string,
  writers: FieldWriters<T>,
  selection: readonly CollectedField[],
): Writer<T> {
  const { members, after } = membersOfObject(typeName, writers, selection);
  return (value, output) => {
    for (const { before, write } of members) {
      output.bytes(before);
      write(value, output);
    }
    output.bytes(after);
  };
}

export function steppedObjectWriter<T>(
  typeName: string,
  writers: FieldWriters<T>,
  selection: readonly CollectedField[],
): SteppedWriter<T> {
  const { members, after } = membersOfObject(typeName, writers, selection);
  return function* (value, output) {
    for (const { before, write, writeInSteps } of members) {
      output.bytes(before);
      if (writeInSteps === undefined) write(value, output);
      else yield* writeInSteps(value, output);
    }
    output.bytes(after);
  };
}

type WrittenMember<T> = Exclude<Member<T>, { readonly constant: string }> & {
  /** Constant text that stands before it. */
  readonly before: Uint8Array;
};

/** Constant text is gathered, so that the fewest pieces are written for each value. */
function membersOfObject<T>(
  typeName: string,
  writers: FieldWriters<T>,
  selection: readonly CollectedField[],
): { readonly members: readonly WrittenMember<T>[]; readonly after: Uint8Array } {
  const members: WrittenMember<T>[] = [];
  let text = '{';
  for (const [index, { responseKey, field, selection: below }] of selection.entries()) {
    text += `${index === 0 ? '' : ','}${JSON.stringify(responseKey)}:`;
    const member = field === null ? constant(JSON.stringify(typeName)) : writers[field.name]?.(below);
    if (member === undefined) throw new InvariantError(`no field "${field?.name}" in "${typeName}"`);
    if ('constant' in member) {
      text += member.constant;
    } else {
      members.push({ before: Buffer.from(text), ...member });
      text = '';
    }
  }
  return { members, after: Buffer.from(`${text}}`) };
}

export function writeList<T>(values: readonly T[], write: Writer<T>, output: ByteWriter): void {
  let separator = '[';
  for (const value of values) {
    output.text(separator);
    write(value, output);
    separator = ',';
  }
  output.text(separator === '[' ? '[]' : ']');
}

/** The same with a step after each value. */
export function* writeListInSteps<T>(
  values: readonly T[],
  write: Writer<T>,
  output: ByteWriter,
): Generator<void, void> {
  let separator = '[';
  for (const value of values) {
    output.text(separator);
    write(value, output);
    separator = ',';
    yield;
  }
  output.text(separator === '[' ? '[]' : ']');
}

/** Always the same JSON. */
export function constant(json: string): { readonly constant: string } {
  return { constant: json };
}

/** A member that is a string or null. */
export function text<T>(textOf: (value: T) => string | null): Member<T> {
  return {
    write: (value, output) => {
      const text = textOf(value);
      if (text === null) output.text('null');
      else output.json(text);
    },
  };
}

/** A member that is a list. */
export function list<T, I>(itemsOf: (value: T) => readonly I[], write: Writer<I>): Member<T> {
  return { write: (value, output) => writeList(itemsOf(value), write, output) };
}

/** Compiled when it is first needed: a writer for each kind of thing is seldom needed in each place. */
export function lazily<T>(make: () => Writer<T>): Writer<T> {
  let writer: Writer<T> | null = null;
  return (value, output) => {
    writer ??= make();
    writer(value, output);
  };
}

/** Writes equal values again from where the first was written. */
export function remembered<T>(write: Writer<T>, isRepeated: (value: T) => boolean): Writer<T> {
  const memory = new Memory<T>();
  return (value, output) => {
    if (!isRepeated(value)) {
      write(value, output);
      return;
    }
    const known = memory.find(value, output);
    if (known !== undefined) {
      output.bytes(known);
      return;
    }
    const start = output.length;
    write(value, output);
    memory.keep(value, start, output);
  };
}

/** How many lists are looked at for whether they come again. */
const mostLists = 16;

/** The same for lists, most of which come once, and some several times soon one after the other: kept the second time. */
export function rememberedList<T extends object>(write: Writer<T>): Writer<T> {
  const memory = new Memory<T>();
  let seen = new Set<T>();
  return (value, output) => {
    const known = memory.find(value, output);
    if (known !== undefined) {
      output.bytes(known);
      return;
    }
    const start = output.length;
    write(value, output);
    if (seen.has(value)) {
      if (memory.size >= mostLists) memory.forget();
      memory.keep(value, start, output);
      return;
    }
    if (seen.size >= mostLists) seen = new Set();
    seen.add(value);
  };
}

/**
 * The same for what has a name: a column comes in many types, mostly with nothing to tell them apart.
 * @param groupOf what members of one name must share to be written alike; null: always written anew
 */
export function rememberedByName<T extends { readonly name: string }>(
  write: Writer<T>,
  groupOf: (value: T) => object | null,
): Writer<T> {
  let groups = new Map<object, Memory<string>>();
  let generation = 0;
  return (value, output) => {
    const group = groupOf(value);
    if (group === null) {
      write(value, output);
      return;
    }
    if (output.generation !== generation) {
      groups = new Map();
      generation = output.generation;
    }
    let memory = groups.get(group);
    if (memory === undefined) {
      memory = new Memory();
      groups.set(group, memory);
    }
    const known = memory.find(value.name, output);
    if (known !== undefined) {
      output.bytes(known);
      return;
    }
    const start = output.length;
    write(value, output);
    memory.keep(value.name, start, output);
  };
}

/**
 * What was written for a key, for one generation of the output. It goes with the whole map: one that is cleared keeps a link from its old memory to its new one, along
 * which the collector of young objects finds all that was ever in it alive.
 */
class Memory<K> {
  #written = new Map<K, Uint8Array>();
  #generation = 0;

  get size(): number {
    return this.#written.size;
  }

  find(key: K, output: ByteWriter): Uint8Array | undefined {
    return output.generation === this.#generation ? this.#written.get(key) : undefined;
  }

  /** What was written since `start`. */
  keep(key: K, start: number, output: ByteWriter): void {
    const kept = output.keep(start);
    if (kept === null) return;
    if (output.generation !== this.#generation) {
      this.forget();
      this.#generation = output.generation;
    }
    this.#written.set(key, kept);
  }

  forget(): void {
    this.#written = new Map();
  }
}
