import type { Engine, RuleUse } from '@postern/engine';
import { ADMIN_SECRET } from './test-bed.ts';
import { isMapping } from './test-file.ts';

/** A request that touches many tables would bury its difference. */
const MAX_EXPLAINED = 4;
const MAX_SQL_LENGTH = 600;

type Asker = { readonly role: string; readonly sessionVariables: Readonly<Record<string, string>> };

/** What `/v1/permissions/explain` says of the rules that a request has used: columns, conditions with their values, the SQL of a select. */
export async function explainRules(
  used: readonly RuleUse[],
  asker: Asker,
  engine: Engine,
): Promise<string[]> {
  // an administrator is under no rule
  if (asker.role === 'admin') return [];
  const explained: string[] = [];
  for (const use of used.slice(0, MAX_EXPLAINED)) explained.push(...(await explainRule(use, asker, engine)));
  const others = used.length - MAX_EXPLAINED;
  if (others > 0) explained.push(`and ${others} more rules`);
  return explained.length === 0 ? [] : ['why:', ...explained.map((line) => `  ${line}`)];
}

async function explainRule(
  { source, table, operation }: RuleUse,
  { role, sessionVariables }: Asker,
  engine: Engine,
): Promise<string[]> {
  const response = await engine.fetch(
    new Request('http://localhost/v1/permissions/explain', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hasura-admin-secret': ADMIN_SECRET },
      body: JSON.stringify({ role, session_variables: sessionVariables, source, table, operation }),
    }),
  );
  const answer: unknown = await response.json();
  if (!response.ok || !isMapping(answer)) return [];
  const { allowed, reason, columns, rules, sql } = answer;
  const title = `${role} may ${operation} on ${table.schema}.${table.name}`;
  return [
    allowed === true ? `${title}:` : `${title}? No: ${String(reason)}`,
    ...(Array.isArray(columns) && columns.length > 0 ? [`  columns ${columns.join(', ')}`] : []),
    ...(Array.isArray(rules) ? rules : []).flatMap((rule) => {
      if (!isMapping(rule)) return [];
      return (['filter', 'check'] as const).flatMap((part) => {
        const condition = rule[part];
        return isMapping(condition) ? [`  ${part} ${JSON.stringify(condition['condition'])}`] : [];
      });
    }),
    ...(typeof sql === 'string' ? [`  sql ${shortened(sql)}`] : []),
  ];
}

function shortened(text: string): string {
  return text.length <= MAX_SQL_LENGTH ? text : `${text.slice(0, MAX_SQL_LENGTH)}…`;
}
