/**
 * What names what in the metadata. In: a document and what the database knows about foreign keys and functions. Out: dependants, and documents with
 * names changed or objects removed. Pure.
 */
export { type CatalogFacts, noCatalogFacts } from './catalog-facts.ts';
export {
  allDependentsOf,
  type Dependency,
  type DependencyTarget,
  dependenciesOf,
  dependentsOf,
  describe,
} from './dependencies.ts';
export { findRelationship } from './relationships.ts';
export { removeObjects } from './remove-objects.ts';
export {
  type DatabaseRenames,
  dropColumn,
  renameColumn,
  renameInDatabase,
  renameRelationship,
  renameSource,
  renameTable,
} from './rename.ts';
