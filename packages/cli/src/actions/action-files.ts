import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Mapping, mappingsIn, readYaml, type Value } from '../document/index.ts';
import { type ProjectConfig, readActions, readText } from '../project/index.ts';
import { messageOf, UserError } from '../user-error.ts';

/** The actions of a project, and the text of `actions.graphql` as it is written. */
export type ActionFiles = {
  readonly sdl: string;
  readonly actions: readonly Mapping[];
  /** `{objects, input_objects, enums, scalars}`; null: there are none. */
  readonly types: Value;
};

/** @throws UserError when the project keeps its metadata in one file, or a file is wrong */
export function readActionFiles({ metadataFile, metadataFolder }: ProjectConfig): ActionFiles {
  if (metadataFile !== null) {
    throw new UserError(`actions are made in a folder of metadata; this project has ${metadataFile}`);
  }
  const text = (name: string): string => {
    const path = join(metadataFolder, name);
    return existsSync(path) ? readText(path) : '';
  };
  const sdl = text('actions.graphql');
  try {
    const read = readActions(readYaml(text('actions.yaml')), sdl);
    return { sdl, actions: mappingsIn(read.get('actions')), types: read.get('custom_types') ?? null };
  } catch (error) {
    throw new UserError(`the actions in ${metadataFolder} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
