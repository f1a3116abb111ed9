import { Path, RequestError } from '../support/index.ts';
import type { RuntimeOptions } from './types.ts';

/** Called where the metadata is about to be stored. @throws RequestError. Source: spec/metadata-api.md 1.4. */
export function refuseInMaintenance({ isMaintenanceMode }: Pick<RuntimeOptions, 'isMaintenanceMode'>): void {
  if (!isMaintenanceMode) return;
  throw new RequestError('unexpected', Path.root, 'metadata cannot be modified in maintenance mode', {
    status: 500,
  });
}
