import type { InsertPermission } from '../metadata/index.ts';
import type { InputValidation } from './types.ts';

/** A permission's `validate_input`; null when there is none. Source: spec/permissions.md 2.7. */
export function readInputValidation(declared: InsertPermission['validate_input']): InputValidation | null {
  if (declared === undefined || declared === null) return null;
  const { url, headers = [], timeout, forward_client_headers: forwardsClientHeaders } = declared.definition;
  return { url, headers, timeoutSeconds: timeout, forwardsClientHeaders };
}
