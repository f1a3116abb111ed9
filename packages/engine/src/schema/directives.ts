/** The directives that clients may use, as introspection lists them. Source: spec/graphql-api.md 12.2. */
import { inputValue } from './lazy-types.ts';
import { byName } from './members.ts';
import { required } from './type-references.ts';
import { strictScalars } from './scalars.ts';
import type { InputValue } from './types.ts';

export interface Directive {
  readonly name: string;
  readonly description: string;
  readonly locations: readonly string[];
  readonly arguments: ReadonlyMap<string, InputValue>;
}

const condition = byName([
  inputValue('if', null, required(strictScalars.Boolean), { kind: 'part', name: 'if' }),
]);
const onSelections = ['FIELD', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT'];

export const directives: readonly Directive[] = [
  {
    name: 'include',
    description: 'whether this query should be included',
    locations: onSelections,
    arguments: condition,
  },
  {
    name: 'skip',
    description: 'whether this query should be skipped',
    locations: onSelections,
    arguments: condition,
  },
  {
    name: 'cached',
    description: 'whether this query should be cached (Hasura Cloud only)',
    locations: ['QUERY'],
    arguments: byName([
      inputValue(
        'refresh',
        'refresh the cache entry',
        required(strictScalars.Boolean),
        { kind: 'part', name: 'refresh' },
        'false',
      ),
      inputValue(
        'ttl',
        'measured in seconds',
        required(strictScalars.Int),
        { kind: 'part', name: 'ttl' },
        '60',
      ),
    ]),
  },
];
