import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Mapping } from '../document/index.ts';
import { type ProjectConfig, writeFiles } from '../project/index.ts';
import type { Session } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { readActionFiles } from './action-files.ts';
import { type Framework, frameworks } from './frameworks.ts';

/** @throws UserError when none is chosen, or it is unknown here */
export function frameworkOf({ codegen }: Pick<ProjectConfig['actions'], 'codegen'>): Framework {
  if (codegen.uri !== '') {
    throw new UserError(
      `actions.codegen.uri is set: templates from other places (${codegen.uri}) are not run. Take it out of config.yaml and choose one that is built in by 'postern actions use-codegen'`,
    );
  }
  if (codegen.framework === '') {
    throw new UserError(
      'could not find codegen config. For adding codegen config, run:\n\n  postern actions use-codegen',
    );
  }
  return frameworkNamed(codegen.framework);
}

/** @throws UserError */
export function frameworkNamed(name: string): Framework {
  const framework = frameworks.find((each) => each.name === name);
  if (framework !== undefined) return framework;
  throw new UserError(
    `framework ${name} is not found; there are ${frameworks.map((each) => each.name).join(', ')}`,
  );
}

/**
 * Writes code for the handlers of actions, those of all when no name is given. Handlers that are there already are left alone; types are written anew.
 * @throws UserError when there is no such action
 */
export function generateCode({ config, terminal }: Session, names: readonly string[]): void {
  const framework = frameworkOf(config.actions);
  const { actions, types } = readActionFiles(config);
  const known = new Map(actions.map((action) => [String(action.get('name')), action]));
  const missing = names.find((name) => !known.has(name));
  if (missing !== undefined) throw new UserError(`action ${missing} is not present in actions.graphql`);
  const chosen = names.length === 0 ? [...known.values()] : names.flatMap((name) => known.get(name) ?? []);
  const { outputFolder } = config.actions.codegen;
  const files = new Map(framework.types(actions, types));
  for (const action of chosen) addHandler(files, framework, action, outputFolder, terminal.log);
  writeFiles(outputFolder, files);
  terminal.log.info(`Codegen files generated at ${outputFolder}`);
}

function addHandler(
  files: Map<string, string>,
  framework: Framework,
  action: Mapping,
  folder: string,
  log: Session['terminal']['log'],
): void {
  const [file, text] = framework.handler(action);
  if (existsSync(join(folder, file))) log.info(`${join(folder, file)} is there already, and left alone`);
  else files.set(file, text);
}
