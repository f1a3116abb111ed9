/**
 * Many clients write the same rows under different roles, for a minute; then no row may break any role's check, and no request may have failed through
 * the engine's fault.
 *
 *   npm run soak -- [--seconds 60] [--clients 50]
 */
import { parseArgs } from 'node:util';
import { openDatabase } from '../packages/engine/src/database/index.ts';
import { createEngine } from '../packages/engine/src/index.ts';
import { startTestPostgres } from '../packages/engine/test/support/postgres-server.ts';

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, clients: { type: 'string', default: '50' } },
});
const owned = (min: number) => ({
  _and: [{ owner: { _eq: 'X-Hasura-User-Id' } }, { balance: { _gte: min } }],
});
const permissions = (role: string, min: number) => ({
  select: { role, permission: { columns: '*', filter: {} } },
  insert: { role, permission: { columns: '*', check: owned(min) } },
  update: {
    role,
    permission: {
      columns: ['balance', 'owner'],
      filter: { owner: { _eq: 'X-Hasura-User-Id' } },
      check: owned(min),
    },
  },
  delete: { role, permission: { filter: { owner: { _eq: 'X-Hasura-User-Id' } } } },
});
const teller = permissions('teller', 0);
const broker = permissions('broker', -100);

const secret = 'soak';
const postgres = await startTestPostgres();
const database = openDatabase({ url: postgres.url });
await database.script(`drop table if exists accounts;
  create table accounts (id int primary key, owner int not null, balance int not null)`);
const engine = await createEngine({ databaseUrl: postgres.url, adminSecret: secret });
let exitCode = 1;
try {
  await engine.metadata.run({ type: 'pg_track_table', args: { table: 'accounts' } });
  for (const [operation, ...rules] of Object.keys(teller).map((key) => {
    const name = key as keyof typeof teller;
    return [name, teller[name], broker[name]] as const;
  })) {
    for (const rule of rules) {
      await engine.metadata.run({
        type: `pg_create_${operation}_permission`,
        args: { table: 'accounts', ...rule },
      });
    }
  }
  exitCode = await soak();
} finally {
  await engine.close();
  await database.close();
  await postgres.stop();
}
process.exit(exitCode);

async function soak(): Promise<number> {
  const end = Date.now() + Number(options.seconds) * 1000;
  const outcomes = new Map<string, number>();
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  await Promise.all(Array.from({ length: Number(options.clients) }, (_, client) => run(client, end, count)));
  for (const [outcome, times] of [...outcomes].sort()) console.log(`${outcome}: ${times}`);
  // tellers own even numbers and never go below 0, brokers own odd ones and never below -100
  const broken = await database.queryRows({
    text: 'select id from accounts where (owner % 2 = 0 and balance < 0) or (owner % 2 = 1 and balance < -100)',
    parameters: [],
  });
  const faults = [...outcomes.keys()].filter((outcome) => /unexpected|postgres-error/.test(outcome));
  console.log(`${broken.length} rows break a check, ${faults.length} kinds of faults`);
  return broken.length === 0 && faults.length === 0 ? 0 : 1;
}

async function run(client: number, end: number, count: (outcome: string) => void): Promise<void> {
  const headers = {
    'x-hasura-admin-secret': secret,
    'x-hasura-role': client % 2 === 0 ? 'teller' : 'broker',
    'x-hasura-user-id': String(client),
  };
  const random = (below: number) => Math.floor(Math.random() * below);
  while (Date.now() < end) {
    const [first, second] = [random(40), random(40)];
    const balance = random(400) - 200;
    // another's owner is refused by the check, whoever that is
    const owner = random(10) === 0 ? client + 1 : client;
    const document = [
      `mutation { insert_accounts(objects: [{id: ${first}, owner: ${owner}, balance: ${balance}}, {id: ${first === second ? 40 : second}, owner: ${client}, balance: 1}],
        on_conflict: {constraint: accounts_pkey, update_columns: [balance]}) { affected_rows } }`,
      `mutation { update_accounts(where: {id: {_in: [${first}, ${second}]}}, _inc: {balance: ${balance}}) { affected_rows } }`,
      `mutation { update_accounts_by_pk(pk_columns: {id: ${first}}, _set: {owner: ${owner}}) { id } }`,
      `mutation { delete_accounts(where: {id: {_gte: ${Math.max(first, second) - 1}}}) { affected_rows } }`,
      `mutation { a: update_accounts_by_pk(pk_columns: {id: ${first}}, _inc: {balance: 1}) { id } b: update_accounts_by_pk(pk_columns: {id: ${second}}, _inc: {balance: -1}) { id } }`,
    ][random(5)] as string;
    const request = new Request('http://localhost/v1/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: document }),
    });
    const answer = (await (await engine.fetch(request)).json()) as {
      errors?: { extensions: { code: string } }[];
    };
    count(answer.errors?.[0]?.extensions.code ?? 'done');
  }
}
