import { type Path, RequestError } from '../../support/index.ts';
import { boolean, duplicates, nonEmptyText, object, quoteAll, required } from '../codec/index.ts';
import { append, reject } from '../edit.ts';
import {
  allowlistEntry,
  allowlistScope,
  graphqlDocument,
  queryCollection,
  restEndpoint,
} from '../shapes/top-level.ts';
import type { Metadata, QueryCollectionMetadata } from '../types.ts';
import { name } from './arguments.ts';
import { globalCommand, outcome, outcomeOfDrop } from './command.ts';

function findCollection(metadata: Metadata, called: string): QueryCollectionMetadata | undefined {
  return metadata.query_collections?.find((collection) => collection.name === called);
}

function requireCollection(metadata: Metadata, called: string, path: Path): QueryCollectionMetadata {
  const found = findCollection(metadata, called);
  if (found !== undefined) return found;
  throw new RequestError('not-exists', path, `query collection with name "${called}" does not exist`);
}

function refuseTakenCollection(metadata: Metadata, called: string, path: Path): void {
  if (findCollection(metadata, called) === undefined) return;
  throw new RequestError('already-exists', path, `query collection with name "${called}" already exists`);
}

function updateCollection(
  metadata: Metadata,
  called: string,
  change: (collection: QueryCollectionMetadata) => QueryCollectionMetadata,
): Metadata {
  return {
    ...metadata,
    query_collections: (metadata.query_collections ?? []).map((collection) =>
      collection.name === called ? change(collection) : collection,
    ),
  };
}

const createCollection = globalCommand(
  { name: 'create_query_collection', args: queryCollection },
  (collection, metadata, { path }) => {
    refuseTakenCollection(metadata, collection.name, path.child('name'));
    const repeated = duplicates(collection.definition.queries.map((query) => query.name));
    if (repeated.length > 0) {
      throw new RequestError(
        'not-supported',
        path.child('definition', 'queries'),
        `found duplicate query names ${quoteAll(repeated)}`,
      );
    }
    return outcomeOfDrop({
      ...metadata,
      query_collections: append(metadata.query_collections, collection),
    });
  },
);

const renameCollection = globalCommand(
  {
    name: 'rename_query_collection',
    args: object('RenameCollection', { name, new_name: required(nonEmptyText) }),
  },
  ({ name: from, new_name: to }, metadata, { path }) => {
    requireCollection(metadata, from, path);
    refuseTakenCollection(metadata, to, path.child('new_name'));
    const renamed = updateCollection(metadata, from, (collection) => ({ ...collection, name: to }));
    return outcomeOfDrop({
      ...renamed,
      allowlist: (renamed.allowlist ?? []).map((entry) =>
        entry.collection === from ? { ...entry, collection: to } : entry,
      ),
      rest_endpoints: (renamed.rest_endpoints ?? []).map((endpoint) => {
        const { query } = endpoint.definition;
        return query.collection_name === from
          ? { ...endpoint, definition: { query: { ...query, collection_name: to } } }
          : endpoint;
      }),
    });
  },
);

const dropCollection = globalCommand(
  {
    name: 'drop_query_collection',
    args: object('DropCollection', { collection: required(nonEmptyText), cascade: required(boolean) }),
  },
  ({ collection, cascade }, metadata, { path }) => {
    requireCollection(metadata, collection, path.child('collection'));
    const isAllowed = (metadata.allowlist ?? []).some((entry) => entry.collection === collection);
    if (isAllowed && !cascade) {
      throw new RequestError(
        'dependency-error',
        path.child('collection'),
        `query collection with name "${collection}" is present in the allowlist; cannot proceed to drop. please use cascade to confirm you wish to drop it from the allowlist as well`,
      );
    }
    return outcomeOfDrop({
      ...metadata,
      allowlist: reject(metadata.allowlist, (entry) => entry.collection === collection),
      query_collections: reject(metadata.query_collections, (item) => item.name === collection),
    });
  },
);

const queryPlace = {
  collection_name: required(nonEmptyText),
  query_name: required(nonEmptyText),
};

const addQuery = globalCommand(
  {
    name: 'add_query_to_collection',
    args: object('AddQueryToCollection', { ...queryPlace, query: required(graphqlDocument) }),
  },
  ({ collection_name: called, query_name: queryName, query }, metadata, { path }) => {
    const { definition } = requireCollection(metadata, called, path);
    if (definition.queries.some((item) => item.name === queryName)) {
      throw new RequestError(
        'already-exists',
        path,
        `query with name "${queryName}" already exists in collection "${called}"`,
      );
    }
    return outcomeOfDrop(
      updateCollection(metadata, called, (collection) => ({
        ...collection,
        definition: { queries: append(collection.definition.queries, { name: queryName, query }) },
      })),
    );
  },
);

const dropQuery = globalCommand(
  { name: 'drop_query_from_collection', args: object('DropQueryFromCollection', queryPlace) },
  ({ collection_name: called, query_name: queryName }, metadata, { path }) => {
    const { definition } = requireCollection(metadata, called, path);
    if (!definition.queries.some((item) => item.name === queryName)) {
      throw new RequestError(
        'not-found',
        path,
        `query with name "${queryName}" not found in collection "${called}"`,
      );
    }
    return outcomeOfDrop(
      updateCollection(metadata, called, (collection) => ({
        ...collection,
        definition: { queries: reject(collection.definition.queries, (item) => item.name === queryName) },
      })),
    );
  },
);

// ---- allow list ---------------------------------------------------------------------------------------------------------------------

const addToAllowlist = globalCommand(
  { name: 'add_collection_to_allowlist', args: allowlistEntry },
  (entry, metadata, { path }) => {
    requireCollection(metadata, entry.collection, path.child('collection'));
    if ((metadata.allowlist ?? []).some(({ collection }) => collection === entry.collection)) {
      return {
        metadata,
        result: {
          message: `collection "${entry.collection}" already exists in the allowlist, scope ignored; to change scope, use update_scope_of_collection_in_allowlist`,
        },
        check: { kind: 'none' },
      };
    }
    return outcomeOfDrop({ ...metadata, allowlist: append(metadata.allowlist, entry) });
  },
);

function requireAllowed(metadata: Metadata, collection: string, path: Path): void {
  if ((metadata.allowlist ?? []).some((entry) => entry.collection === collection)) return;
  throw new RequestError('not-found', path, `collection "${collection}" doesn't exist in the allowlist`);
}

const dropFromAllowlist = globalCommand(
  {
    name: 'drop_collection_from_allowlist',
    args: object('DropCollectionFromAllowlist', { collection: required(nonEmptyText) }),
  },
  ({ collection }, metadata, { path }) => {
    requireCollection(metadata, collection, path.child('collection'));
    requireAllowed(metadata, collection, path);
    return outcomeOfDrop({
      ...metadata,
      allowlist: reject(metadata.allowlist, (entry) => entry.collection === collection),
    });
  },
);

const updateScope = globalCommand(
  {
    name: 'update_scope_of_collection_in_allowlist',
    args: object('UpdateScopeOfCollectionInAllowlist', {
      collection: required(nonEmptyText),
      scope: required(allowlistScope),
    }),
  },
  ({ collection, scope }, metadata, { path }) => {
    requireCollection(metadata, collection, path.child('collection'));
    requireAllowed(metadata, collection, path);
    return outcomeOfDrop({
      ...metadata,
      allowlist: (metadata.allowlist ?? []).map((entry) =>
        entry.collection === collection ? { collection, scope } : entry,
      ),
    });
  },
);

// ---- REST endpoints -----------------------------------------------------------------------------------------------------------------

const createEndpoint = globalCommand(
  { name: 'create_rest_endpoint', args: restEndpoint },
  (endpoint, metadata, { path }) => {
    if ((metadata.rest_endpoints ?? []).some((item) => item.name === endpoint.name)) {
      throw new RequestError('already-exists', path, `Endpoint with name: ${endpoint.name} already exists`);
    }
    const next = { ...metadata, rest_endpoints: append(metadata.rest_endpoints, endpoint) };
    return outcome(next, { kind: 'other', type: 'rest_endpoint', name: endpoint.name });
  },
);

const dropEndpoint = globalCommand(
  { name: 'drop_rest_endpoint', args: object('DropEndpoint', { name }) },
  ({ name: called }, metadata, { path }) => {
    if (!(metadata.rest_endpoints ?? []).some((item) => item.name === called)) {
      throw new RequestError('not-exists', path, `endpoint with name: ${called} does not exist`);
    }
    return outcomeOfDrop({
      ...metadata,
      rest_endpoints: reject(metadata.rest_endpoints, (item) => item.name === called),
    });
  },
);

export const collectionCommands = [
  createCollection,
  renameCollection,
  dropCollection,
  addQuery,
  dropQuery,
  addToAllowlist,
  dropFromAllowlist,
  updateScope,
  createEndpoint,
  dropEndpoint,
];
