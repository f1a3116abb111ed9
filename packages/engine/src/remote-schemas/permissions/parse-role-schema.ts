import {
  type DefinitionNode,
  type DirectiveDefinitionNode,
  GraphQLError,
  Kind,
  type OperationTypeNode,
  parse,
  type SchemaDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { Path, RequestError } from '../../support/index.ts';

/** The document of a role's schema, sorted by what is defined. */
export interface RoleDocument {
  readonly types: readonly TypeDefinitionNode[];
  readonly directives: readonly DirectiveDefinitionNode[];
  /** How many definitions of the schema itself there are. */
  readonly schemas: number;
  /** Root types that the document names. */
  readonly roots: ReadonlyMap<OperationTypeNode, string>;
}

/** Longer documents are refused: nobody writes them, and each token costs memory while it is read. */
const mostTokens = 1_000_000;

/** Throws a RequestError `parse-failed` for text that is no schema document. */
export function parseRoleSchema(text: string): RoleDocument {
  const types: TypeDefinitionNode[] = [];
  const directives: DirectiveDefinitionNode[] = [];
  const schemas: SchemaDefinitionNode[] = [];
  for (const definition of parseDefinitions(text)) {
    switch (definition.kind) {
      case Kind.SCHEMA_DEFINITION:
        schemas.push(definition);
        break;
      case Kind.DIRECTIVE_DEFINITION:
        directives.push(definition);
        break;
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        types.push(definition);
        break;
      default:
        throw parseFailed('only definitions of types, directives and the schema are expected');
    }
  }
  const roots = new Map(
    schemas.flatMap(({ operationTypes }) =>
      operationTypes.map(({ operation, type }) => [operation, type.name.value] as const),
    ),
  );
  return { types, directives, schemas: schemas.length, roots };
}

function parseDefinitions(text: string): readonly DefinitionNode[] {
  try {
    return parse(text, { noLocation: true, maxTokens: mostTokens }).definitions;
  } catch (error) {
    if (error instanceof GraphQLError) throw parseFailed(error.message);
    throw error;
  }
}

function parseFailed(message: string): RequestError {
  return new RequestError('parse-failed', Path.root, message);
}

interface NamedNode {
  readonly name: { readonly value: string };
}

/** Calls `refuse` with the quoted names that occur more than once, if there are any. */
export function refuseRepeated(nodes: readonly NamedNode[], refuse: (names: string) => never): void {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { name } of nodes) {
    if (seen.has(name.value)) repeated.add(name.value);
    seen.add(name.value);
  }
  if (repeated.size > 0) refuse(quoteAll(repeated));
}

/** `"a"`, `"a" and "b"`, `"a", "b", and "c"`. */
export function quoteAll(names: Iterable<string>): string {
  const quoted = Array.from(names, (name) => `"${name}"`);
  const last = quoted.pop() ?? '';
  if (quoted.length === 0) return last;
  return quoted.length === 1 ? `${quoted[0]} and ${last}` : `${quoted.join(', ')}, and ${last}`;
}
