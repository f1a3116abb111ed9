/**
 * Native queries: root fields whose rows SQL of the metadata returns, in the shape of a logical model. Source: spec/graphql-api.md 10.
 */
import type { Catalog } from '../catalog/index.ts';
import { inlineModelOf, type NativeQueryMetadata, type SourceMetadata } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { inconsistentNativeQuery } from './inconsistency.ts';
import {
  buildLogicalModel,
  commentOf,
  findNameFault,
  type LogicalModelBuilder,
  rowShape,
} from './logical-models.ts';
import { makeNaming, isGraphqlName } from './naming.ts';
import { parseNativeCode, undeclaredArguments } from './native-code.ts';
import { buildRelationship } from './relationships.ts';
import type { SourceBuilder, TableBuilder } from './source-builder.ts';
import { findType } from './type-names.ts';
import type { NativeArgument, TrackedNativeQuery } from './types.ts';

export interface NativeQueryBuilder extends TrackedNativeQuery {
  readonly metadata: NativeQueryMetadata;
  readonly model: LogicalModelBuilder;
  readonly row: TableBuilder;
}

/** Where the queries are being gathered. */
type QueriesBuilder = SourceBuilder & { readonly nativeQueries: Map<string, NativeQueryBuilder> };

/** What PostgreSQL says against a query, by the query's metadata; see `nativeQueryCandidates`. */
export type NativeQueryFaults = ReadonlyMap<NativeQueryMetadata, RequestError>;

/** Fills `builder.nativeQueries` and reports each that does not fit. */
export function buildNativeQueries(
  builder: QueriesBuilder,
  models: ReadonlyMap<string, LogicalModelBuilder>,
  faults: NativeQueryFaults,
): void {
  for (const metadata of builder.metadata.native_queries ?? []) {
    const fault = faults.get(metadata);
    const query = fault ?? buildNativeQuery(builder, models, metadata);
    if (typeof query === 'string') refuse(builder, metadata, query);
    else if (query instanceof Error) refuse(builder, metadata, describeFault(query), query);
    else builder.nativeQueries.set(query.name, query);
  }
  while (!connectAll(builder)) {
    // a query that had to go may be what another one leads to
  }
}

/** The queries that fit as far as can be said without asking PostgreSQL, before PostgreSQL is asked about them. */
export function nativeQueryCandidates(
  source: SourceMetadata,
  catalog: Catalog,
): readonly NativeQueryBuilder[] {
  if ((source.native_queries ?? []).length === 0) return [];
  const builder: SourceBuilder = {
    name: source.name,
    metadata: source,
    catalog,
    naming: makeNaming(source.customization, 'hasura-default'),
    tables: new Map(),
    nativeQueries: new Map(),
    report: () => {},
  };
  const models = new Map<string, LogicalModelBuilder>();
  for (const declared of source.logical_models ?? []) {
    const model = buildLogicalModel(builder, declared, 'logical-model');
    if (typeof model !== 'string') models.set(declared.name, model);
  }
  return (source.native_queries ?? []).flatMap((metadata) => {
    const query = buildNativeQuery(builder, models, metadata);
    return typeof query === 'string' || query instanceof Error ? [] : [query];
  });
}

function buildNativeQuery(
  builder: SourceBuilder,
  models: ReadonlyMap<string, LogicalModelBuilder>,
  metadata: NativeQueryMetadata,
): NativeQueryBuilder | RequestError | string {
  const { root_field_name: name, description, object_relationships, array_relationships } = metadata;
  const nameFault = findNameFault(builder, name);
  if (nameFault !== null) return nameFault;
  const model = findModel(builder, models, metadata);
  if (typeof model === 'string') return model;
  const given = readArguments(builder, metadata);
  if (typeof given === 'string') return given;
  const declared = new Set(given.map((argument) => argument.name));
  const code = parseNativeCode(metadata.code, declared);
  if (typeof code === 'string') return code;
  const undeclared = undeclaredArguments(code, declared);
  if (undeclared.length > 0) {
    const names = undeclared.map((argument) => `"${argument}"`).join(', ');
    return new RequestError('validation-failed', Path.root.child('args'), `Undeclared arguments: ${names}`);
  }
  const hasRelationships = (object_relationships ?? []).length + (array_relationships ?? []).length > 0;
  const comment = commentOf(description);
  return {
    metadata,
    source: builder.name,
    name,
    rootField: builder.naming.rootFieldName({ custom: name }),
    code,
    arguments: given,
    model,
    row: hasRelationships ? rowShape(builder, name, model.columns, comment) : model,
    comment,
  };
}

function findModel(
  builder: SourceBuilder,
  models: ReadonlyMap<string, LogicalModelBuilder>,
  metadata: NativeQueryMetadata,
): LogicalModelBuilder | string {
  const inline = inlineModelOf(metadata);
  if (inline !== null) {
    return buildLogicalModel(builder, { ...inline, name: metadata.root_field_name }, 'native-query');
  }
  const called = String(metadata.returns);
  return models.get(called) ?? `The logical model "${called}" could not be found`;
}

function readArguments(
  builder: SourceBuilder,
  metadata: NativeQueryMetadata,
): readonly NativeArgument[] | string {
  const given: NativeArgument[] = [];
  for (const [name, { type: written, nullable, description }] of Object.entries(metadata.arguments)) {
    if (!isGraphqlName(name)) return `the argument "${name}" is not a valid GraphQL identifier`;
    const type = findType(builder.catalog, written);
    if (type === null) return `the type "${written}" of the argument "${name}" does not exist`;
    given.push({ name, type, isNullable: nullable, description: description ?? null });
  }
  return given;
}

/** The relationships of all queries; false when a query had to go because one of its own does not fit. */
function connectAll(builder: QueriesBuilder): boolean {
  for (const query of builder.nativeQueries.values()) {
    const { row, metadata } = query;
    row.relationships.clear();
    row.queryRelationships.clear();
    for (const [kind, declared] of [
      ['object', metadata.object_relationships] as const,
      ['array', metadata.array_relationships] as const,
    ]) {
      for (const relationship of declared ?? []) {
        const fault = buildRelationship(builder, row, kind, relationship);
        if (fault === null) continue;
        builder.nativeQueries.delete(query.name);
        const reason = typeof fault === 'string' ? fault : fault.missing;
        refuse(builder, metadata, `in relationship "${relationship.name}": ${reason}`);
        return false;
      }
    }
  }
  return true;
}

/** With what PostgreSQL says. */
function describeFault({ message, cause }: RequestError): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function refuse(
  builder: SourceBuilder,
  metadata: NativeQueryMetadata,
  fault: string,
  error?: RequestError,
): void {
  const reason = `in native query "${metadata.root_field_name}": ${fault}`;
  builder.report(inconsistentNativeQuery(builder.name, metadata, reason, error));
}
