import { Path, RequestError } from '../support/index.ts';
import type { Document, Operation, OperationDefinition } from './types.ts';

/**
 * The operation that a request means. Only this one is checked: faults elsewhere in the document do not matter.
 * Source: spec/graphql-api.md 12.6.
 */
export function selectOperation(document: Document, operationName: string | null): Operation {
  return findDefinition(document, operationName).prepare();
}

function findDefinition({ operations }: Document, name: string | null): OperationDefinition {
  if (name === null) {
    const [only] = operations;
    if (only === undefined || operations.length > 1) {
      throw fault(
        'exactly one operation has to be present in the document when operationName is not specified',
      );
    }
    return only;
  }
  if (operations.some((operation) => operation.name === null)) {
    throw fault('operationName cannot be used when an anonymous operation exists in the document');
  }
  const found = operations.find((operation) => operation.name === name);
  if (found === undefined) throw fault(`no such operation found in the document: "${name}"`);
  return found;
}

function fault(message: string): RequestError {
  return new RequestError('validation-failed', Path.root, message);
}
