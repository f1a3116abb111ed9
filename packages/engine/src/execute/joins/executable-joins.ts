import type { DelegatedSelection, Join } from '../../plan/index.ts';
import { renderRowsJoin, type Statement } from '../../sql/index.ts';
import { withinLimit } from '../parameter-limit.ts';
import { type JoinSite, sitesOfSelect } from './sites.ts';

/** A join of rows made ready: its statement, and the joins inside of what it finds. */
export interface ExecutableJoin {
  readonly statement: Statement;
  readonly sites: readonly JoinSite[];
}

export type ExecutableJoins = ReadonlyMap<Join, ExecutableJoin>;

/** Makes ready the joins at the sites and below the selections, and those inside of them. */
export function makeJoins(
  sites: Iterable<JoinSite>,
  selections: Iterable<DelegatedSelection | null>,
): ExecutableJoins {
  const joins = new Map<Join, ExecutableJoin>();
  const add = (join: Join): void => {
    if (join.kind === 'remote-field') {
      addSelection(join.field.selection, add);
      return;
    }
    const inner = sitesOfSelect(join.select);
    joins.set(join, { statement: withinLimit(renderRowsJoin(join)), sites: inner });
    for (const site of inner) add(site.join);
  };
  for (const { join } of sites) add(join);
  for (const selection of selections) addSelection(selection, add);
  return joins;
}

function addSelection(selection: DelegatedSelection | null, add: (join: Join) => void): void {
  if (selection === null) return;
  const { byType, groups, other } = selection;
  for (const items of [...byType.values(), ...groups.map(({ items }) => items), other]) {
    for (const item of items) {
      if (item.kind === 'join') add(item.join);
      else if (item.kind === 'field') addSelection(item.field.selection, add);
    }
  }
}
