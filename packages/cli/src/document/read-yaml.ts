import {
  type DocumentOptions,
  type ParseOptions,
  parse,
  type ScalarTag,
  type SchemaOptions,
  type Tags,
  type ToJSOptions,
  YAMLParseError,
} from 'yaml';
import { NumberText, type Value } from './value.ts';

/** A mapping that is named this often by aliases is taken for an attack. */
const mostAliases = 1_000;

const jsonNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/**
 * Parses one YAML document; an empty one is null. The tag `!include x` is the string `!include x`.
 * @throws Error that says where it is no YAML
 */
export function readYaml(text: string): Value {
  return fromParsed(parsedYaml(text));
}

function parsedYaml(text: string): unknown {
  try {
    return parse(text, options);
  } catch (error) {
    // the library speaks to programmers
    if (error instanceof YAMLParseError && error.code === 'MULTIPLE_DOCS') {
      throw new Error(
        `a second document begins at line ${error.linePos?.[0].line ?? '?'} (---); one is expected`,
      );
    }
    throw error;
  }
}

const options: ParseOptions & DocumentOptions & SchemaOptions & ToJSOptions = {
  customTags: (tags: Tags) => [...tags.map(keepingDigits), include],
  merge: true,
  mapAsMap: true,
  maxAliasCount: mostAliases,
  // a repeated key is a mistake that would hide the first value
  uniqueKeys: true,
  logLevel: 'error',
};

const include: ScalarTag = { tag: '!include', resolve: (text) => `!include ${text}` };

/** Numbers as they are written, where JSON can write them so. */
function keepingDigits(tag: Tags[number]): Tags[number] {
  if (
    typeof tag !== 'object' ||
    (tag.tag !== 'tag:yaml.org,2002:int' && tag.tag !== 'tag:yaml.org,2002:float')
  )
    return tag;
  const scalar = tag as ScalarTag;
  return {
    ...scalar,
    resolve(...[text, onError, options]: Parameters<ScalarTag['resolve']>) {
      const number = scalar.resolve(text, onError, options);
      if (jsonNumber.test(text)) return new NumberText(text);
      // JSON has no infinity
      return Number.isFinite(Number(number)) ? new NumberText(String(Number(number))) : text;
    },
  };
}

function fromParsed(parsed: unknown): Value {
  if (parsed instanceof Map) {
    const mapping = new Map<string, Value>();
    for (const [key, value] of parsed) mapping.set(keyOf(key), fromParsed(value));
    return mapping;
  }
  if (Array.isArray(parsed)) return parsed.map(fromParsed);
  if (typeof parsed === 'string' || typeof parsed === 'boolean' || parsed instanceof NumberText)
    return parsed;
  if (parsed === null || parsed === undefined) return null;
  return String(parsed);
}

function keyOf(key: unknown): string {
  return key instanceof NumberText ? key.text : String(key);
}
