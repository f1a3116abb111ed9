import { bareObject, isFaithful, type Json } from '../../support/index.ts';
import { type Codec, dictionary, expectMember, expectObject, sortKeys } from './codec.ts';
import { Place } from './place.ts';

/** A key that must be given and is always written. */
export interface RequiredField<T> {
  readonly presence: 'required';
  readonly codec: Codec<T>;
}

/** A key with a default that is filled in when it is read. */
export interface DefaultedField<T> {
  readonly presence: 'defaulted';
  readonly codec: Codec<T>;
  readonly fallback: T;
}

/** A key that may be absent, and is absent when null. */
export interface OptionalField<T> {
  readonly presence: 'optional';
  readonly codec: Codec<T>;
  /** True: the key says no more than its absence and is not written. */
  isLeftOut(value: T): boolean;
  /** What is written for an absent key; undefined: nothing. */
  readonly absentAs: Json | undefined;
}

export type Field<T> = RequiredField<T> | DefaultedField<T> | OptionalField<T>;

type Decoded<F> = F extends { readonly codec: Codec<infer T> } ? T : never;

/** The type that a table of fields describes. */
export type ObjectOf<F> = {
  readonly [K in keyof F as F[K] extends { readonly presence: 'optional' } ? never : K]: Decoded<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends { readonly presence: 'optional' } ? K : never]?: Decoded<F[K]>;
};

export function required<T>(codec: Codec<T>): RequiredField<T> {
  return { presence: 'required', codec };
}

export function defaulted<T>(codec: Codec<T>, fallback: T): DefaultedField<T> {
  return { presence: 'defaulted', codec, fallback };
}

/** Left out when absent, null, an empty list, or what `isLeftOut` names. */
export function optional<T>(
  codec: Codec<T>,
  isLeftOut: (value: T) => boolean = isEmptyList,
): OptionalField<T> {
  return { presence: 'optional', codec, isLeftOut, absentAs: undefined };
}

/** Left out when it is the default, too. */
export function optionalUnless<T>(codec: Codec<T>, fallback: T): OptionalField<T> {
  return optional(codec, (value) => value === fallback);
}

/** Written also when it is an empty list, which means something else than absence. */
export function optionalKept<T>(codec: Codec<T>): OptionalField<T> {
  return optional(codec, () => false);
}

/** Written as null (or as the given value) when absent. */
export function optionalWritten<T>(codec: Codec<T>, absentAs: Json = null): OptionalField<T> {
  return { presence: 'optional', codec, isLeftOut: () => false, absentAs };
}

/**
 * An object whose keys are written in the order of `fields`.
 * @param name what the object is called in errors, e.g. `TableMetadata`
 * @param options `isAlwaysStrict`: unknown keys are refused also where they are otherwise ignored; `overlooked`: keys without meaning that tools write,
 *   left out wherever they come
 */
export function object<F extends Readonly<Record<string, Field<unknown>>>>(
  name: string,
  fields: F,
  options: { readonly isAlwaysStrict?: boolean; readonly overlooked?: readonly string[] } = {},
): Codec<ObjectOf<F>> {
  const keys = Object.keys(fields);
  return {
    decode(value, place) {
      const given = expectObject(name, value, place);
      const isStrict = options.isAlwaysStrict === true && place.unknownKeys === 'ignore';
      refuseUnknownKeys(
        name,
        given,
        (key) => Object.hasOwn(fields, key) || (options.overlooked?.includes(key) ?? false),
        isStrict ? new Place(place.path, 'refuse') : place,
      );
      const decoded = bareObject<unknown>();
      /** How many keys of `given` are in `decoded` with the very value that was given. */
      let kept = 0;
      for (const key of keys) {
        // The keys are those of `fields`.
        const field = fields[key] as Field<unknown>;
        const member = given[key];
        if (field.presence === 'required') {
          decoded[key] = field.codec.decode(expectMember(given, key, place), place.child(key));
        } else if (member !== undefined && member !== null) {
          decoded[key] = field.codec.decode(member, place.child(key));
        } else if (field.presence === 'defaulted') {
          decoded[key] = field.fallback;
        } else {
          continue;
        }
        if (decoded[key] === member) kept++;
        else kept = Number.NaN;
      }
      if (place.unknownKeys === 'keep') {
        for (const [key, member] of Object.entries(given)) {
          if (Object.hasOwn(fields, key)) continue;
          decoded[key] = member;
          kept++;
        }
      }
      // What is as it should be is taken as it came: documents of many megabytes are not held twice, and what they share stays shared.
      if (kept === Object.keys(given).length && isFaithful(given)) return given as ObjectOf<F>;
      // Built key by key from the fields' own decoders, hence of the type that they describe.
      return decoded as ObjectOf<F>;
    },
    encode(value) {
      const source = value as Readonly<Record<string, unknown>>;
      const entries: [string, Json][] = [];
      for (const key of keys) {
        const encoded = encodeField(fields[key] as Field<unknown>, source[key]);
        if (encoded !== undefined) entries.push([key, encoded]);
      }
      // What was kept of a stored document is JSON as it came.
      for (const key of Object.keys(source)) {
        if (!Object.hasOwn(fields, key) && source[key] !== undefined)
          entries.push([key, sortKeys(source[key] as Json)]);
      }
      return dictionary(entries);
    },
  };
}

export function refuseUnknownKeys(
  name: string,
  given: object,
  isKnown: (key: string) => boolean,
  place: Place,
): void {
  if (place.unknownKeys !== 'refuse') return;
  const unknown = Object.keys(given).filter((key) => !isKnown(key));
  if (unknown.length > 0) {
    place.fail(`unexpected keys when parsing ${name}: ${JSON.stringify(unknown)}`);
  }
}

function encodeField(field: Field<unknown>, value: unknown): Json | undefined {
  if (field.presence === 'defaulted') return field.codec.encode(value ?? field.fallback);
  if (field.presence === 'required') return field.codec.encode(value);
  if (value === undefined || value === null) return field.absentAs;
  return field.isLeftOut(value) ? undefined : field.codec.encode(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

export function isEmptyObject(value: object): boolean {
  return Object.values(value).every((member) => member === undefined || member === null);
}
