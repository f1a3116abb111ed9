/** Entities of a federation: representations are read and checked, the rows come through joins. Source: spec/remote-schemas.md 11. */
import type { DelegatedItem } from '../plan/index.ts';
import {
  InvariantError,
  isJsonObject,
  type Json,
  type JsonObject,
  type Path,
  RequestError,
} from '../support/index.ts';
import { readDelegatedValue } from './delegated-value.ts';
import type { DelegatedAnswer, DelegatedExecutor, DelegatedPlan, PendingJoin } from './delegated.ts';

export const entitiesExecutor: DelegatedExecutor = {
  async execute(plan, { request }): Promise<DelegatedAnswer> {
    const [argument] = plan.field.arguments;
    if (argument === undefined) throw new InvariantError('entities without representations were let through');
    const path = plan.field.path.child('args').child('representations');
    const given = readDelegatedValue(argument.value, request.variables);
    const representations = Array.isArray(given) ? (given as readonly Json[]) : [given];
    const value: Json[] = representations.map(() => null);
    // elements of a list are members under their numbers
    const holder = value as unknown as Record<string, Json>;
    const joins = representations.flatMap((representation, index): PendingJoin[] => {
      const { join, values } = readRepresentation(representation, plan, path);
      return values.includes(null) ? [] : [{ holder, key: String(index), join, values }];
    });
    return { value, joins };
  },
};

function readRepresentation(
  representation: Json,
  plan: DelegatedPlan,
  path: Path,
): Pick<PendingJoin, 'join' | 'values'> {
  if (!isJsonObject(representation)) throw fault(path, 'representations is expecting a list of objects only');
  const typeName = readTypeName(representation, path);
  const item = itemOf(plan, typeName);
  if (item === null) {
    throw fault(
      path,
      `${typeName} is not found in selection set or apollo federation is not enabled for the type`,
    );
  }
  const { fields, join } = item;
  const values = fields.map((name): Json => {
    const value = representation[name];
    if (value === undefined) throw fault(path, `cannot find ${name} in _Any type`);
    return value;
  });
  return { join, values };
}

function readTypeName(representation: JsonObject, path: Path): string {
  const typeName = representation['__typename'];
  if (typeName === undefined) throw fault(path, '__typename key not found');
  if (typeof typeName !== 'string') throw fault(path, '__typename can only be a string value');
  return typeName;
}

function itemOf({ field }: DelegatedPlan, typeName: string): Extract<DelegatedItem, { kind: 'join' }> | null {
  const [item] = field.selection?.byType.get(typeName) ?? [];
  return item?.kind === 'join' ? item : null;
}

function fault(path: Path, message: string): RequestError {
  return new RequestError('validation-failed', path, message);
}
