import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import type { CommandContext } from '../command.ts';
import { isMapping, toPlain } from '../document/index.ts';
import { applyMetadata } from '../metadata-commands/index.ts';
import { readText, writeFiles } from '../project/index.ts';
import { isSet, type Session, text } from '../session/index.ts';
import { editText } from '../terminal/index.ts';
import { UserError } from '../user-error.ts';
import { type ActionTexts, addToActions } from './add-to-actions.ts';
import { type ActionFiles, readActionFiles } from './action-files.ts';
import { deriveSdl } from './derive-sdl.ts';
import { frameworkOf, generateCode } from './generate-code.ts';

/** `actions create <name>`: SDL from the editor or a file into both files, then the metadata to the server. */
export async function runCreate(session: Session, { argv, options }: CommandContext): Promise<void> {
  const { config, terminal } = session;
  const name = argv[0] ?? '';
  if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(name))
    throw new UserError(`${JSON.stringify(name)} is no name in GraphQL`);
  if (!['synchronous', 'asynchronous'].includes(config.actions.kind)) {
    throw new UserError(`the kind of an action is synchronous or asynchronous, not ${config.actions.kind}`);
  }
  if (isSet(options, 'withCodegen')) frameworkOf(config.actions);
  const before = readActionFiles(config);
  if (before.actions.some((action) => action.get('name') === name))
    throw new UserError(`action ${name} already exists in actions.graphql`);
  const operation = text(options, 'deriveFrom');
  const template =
    operation === undefined ? templateFor(name) : await derived(session, operation.trim(), name);
  const file = text(options, 'sdlFile');
  const texts =
    file === undefined
      ? await written(session, before, operation, template)
      : addToActions(before, readText(file), config.actions);
  writeFiles(
    config.metadataFolder,
    new Map([
      ['actions.graphql', texts.sdl],
      ['actions.yaml', texts.yaml],
    ]),
  );
  await applyMetadata(session);
  terminal.log.info('action created', { name });
  if (isSet(options, 'withCodegen')) generateCode(session, [name]);
}

async function derived({ client, terminal }: Session, operation: string, name: string): Promise<string> {
  const answer = await terminal.during('Deriving a Hasura operation...', () =>
    client.graphql(getIntrospectionQuery()),
  );
  const data = isMapping(answer) ? answer.get('data') : undefined;
  if (!isMapping(data)) throw new UserError('error in fetching introspection schema: the server gives none');
  return deriveSdl(buildClientSchema(toPlain(data) as IntrospectionQuery), operation, name);
}

function templateFor(name: string): string {
  return `# The action: a field of Mutation or Query. Arguments and result may use the types below and those of the databases.
type Mutation {
  ${name}(
    input: ${name}Input!
  ): ${name}Output
}

input ${name}Input {
  text: String!
}

type ${name}Output {
  text: String!
}
`;
}

/** What the user makes of the template; a mistake can be mended. Where nobody can edit, a derived action is taken as it is. */
async function written(
  { terminal, config }: Session,
  before: ActionFiles,
  operation: string | undefined,
  template: string,
): Promise<ActionTexts> {
  if (!terminal.isInteractive || !config.isInteractive) {
    if (operation !== undefined) return addToActions(before, template, config.actions);
    throw new UserError(
      'there is no terminal to write the action on: name a file with its SDL by --sdl-file, or an operation by --derive-from',
    );
  }
  for (let sdl = template; ; ) {
    sdl = editText(sdl, '.graphql');
    try {
      return addToActions(before, sdl, config.actions);
    } catch (error) {
      if (!(error instanceof UserError) || !(await terminal.confirm(`${error.message}\nEdit it again?`)))
        throw error;
    }
  }
}
