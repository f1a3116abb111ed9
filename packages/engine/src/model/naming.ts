/**
 * The names of a source: its convention and its prefixes and suffixes. Source: spec/graphql-api.md 2.4, 2.5.
 */
import type { SourceCustomization } from '../metadata/index.ts';
import type { NamePart, Naming } from './types.ts';

/** What GraphQL accepts as a name. */
export function isGraphqlName(name: string): boolean {
  return /^[_A-Za-z][_0-9A-Za-z]*$/.test(name);
}

export function makeNaming(
  customization: SourceCustomization | undefined,
  convention: Naming['convention'],
): Naming {
  const roots = affixes(customization?.root_fields);
  const types = affixes(customization?.type_names);
  const namespace = customization?.root_fields?.namespace || null;
  if (convention === 'hasura-default') {
    return {
      convention,
      namespace,
      typeName: (...parts) => types.before + joined(parts) + types.after,
      sharedTypeName: (...parts) => joined(parts),
      fieldName: (...parts) => joined(parts),
      rootFieldName: (...parts) => roots.before + joined(parts) + roots.after,
      enumValue: (name) => name,
    };
  }
  return {
    convention,
    namespace,
    typeName: (...parts) => usable(pascal(wrapped(types, parts)), types.before + joined(parts) + types.after),
    sharedTypeName: (...parts) => usable(pascal(parts), joined(parts)),
    fieldName: (...parts) => usable(camel(parts), joined(parts)),
    rootFieldName: (...parts) =>
      usable(camel(wrapped(roots, parts)), roots.before + joined(parts) + roots.after),
    enumValue: (name) => usable(name.toUpperCase(), name),
  };
}

interface Affixes {
  readonly before: string;
  readonly after: string;
}

function affixes(
  given: { readonly prefix?: string | null; readonly suffix?: string | null } | null | undefined,
): Affixes {
  return { before: given?.prefix ?? '', after: given?.suffix ?? '' };
}

/** Prefix and suffix are the user's words: kept as written in front, only their first letter raised behind. */
function wrapped({ before, after }: Affixes, parts: readonly NamePart[]): readonly NamePart[] {
  return [
    ...(before === '' ? [] : [{ custom: before }]),
    ...parts,
    ...(after === '' ? [] : [{ custom: after }]),
  ];
}

export function textOf(part: NamePart): string {
  return typeof part === 'string' ? part : part.custom;
}

function joined(parts: readonly NamePart[]): string {
  let name = '';
  for (const part of parts) name += name === '' ? textOf(part) : `_${textOf(part)}`;
  return name;
}

function camel(parts: readonly NamePart[]): string {
  return cased(parts, lowerFirst);
}

function pascal(parts: readonly NamePart[]): string {
  return cased(parts, upperFirst);
}

function cased(parts: readonly NamePart[], caseFirst: (word: string) => string): string {
  let name = '';
  for (const part of parts) {
    if (typeof part !== 'string') {
      name += name === '' ? part.custom : upperFirst(part.custom);
      continue;
    }
    for (const word of words(part)) name += name === '' ? caseFirst(word) : upperFirst(word);
  }
  return name;
}

/** Split at underscores; one at the start stays with the first word: `_hello_world` → `_hello`, `world`. */
function words(part: string): readonly string[] {
  const all = part.split('_').filter((word) => word !== '');
  if (!part.startsWith('_')) return all;
  const [first = '', ...rest] = all;
  return [`_${first}`, ...rest];
}

function usable(name: string, untransformed: string): string {
  return isGraphqlName(name) ? name : untransformed;
}

function upperFirst(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function lowerFirst(word: string): string {
  return word.slice(0, 1).toLowerCase() + word.slice(1);
}
