import type { RootPlan } from '../plan/index.ts';
import type { Executable } from './executable.ts';

export type TagFormat = 'standard' | 'standard_prepended' | 'sqlcommenter';

/** What the comments of an operation's statements say, where sources want such comments. */
export interface StatementTags {
  /** By source; the same object until one of the sources changes its mind. */
  readonly sources: ReadonlyMap<string, TagSettings>;
  readonly operationName: string | null;
  readonly parameterizedHash: string | null;
  readonly requestId: string | null;
}

export interface TagSettings {
  readonly format: TagFormat;
  /** Makes the text of every request another one, so that nothing is prepared. */
  readonly hasRequestId: boolean;
}

/** Puts the comment on statements of one operation for one source. */
export interface Tagger {
  readonly tag: (text: string) => string;
  /** The text is the same for every request with this operation. */
  readonly isStable: boolean;
}

/** Texts of an operation with their comments, for the settings that they were made with. */
interface TaggedTexts {
  readonly sources: StatementTags['sources'];
  readonly bySource: Map<string, Tagger>;
}

const known = new WeakMap<Executable, TaggedTexts>();

/** Null for a source that wants no comments. Source: spec/server.md 6.2. */
export function taggerFor(source: string, executable: Executable, tags: StatementTags): Tagger | null {
  const settings = tags.sources.get(source);
  if (settings === undefined) return null;
  const { requestId } = tags;
  if (settings.hasRequestId && requestId !== null && executable.operation !== 'subscription') {
    const comment = commentFor(source, executable, tags, settings);
    return { tag: (text) => place(text, comment, settings.format), isStable: false };
  }
  let texts = known.get(executable);
  if (texts?.sources !== tags.sources) {
    texts = { sources: tags.sources, bySource: new Map() };
    known.set(executable, texts);
  }
  let tagger = texts.bySource.get(source);
  if (tagger === undefined) {
    tagger = stableTagger(commentFor(source, executable, tags, settings), settings.format);
    texts.bySource.set(source, tagger);
  }
  return tagger;
}

/** Each text is put together once, so that it is the same object, which the driver finds fast. An operation has few texts. */
function stableTagger(comment: string, format: TagFormat): Tagger {
  const tagged = new Map<string, string>();
  return {
    isStable: true,
    tag(text) {
      let result = tagged.get(text);
      if (result === undefined) {
        result = place(text, comment, format);
        tagged.set(text, result);
      }
      return result;
    },
  };
}

function place(text: string, comment: string, format: TagFormat): string {
  return format === 'standard_prepended' ? `${comment} ${text}` : `${text} ${comment}`;
}

function commentFor(
  source: string,
  { plan, operation }: Executable,
  tags: StatementTags,
  { format, hasRequestId }: TagSettings,
): string {
  const isSubscription = operation === 'subscription';
  const members: (readonly [string, readonly (string | null)[]])[] = [
    ['request_id', [hasRequestId && !isSubscription ? tags.requestId : null]],
    ['field_name', fieldNames(plan.fields, source)],
    ['operation_name', [isSubscription ? null : tags.operationName]],
    ['parameterized_query_hash', [tags.parameterizedHash]],
  ];
  const given = members.flatMap(([name, values]) => {
    const texts = values.flatMap((value) => (value === null ? [] : [escapeTag(value)]));
    return texts.length === 0 ? [] : [{ name, texts }];
  });
  if (format !== 'sqlcommenter')
    return `/* ${given.map(({ name, texts }) => `${name}=${texts.join(',')}`).join(', ')} */`;
  given.sort((first, second) => (first.name < second.name ? -1 : 1));
  return `/* ${given.map(({ name, texts }) => `${name}='${texts.join('%2C')}'`).join(',')} */`;
}

/** One statement answers all root fields of its source; what is joined belongs to all of them. */
export function fieldNames(fields: readonly RootPlan[], source: string): readonly string[] {
  const all = fields.flatMap((field): readonly RootPlan[] =>
    field.kind === 'namespace' ? field.fields : [field],
  );
  const own = all.filter((field) => 'source' in field && field.source === source);
  return (own.length > 0 ? own : all).map(({ key }) => key).slice(0, namedFields);
}

/** More names are no help to anybody. */
const namedFields = 20;

/** Nothing in it can end the comment, or the quotes: every byte but letters, digits and `-_.~:` is written as `%XX`. */
export function escapeTag(value: string): string {
  return value.replace(/[^A-Za-z0-9\-_.~:]/gu, (character) =>
    [...Buffer.from(character, 'utf8')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
