/** Fields that lead from an object to rows of a table anywhere. Source: spec/remote-schemas.md 9. */
import type { RemoteRowsRelationship } from '../model/index.ts';
import { aggregateObject } from './aggregates.ts';
import type { SchemaContext } from './context.ts';
import { field } from './lazy-types.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { tableObject } from './table-object.ts';
import { aggregateFieldName, tableArguments } from './table-inputs.ts';
import type { Field } from './types.ts';

/** The field of the relationship, with its aggregate, neither described; none when the role may not read the table. */
export function* remoteRowsFields(
  context: SchemaContext,
  relationship: RemoteRowsRelationship,
): Iterable<Field> {
  const { name, kind, target } = relationship;
  const access = context.selectAccess(target);
  if (access === null) return;
  const type = tableObject(context, access);
  const meaning = { kind: 'remote-rows', relationship, access, form: 'rows' } as const;
  if (kind === 'object') {
    yield field(name, null, nullable(type), meaning);
    return;
  }
  const inputs = tableArguments(context, access);
  yield field(name, null, required(listOfRequired(type)), meaning, inputs);
  if (!access.rule.allowsAggregations) return;
  yield field(
    aggregateFieldName(context.namingOf(target), name),
    null,
    required(aggregateObject(context, access)),
    { ...meaning, form: 'aggregate' },
    inputs,
  );
}
