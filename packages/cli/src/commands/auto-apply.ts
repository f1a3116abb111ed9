import type { Command } from '../command.ts';

export const autoApply: Command = {
  name: 'auto-apply',
  summary: 'Apply the project in HASURA_GRAPHQL_METADATA_DIR and _MIGRATIONS_DIR, then serve',
  options: [],
  passesArgumentsThrough: true,
  run: async (context) => (await import('../auto-apply/index.ts')).runAutoApply(context),
};
