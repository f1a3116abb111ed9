import { isMapping, type Mapping, mappingOf, mappingsIn, type Value } from '../document/index.ts';
import { exportActions, readActions, typeLists } from '../project/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import type { ActionFiles } from './action-files.ts';

/** The texts of `actions.graphql` and `actions.yaml`. */
export type ActionTexts = { readonly sdl: string; readonly yaml: string };

export type NewActionDefaults = {
  /** `synchronous` or `asynchronous`, for mutations. */
  readonly kind: string;
  /** Without a slash at the end. */
  readonly handlerBase: string;
};

/**
 * The files of a project with what some SDL adds: each field of `Mutation` and `Query` becomes an action with `<base>/<name>` as its handler. What stands in
 * `actions.graphql` stays as it is written. Source: spec/cli.md 5.7.
 * @throws UserError when it is no SDL, or something of that name is there
 */
export function addToActions(
  before: Pick<ActionFiles, 'sdl' | 'actions' | 'types'>,
  added: string,
  { kind, handlerBase }: NewActionDefaults,
): ActionTexts {
  const fresh = parsed(added);
  const actions = mappingsIn(fresh.get('actions')).map((action) =>
    withDefinition(action, (definition) => {
      definition.set('handler', `${handlerBase}/${String(action.get('name'))}`);
      if (definition.get('type') === 'mutation') definition.set('kind', kind);
    }),
  );
  if (actions.length === 0) {
    throw new UserError('the definition has no action: a field of type Mutation or type Query is expected');
  }
  refuseKnown('action', names(before.actions), names(actions));
  const addedTypes = fresh.get('custom_types') ?? null;
  const known = typeLists.flatMap((list) => names(typesIn(before.types, list)));
  const types = mappingOf(
    typeLists.map((list) => {
      refuseKnown('custom type', known, names(typesIn(addedTypes, list)));
      return [list, [...typesIn(before.types, list), ...typesIn(addedTypes, list)]] as const;
    }),
  );
  const { yaml } = exportActions([...before.actions, ...actions], types);
  const { sdl } = exportActions(actions, addedTypes);
  const start = before.sdl.trim() === '' ? '' : `${before.sdl.trimEnd()}\n\n`;
  return { yaml, sdl: start + sdl };
}

function parsed(sdl: string): Mapping {
  try {
    return readActions(null, sdl);
  } catch (error) {
    throw new UserError(`the definition is not valid: ${messageOf(error)}`, { cause: error });
  }
}

function typesIn(types: Value, list: string): readonly Mapping[] {
  return mappingsIn(isMapping(types) ? types.get(list) : []);
}

function names(entries: Value | undefined): string[] {
  return mappingsIn(entries).map((entry) => String(entry.get('name')));
}

function refuseKnown(what: string, known: readonly string[], added: readonly string[]): void {
  const twice = added.find((name) => known.includes(name));
  if (twice !== undefined) throw new UserError(`${what} ${twice} already exists in actions.graphql`);
}

function withDefinition(action: Mapping, change: (definition: Map<string, Value>) => void): Mapping {
  const declared = action.get('definition');
  const definition = new Map(isMapping(declared) ? declared : []);
  change(definition);
  return new Map([...action, ['definition', definition]]);
}
