import type {
  AggregateItem,
  EdgeItem,
  Join,
  Mutation,
  MutationOutput,
  OutputItem,
  Select,
} from '../../plan/index.ts';
import type { Json } from '../../support/index.ts';
import type { PendingJoin } from '../delegated.ts';

/** Where in an answer something is to be looked up: at `key` of the objects that the response keys of `path` lead to, through lists. */
export interface JoinSite {
  readonly path: readonly string[];
  readonly key: string;
  readonly join: Join;
}

export function sitesOfSelect(select: Select, path: readonly string[] = []): readonly JoinSite[] {
  if (select.kind === 'rows') return sitesOfOutput(select.output, path);
  if (select.kind === 'connection') {
    return select.output.flatMap((item) =>
      item.kind === 'edges' ? sitesOfEdges(item.output, [...path, item.key]) : [],
    );
  }
  return select.output.flatMap((item: AggregateItem) =>
    item.kind === 'nodes' ? sitesOfOutput(item.output, [...path, item.key]) : [],
  );
}

function sitesOfEdges(output: readonly EdgeItem[], path: readonly string[]): readonly JoinSite[] {
  return output.flatMap((item) =>
    item.kind === 'node' ? sitesOfOutput(item.output, [...path, item.key]) : [],
  );
}

export function sitesOfMutation(mutation: Mutation): readonly JoinSite[] {
  switch (mutation.kind) {
    case 'function':
      return sitesOfSelect(mutation.select);
    case 'update-many':
      // its answers are those of its updates, one by one, all of one form
      return mutation.updates.slice(0, 1).flatMap(({ output }) => sitesOfMutationOutput(output));
    default:
      return sitesOfMutationOutput(mutation.output);
  }
}

function sitesOfMutationOutput(output: MutationOutput): readonly JoinSite[] {
  if (output.kind === 'row') return sitesOfOutput(output.output, []);
  return output.items.flatMap((item) =>
    item.kind === 'returning' ? sitesOfOutput(item.output, [item.key]) : [],
  );
}

function sitesOfOutput(output: readonly OutputItem[], path: readonly string[]): readonly JoinSite[] {
  return output.flatMap((item) => {
    if (item.kind === 'join') return [{ path, key: item.key, join: item.join }];
    return item.kind === 'select' ? sitesOfSelect(item.select, [...path, item.key]) : [];
  });
}

/** The members of a parsed answer that stand at the sites. PostgreSQL has put there what they are joined by. */
export function pendingAt(answer: Json, sites: readonly JoinSite[]): readonly PendingJoin[] {
  const pending: PendingJoin[] = [];
  for (const site of sites) visit(answer, site, 0, pending);
  return pending;
}

function visit(value: Json, site: JoinSite, depth: number, pending: PendingJoin[]): void {
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) visit(item, site, depth, pending);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  // a parsed answer belongs to nobody else
  const holder = value as Record<string, Json>;
  const step = site.path[depth];
  if (step !== undefined) {
    visit(holder[step] ?? null, site, depth + 1, pending);
    return;
  }
  const values = holder[site.key];
  if (Array.isArray(values)) pending.push({ holder, key: site.key, join: site.join, values });
}
