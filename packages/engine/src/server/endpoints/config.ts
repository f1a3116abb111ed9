import { describeJwt, type Session } from '../../authentication/index.ts';
import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, jsonResponse } from '../exchange.ts';
import { contractVersion } from './version.ts';

/** `GET /v1alpha1/config`: what a console needs to know, without secrets. Source: spec/server.md 1.4. */
export function answerConfig(_request: ApiRequest, _session: Session, context: ServerContext): ApiResponse {
  const { configuration } = context;
  const jwt = configuration.jwtConfigurations;
  return jsonResponse(
    JSON.stringify({
      version: contractVersion,
      is_function_permissions_inferred: configuration.inferFunctionPermissions,
      is_remote_schema_permissions_enabled: configuration.enableRemoteSchemaPermissions,
      is_admin_secret_set: configuration.allAdminSecrets.length > 0,
      is_auth_hook_set: configuration.authHook !== null,
      is_jwt_set: jwt.length > 0,
      jwt: jwt.map(describeJwt),
      is_allow_list_enabled: configuration.enableAllowlist,
      live_queries: {
        batch_size: configuration.liveQueryBatchSize,
        refetch_delay: configuration.liveQueryIntervalMs / 1000,
      },
      streaming_queries: {
        batch_size: configuration.streamingBatchSize,
        refetch_delay: configuration.streamingIntervalMs / 1000,
      },
      console_assets_dir: configuration.consoleAssetsDir,
      experimental_features: [...configuration.experimentalFeatures],
      is_prometheus_metrics_enabled: configuration.enabledApis.has('metrics'),
      default_naming_convention: configuration.defaultNamingConvention,
      feature_flags: [],
      is_apollo_federation_enabled: configuration.enableApolloFederation,
    }),
  );
}
