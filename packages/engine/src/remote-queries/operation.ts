/** The operation that a service is sent for one of its root fields, or for a field below rows of another place. */
import type { RemoteSchemaAccess } from '../model/index.ts';
import type { DelegatedField, DelegatedValue } from '../plan/index.ts';
import type { RemoteOperation } from '../remote-schemas/index.ts';
import { InvariantError } from '../support/index.ts';
import { FieldPrinter, type JoinedPlace } from './field-printer.ts';
import type { PrintOptions } from './inputs.ts';
import type { SentJoinedField, SentOperation } from './sent.ts';

/** Source of the text's form: spec/remote-schemas.md 6.2. */
export function makeOperation(
  root: DelegatedField,
  target: {
    readonly access: RemoteSchemaAccess;
    readonly operation: RemoteOperation;
    readonly field: string;
  },
  options: PrintOptions,
): SentOperation {
  const rootType = target.access.typeSystem.roots[target.operation];
  if (rootType === null) throw new InvariantError(`the remote schema has no ${target.operation} root`);
  const printer = new FieldPrinter(target.access, options, variableNames(root));
  const { text, field } = printer.printField(root, { parent: rootType, name: target.field });
  return { selectionText: `{ ${text} }`, variables: printer.variables.all, field };
}

/** @param way the fields that lead to it */
export function makeJoinedField(
  field: DelegatedField,
  access: RemoteSchemaAccess,
  { way, place }: { readonly way: readonly JoinedPlace[]; readonly place: JoinedPlace },
  options: PrintOptions,
): SentJoinedField {
  const printer = new FieldPrinter(access, options, variableNames(field));
  return {
    before: way.map((step) => printer.printPresets(step)),
    ...printer.printJoinedField(field, place),
    variables: printer.variables.all,
  };
}

/** Of the client's variables that stand anywhere in the field. */
function variableNames(field: DelegatedField): ReadonlySet<string> {
  const names = new Set<string>();
  const visitValue = (value: DelegatedValue): void => {
    if (value.kind === 'variable') names.add(value.name);
    else if (value.kind === 'list') value.items.forEach(visitValue);
    else if (value.kind === 'object') for (const member of value.members) visitValue(member.value);
  };
  const visit = ({ arguments: given, selection }: DelegatedField): void => {
    for (const member of given) visitValue(member.value);
    if (selection === null) return;
    const { byType, groups, other } = selection;
    for (const items of [...byType.values(), ...groups.map((group) => group.items), other]) {
      for (const item of items) if (item.kind === 'field') visit(item.field);
    }
  };
  visit(field);
  return names;
}
