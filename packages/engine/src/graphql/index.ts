/**
 * What is asked. In: the text of a document, an operation name, variables as JSON. Out: one operation whose fragments and variables
 * are sound, and a binding for each of its variables. Promise: knows no schema, keeps no more text than its bound, and no input,
 * however long or deep, overflows the stack.
 */
export { canonicalText } from './canonical-text.ts';
export { coerceVariables, type VariableOptions } from './coerce-variables.ts';
export {
  createOperationIdentifier,
  type OperationIdentifier,
  type OperationIdentity,
} from './identify-operation.ts';
export { maximumNesting, nestedTooDeeply } from './nesting.ts';
export { createDocumentParser, parseDocument } from './parse-document.ts';
export { selectOperation } from './select-operation.ts';
export type * from './types.ts';
