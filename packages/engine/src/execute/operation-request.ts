import type { JsonObject } from '../support/index.ts';

/** What a client asks. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: JsonObject | null;
  /** Which of the role's schemas is asked: the ordinary one unless it says otherwise. */
  readonly api?: 'graphql' | 'relay';
}
