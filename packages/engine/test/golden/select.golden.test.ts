/**
 * What the plans of selects become: the statement, and what PostgreSQL answers to it. `sql.txt` and `answer.json` of each case are rewritten by
 * `npx vitest run packages/engine/test/golden --update`; the difference is for people to review.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/database/index.ts';
import type { ParameterSource } from '../../src/permissions/index.ts';
import {
  renderExplain,
  renderMultiplexed,
  renderSelects,
  renderStream,
  type SelectPlan,
  type Statement,
} from '../../src/sql/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import {
  aggregate,
  and,
  by,
  call,
  cell,
  cells,
  compare,
  exists,
  functionCall,
  given,
  guarded,
  int4,
  int8,
  jsonb,
  list,
  nested,
  not,
  numeric,
  one,
  or,
  pairs,
  root,
  row,
  session,
  set,
  table,
  text,
  timestamptz,
  value,
  variable,
  yes,
} from '../support/plans.ts';
import { layOutSql } from './lay-out-sql.ts';

const author = table('author', { id: int4, name: text, bio: jsonb, rank: numeric });
const article = table('article', {
  id: int4,
  title: text,
  author_id: int4,
  editor_id: int4,
  published_at: timestamptz,
  words: int4,
});
const articlesOfAuthor = pairs(author, article, { id: 'author_id' });
const authorOfArticle = pairs(article, author, { author_id: 'id' });

let created: TestDatabase;
let db: Database;
beforeAll(async () => {
  created = await createTestDatabase();
  await created.sql(`
    create table author (id int primary key, name text not null, bio jsonb, rank numeric);
    create table article (id int primary key, title text, author_id int references author, editor_id int references author,
                          published_at timestamptz, words int);
    create function shout(author) returns text language sql stable as $$ select upper($1.name) $$;
    create function long_articles(author, least_words int default 100) returns setof article language sql stable
      as $$ select * from article where author_id = $1.id and words >= least_words order by id $$;
    create function search_articles(pattern text) returns setof article language sql stable
      as $$ select * from article where title like pattern order by id $$;
    insert into author values (1, 'Ann', '{"links": [{"url": "u1"}], "a b": 1}', 1.50), (2, 'Bo', null, 9007199254740993), (3, 'Cy', '[]', null);
    insert into article values (1, 'one', 1, 2, '2020-01-02 01:04:05.678901+00', 50), (2, 'two', 1, null, null, 150), (3, 'three', 2, 1, '2021-01-01', 250),
                               (4, 'four', 2, null, null, null), (5, 'five', null, 2, null, 10);
  `);
  db = openDatabase({ url: created.url, maxConnections: 2 });
});
afterAll(async () => {
  await db.close();
  await created.drop();
});

const sessionVariables = new Map([['x-hasura-user-id', '1']]);
const variables: Readonly<Record<string, string>> = { least: '2', most: '2' };

function bind(source: ParameterSource): string | null {
  switch (source.kind) {
    case 'literal':
      return source.text;
    case 'session':
      return sessionVariables.get(source.variable) ?? null;
    case 'session-object':
      return JSON.stringify(Object.fromEntries(sessionVariables));
    case 'rows-to-join':
      return '[]';
    case 'stream-cursor':
      return bind(source.initial);
    case 'variable':
      return source.encode(variables[source.name] ?? null);
  }
}

function golden(name: string, ...plans: readonly SelectPlan[]): Promise<void> {
  return compareStatement(name, renderSelects(plans));
}

async function compareStatement(name: string, statement: Statement): Promise<void> {
  await expect(
    `${layOutSql(statement.text)}\n${statement.parameters.map((source, index) => `-- $${index + 1} = ${describeSource(source)}\n`).join('')}`,
  ).toMatchFileSnapshot(`./${name}/sql.txt`);
  const columns = await db.queryBytes({ text: statement.text, parameters: statement.parameters.map(bind) });
  const members = columns.map(
    (bytes, index) =>
      `${JSON.stringify(statement.keys[index] ?? 'cursor')}: ${bytes === null ? 'null' : Buffer.concat(bytes).toString()}`,
  );
  await expect(`{${members.join(',\n')}}\n`).toMatchFileSnapshot(`./${name}/answer.json`);
}

function describeSource(source: ParameterSource): string {
  switch (source.kind) {
    case 'literal':
      return JSON.stringify(source.text);
    case 'session':
      return `session ${source.variable}`;
    case 'session-object':
      return 'session';
    case 'rows-to-join':
      return 'rows to join';
    case 'stream-cursor':
      return `stream cursor, at first ${describeSource(source.initial)}`;
    case 'variable':
      return `variable ${source.name}`;
  }
}

const authors = guarded(author);
const articles = guarded(article);
const own = compare(cell(article, 'author_id'), 'eq', session('x-hasura-user-id', int4), {
  isNullSafe: true,
});

describe('rows', () => {
  test('a list in an order', () =>
    golden(
      'rows/ordered-list',
      root(
        'author',
        list(
          set(authors, { orderBy: [by(cell(author, 'id'), 'desc')] }),
          cells(author, 'id', 'name', 'rank'),
        ),
      ),
    ));

  test('limit and offset, the smaller of limit and rule', () =>
    golden(
      'rows/limits',
      root(
        'both',
        list(
          set(articles, {
            orderBy: [by(cell(article, 'id'))],
            limit: given('3', int8),
            offset: given('1', int8),
          }),
          cells(article, 'id'),
          { permissionLimit: 2 },
        ),
      ),
      root(
        'variable',
        list(
          set(articles, { orderBy: [by(cell(article, 'id'))], limit: variable('most', int8) }),
          cells(article, 'id'),
          { permissionLimit: 3 },
        ),
      ),
      root(
        'rule',
        list(set(articles, { orderBy: [by(cell(article, 'id'))] }), cells(article, 'id'), {
          permissionLimit: 1,
        }),
      ),
    ));

  test('one row, and none', () => {
    const byKey = (id: string) => set(authors, { where: compare(cell(author, 'id'), 'eq', given(id, int4)) });
    return golden(
      'rows/by-key',
      root('there', one(byKey('1'), cells(author, 'name'))),
      root('missing', one(byKey('99'), cells(author, 'name'))),
    );
  });

  test('a single root field without a row is null', () =>
    golden(
      'rows/missing',
      root(
        'missing',
        one(
          set(authors, { where: compare(cell(author, 'id'), 'eq', given('99', int4)) }),
          cells(author, 'name'),
        ),
      ),
    ));

  test('related rows, to one and to many, under the guard of their table', () =>
    golden(
      'rows/relationships',
      root(
        'author',
        list(set(authors, { orderBy: [by(cell(author, 'id'))] }), [
          { key: '__typename', kind: 'typename', value: "author's \\ type" },
          ...cells(author, 'id'),
          nested(
            'articles',
            list(
              set(guarded(article, own), {
                join: articlesOfAuthor,
                orderBy: [by(cell(article, 'id'), 'desc')],
              }),
              [
                ...cells(article, 'title'),
                nested('author', one(set(authors, { join: authorOfArticle }), cells(author, 'name'))),
              ],
              { permissionLimit: 1 },
            ),
          ),
        ]),
      ),
    ));

  test('keys that cannot be column names', () => {
    const long = 'k'.repeat(64);
    return golden(
      'rows/odd-keys',
      root(
        'odd',
        one(set(authors, { where: compare(cell(author, 'id'), 'eq', given('1', int4)) }), [
          value(long, cell(author, 'id')),
          value(`it's "\\ ü`, cell(author, 'name')),
          value('_0', cell(author, 'rank')),
        ]),
      ),
      root(
        'list',
        list(set(authors, { orderBy: [by(cell(author, 'id'))] }), [
          value(long, cell(author, 'id')),
          nested(
            'articles',
            list(set(articles, { join: articlesOfAuthor, orderBy: [by(cell(article, 'id'))] }), [
              value(long, cell(article, 'id')),
            ]),
          ),
        ]),
      ),
    );
  });

  test('aliases are not taken for columns', () =>
    golden(
      'rows/alias-like-keys',
      root(
        '_0',
        list(
          set(authors, { orderBy: [by(cell(author, 'id'))] }),
          ['_0', '_1', '_2'].map((key) => value(key, cell(author, 'id'))),
        ),
      ),
    ));

  test('an empty selection', () => golden('rows/empty-selection', root('author', list(set(authors), []))));

  test('distinct rows by a column', () =>
    golden(
      'rows/distinct-on',
      root(
        'article',
        list(
          set(articles, {
            distinctOn: [cell(article, 'author_id')],
            orderBy: [by(cell(article, 'author_id')), by(cell(article, 'id'), 'desc')],
          }),
          [
            ...cells(article, 'id'),
            nested('author', one(set(authors, { join: authorOfArticle }), cells(author, 'name'))),
          ],
        ),
      ),
    ));

  test('JSON paths and output formats', () =>
    golden(
      'rows/formats',
      root(
        'author',
        list(set(authors, { orderBy: [by(cell(author, 'id'))] }), [
          {
            key: 'url',
            kind: 'value',
            operand: cell(author, 'bio'),
            jsonPath: ['links', '0', 'url'],
            format: 'json',
          },
          { key: 'odd', kind: 'value', operand: cell(author, 'bio'), jsonPath: ['a b'], format: 'json' },
          { key: 'quote', kind: 'value', operand: cell(author, 'bio'), jsonPath: ['"\\'], format: 'json' },
          value('digits', cell(author, 'rank')),
          value('text', cell(author, 'rank'), 'text'),
          value('upper', cell(author, 'name'), 'upper'),
        ]),
      ),
    ));

  test('a redacted cell is NULL wherever it is looked at', () => {
    const isOwn = compare(cell(author, 'id'), 'eq', session('x-hasura-user-id', int4));
    const rank = cell(author, 'rank', isOwn);
    return golden(
      'rows/redaction',
      root(
        'shown',
        list(set(authors, { orderBy: [by(rank), by(cell(author, 'id'))] }), [
          value('rank', rank),
          ...cells(author, 'name'),
        ]),
      ),
      root(
        'compared',
        list(set(authors, { where: compare(rank, 'gt', given('0', numeric)) }), cells(author, 'id')),
      ),
      root(
        'distinct',
        list(set(authors, { distinctOn: [rank], orderBy: [by(rank)] }), [value('rank', rank)]),
      ),
      root(
        'sum',
        aggregate(set(authors), [
          {
            key: 'aggregate',
            kind: 'aggregate',
            output: [
              {
                key: 'sum',
                kind: 'function',
                function: 'sum',
                output: [{ key: 'rank', kind: 'value', operand: rank, format: 'json' }],
              },
            ],
          },
        ]),
      ),
    );
  });
});

describe('order', () => {
  const name = {
    kind: 'related' as const,
    rows: authors,
    join: authorOfArticle,
    by: { kind: 'operand' as const, operand: cell(author, 'name') },
  };

  test('by a column of a unique related row, joined once', () =>
    golden(
      'order/related',
      root(
        'article',
        list(
          set(articles, {
            orderBy: [
              by(name, 'desc'),
              by({ ...name, by: { kind: 'operand', operand: cell(author, 'rank') } }),
              by(cell(article, 'id')),
            ],
          }),
          cells(article, 'id'),
        ),
      ),
    ));

  test('a related row that the guard hides counts as NULL', () => {
    const hidden = guarded(author, compare(cell(author, 'id'), 'neq', given('1', int4)));
    return golden(
      'order/hidden-related',
      root(
        'article',
        list(
          set(articles, { orderBy: [by({ ...name, rows: hidden }), by(cell(article, 'id'))] }),
          cells(article, 'id', 'author_id'),
        ),
      ),
    );
  });

  test('by a computed field of a related row', () =>
    golden(
      'order/related-call',
      root(
        'article',
        list(
          set(articles, {
            orderBy: [
              by({ ...name, by: { kind: 'operand', operand: call('shout', text) } }),
              by(cell(article, 'id')),
            ],
          }),
          cells(article, 'id'),
        ),
      ),
    ));

  test('by aggregates of related rows', () =>
    golden(
      'order/related-aggregate',
      root(
        'author',
        list(
          set(authors, {
            orderBy: [
              by(
                {
                  kind: 'related-aggregate',
                  rows: articles,
                  join: articlesOfAuthor,
                  function: 'count',
                  operand: null,
                },
                'desc',
              ),
              by({
                kind: 'related-aggregate',
                rows: articles,
                join: articlesOfAuthor,
                function: 'max',
                operand: cell(article, 'words'),
              }),
            ],
          }),
          cells(author, 'id'),
        ),
      ),
    ));
});

describe('where', () => {
  const byId = (where: Parameters<typeof not>[0], rows = articles) =>
    list(set(rows, { where, orderBy: [by(cell(article, 'id'))] }), cells(article, 'id'));

  test('empty conjunctions and disjunctions, and negation', () =>
    golden(
      'where/logic',
      root('all', byId(and())),
      root('none', byId(or())),
      root('not', byId(not(and()))),
      root(
        'either',
        byId(
          or(
            compare(cell(article, 'id'), 'eq', given('1', int4)),
            and(
              compare(cell(article, 'id'), 'gt', variable('least', int4)),
              compare(cell(article, 'words'), 'lte', given('250', int4)),
            ),
          ),
        ),
      ),
    ));

  test('lists', () =>
    golden(
      'where/lists',
      root('in', byId(compare(cell(article, 'id'), 'in', given('{1,3}', int4, { isArray: true })))),
      root('none', byId(compare(cell(article, 'id'), 'in', given('{}', int4, { isArray: true })))),
      root('nin', byId(compare(cell(article, 'id'), 'nin', given('{1,3}', int4, { isArray: true })))),
      root(
        'elements',
        byId(compare(cell(article, 'id'), 'in', { kind: 'list', elements: [given('2', int4)], type: int4 })),
      ),
      root('empty', byId(compare(cell(article, 'id'), 'nin', { kind: 'list', elements: [], type: int4 }))),
    ));

  test('null tests and null-safe equality', () =>
    golden(
      'where/nulls',
      root('null', byId({ kind: 'null-test', operand: cell(article, 'words'), isNull: true })),
      root('given', byId({ kind: 'null-test', operand: cell(article, 'words'), isNull: false })),
      root('eq', byId(compare(cell(article, 'words'), 'eq', given(null, int4), { isNullSafe: true }))),
      root('neq', byId(compare(cell(article, 'words'), 'neq', given(null, int4), { isNullSafe: true }))),
      root('session', byId(own)),
    ));

  test('a related row must satisfy condition and guard', () => {
    const low = guarded(author, compare(cell(author, 'rank'), 'lt', given('2', numeric)));
    return golden(
      'where/exists',
      root(
        'visible',
        byId(exists(low, authorOfArticle, compare(cell(author, 'name'), 'like', given('%', text)))),
      ),
      root('all', byId(exists(authors, authorOfArticle))),
      root('untied', byId(exists(authors, [], compare(cell(author, 'name'), 'eq', given('Nobody', text))))),
    );
  });

  test('columns of the current and of the root row', () => {
    const later = compare(cell(article, 'id'), 'gt', {
      kind: 'column',
      column: article.columns.get('id') as never,
      of: 'root',
    });
    const edited = compare(cell(article, 'author_id'), 'neq', {
      kind: 'column',
      column: article.columns.get('editor_id') as never,
      of: 'current',
    });
    const sameAuthor = exists(authors, authorOfArticle, exists(articles, articlesOfAuthor, later));
    return golden(
      'where/columns',
      root('current', byId(edited)),
      root('root', byId(yes, guarded(article, sameAuthor))),
      root(
        'own-root',
        byId(exists(authors, authorOfArticle, exists(guarded(article, sameAuthor), articlesOfAuthor))),
      ),
    );
  });

  test('aggregates of related rows', () => {
    const result = { kind: 'aggregate-result' as const };
    const test_ = {
      kind: 'aggregate-test' as const,
      rows: articles,
      join: articlesOfAuthor,
      filter: yes,
      aggregate: { function: 'count', operands: [], isDistinct: false },
      predicate: compare(result, 'gte', given('2', int4)),
    };
    const byAuthor = (where: Parameters<typeof not>[0]) =>
      list(set(authors, { where, orderBy: [by(cell(author, 'id'))] }), cells(author, 'id'));
    return golden(
      'where/aggregates',
      root('two', byAuthor(test_)),
      root('none', byAuthor({ ...test_, predicate: compare(result, 'eq', given('0', int4)) })),
      root(
        'long',
        byAuthor({
          ...test_,
          filter: compare(cell(article, 'words'), 'gt', given('100', int4)),
          aggregate: {
            function: 'count',
            operands: [cell(article, 'editor_id'), cell(article, 'id')],
            isDistinct: true,
          },
          predicate: and(compare(result, 'gt', given('0', int4)), compare(result, 'lt', given('2', int4))),
        }),
      ),
    );
  });
});

describe('aggregates', () => {
  const all = {
    key: 'aggregate',
    kind: 'aggregate' as const,
    output: [
      { key: '__typename', kind: 'typename' as const, value: 'article_aggregate_fields' },
      { key: 'count', kind: 'count' as const, operands: [], isDistinct: false },
      { key: 'words', kind: 'count' as const, operands: [cell(article, 'words')], isDistinct: true },
      {
        key: 'pairs',
        kind: 'count' as const,
        operands: [cell(article, 'words'), cell(article, 'editor_id')],
        isDistinct: true,
      },
      {
        key: 'sum',
        kind: 'function' as const,
        function: 'sum',
        output: [
          { key: 'words', kind: 'value' as const, operand: cell(article, 'words'), format: 'text' as const },
        ],
      },
      {
        key: 'max',
        kind: 'function' as const,
        function: 'max',
        output: [
          { key: '__typename', kind: 'typename' as const, value: 'm' },
          { key: 'title', kind: 'value' as const, operand: cell(article, 'title'), format: 'json' as const },
        ],
      },
    ],
  };
  const nodes = {
    key: 'nodes',
    kind: 'nodes' as const,
    output: [
      ...cells(article, 'id'),
      nested('author', one(set(authors, { join: authorOfArticle }), cells(author, 'name'))),
    ],
  };
  const inOrder = { orderBy: [by(cell(article, 'id'))] };

  test('without nodes nothing is sorted', () =>
    golden(
      'aggregates/plain',
      root('a', aggregate(set(articles, inOrder), [all], 1)),
      root('none', aggregate(set(articles, { where: or() }), [all])),
    ));
  test('over a limited set, with its nodes', () =>
    golden(
      'aggregates/nodes',
      root(
        'a',
        aggregate(set(articles, { ...inOrder, limit: given('2', int8), offset: given('1', int8) }), [
          all,
          nodes,
        ]),
      ),
    ));
  test("the rule's limit cuts nodes only", () =>
    golden(
      'aggregates/permission-limit',
      root('a', aggregate(set(articles, { ...inOrder, limit: given('3', int8) }), [nodes, all], 2)),
      root(
        'more',
        aggregate(
          set(articles, inOrder),
          [
            { ...nodes, key: 'a' },
            { ...nodes, key: 'b' },
          ],
          100,
        ),
      ),
    ));
  test('per parent row', () =>
    golden(
      'aggregates/nested',
      root(
        'author',
        list(set(authors, { orderBy: [by(cell(author, 'id'))], limit: given('10', int8) }), [
          nested(
            'articles_aggregate',
            aggregate(set(articles, { join: articlesOfAuthor, ...inOrder }), [all, nodes], 1),
          ),
        ]),
      ),
    ));
});

describe('functions', () => {
  test('as a row source under the guard of its table', () =>
    golden(
      'functions/root',
      root(
        'search',
        list(
          set(
            guarded(article, own, {
              kind: 'function',
              call: functionCall('search_articles', [
                { kind: 'value', name: null, value: given('%o%', text) },
              ]),
            }),
            { limit: given('1', int8) },
          ),
          cells(article, 'id', 'title'),
        ),
      ),
    ));

  test('computed fields, scalar and rows, also after a sort', () =>
    golden(
      'functions/computed',
      root(
        'author',
        list(
          set(authors, {
            orderBy: [by(cell(author, 'id'))],
            where: compare(call('shout', text), 'like', given('%', text)),
          }),
          [
            value('shout', call('shout', text)),
            nested(
              'long',
              list(
                set(
                  guarded(article, yes, {
                    kind: 'function',
                    call: functionCall('long_articles', [
                      row,
                      { kind: 'value', name: 'least_words', value: variable('least', int4) },
                    ]),
                  }),
                  { orderBy: [by(cell(article, 'id'), 'desc')] },
                ),
                cells(article, 'id', 'words'),
              ),
            ),
          ],
        ),
      ),
    ));
});

describe('streams', () => {
  const after = (initial: string | null, size: string, direction: 'asc' | 'desc' = 'asc') =>
    root(
      'article_stream',
      list(set(articles), cells(article, 'id', 'author_id'), {
        permissionLimit: 3,
        stream: {
          operand: cell(article, 'author_id'),
          column: 'author_id',
          direction,
          initialValue: initial === null ? null : given(initial, int4),
          batchSize: given(size, int4),
        },
      }),
    );

  test('rows that equal the last one come along, and the cursor says where they ended', () =>
    compareStatement('streams/ties', renderStream(after('0', '1'))));
  test('downwards', () => compareStatement('streams/descending', renderStream(after('5', '1', 'desc'))));
  test('an empty batch has no cursor', () =>
    compareStatement('streams/empty', renderStream(after('9', '1'))));
  test('without a starting point nothing matches', () =>
    compareStatement('streams/no-start', renderStream(after(null, '10'))));
});

describe('other forms of the same statement', () => {
  const plan = root(
    'article',
    list(
      set(guarded(article, own), {
        where: and(
          compare(cell(article, 'words'), 'gte', variable('least', int4)),
          compare(cell(article, 'title'), 'neq', given("it's \\", text)),
          compare(cell(article, 'words'), 'neq', given(null, int4), { isNullSafe: true }),
        ),
      }),
      cells(article, 'id'),
    ),
  );

  test('with values written into it, for explain', async () => {
    const statement = renderExplain([plan], bind);
    await expect(layOutSql(statement)).toMatchFileSnapshot('./forms/explain/sql.txt');
    const answer = await db.queryBytes({ text: statement, parameters: [] });
    expect(Buffer.concat(answer[0] ?? []).toString()).toBe('[{"id":1}, \n {"id":2}]');
  });

  test('with values from the rows of many cohorts', async () => {
    const statement = renderMultiplexed([plan]);
    if (statement === null) throw new Error('the plan has values');
    await expect(layOutSql(statement.text)).toMatchFileSnapshot('./forms/multiplexed/sql.txt');
    const quoted = (value: string | null) => (value === null ? 'null' : `'${value.replaceAll("'", "''")}'`);
    // from behind, so that `$1` is not found in `$10`
    const sql = statement.parameters.reduceRight((textSoFar, { source }, index) => {
      const each = ['1', '2'].map((user) => quoted(source.kind === 'session' ? user : bind(source)));
      return textSoFar.replace(`$${index + 1}`, () => `array[${each.join(', ')}]`);
    }, statement.text);
    expect((await created.sql(sql)).map((cohort) => Object.values(cohort))).toEqual([
      ['1', [{ id: 1 }, { id: 2 }]],
      ['2', [{ id: 3 }]],
    ]);
  });
});
