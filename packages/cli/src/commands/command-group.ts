import type { Command, CommandOption } from '../command.ts';
import { inSession, type Run } from './in-session.ts';
import { serverOptions } from './options.ts';

/** What a group adds to each of its commands. `Room`: the module that does their work. */
export type CommandGroup<Room> = {
  /** First word: `metadata`. */
  readonly name: string;
  /** Behind those of every command that talks to a server. */
  readonly options?: readonly CommandOption[];
  /** Other names of the group. */
  readonly groupAliases?: readonly string[];
  /** Called when one of the commands is run. */
  load(): Promise<Room>;
};

export type GroupMember<Room> = {
  /** Behind the group's name: `inconsistency list`. */
  readonly name: string;
  readonly summary: string;
  readonly options?: readonly CommandOption[];
  readonly parameters?: string;
  readonly aliases?: readonly string[];
  /** Other names of a group within the group. */
  readonly groupAliases?: readonly string[];
  choose(room: Room): Run;
};

/** The commands of a group that work on a project and its server. */
export function commandGroup<Room>(
  group: CommandGroup<Room>,
  members: readonly GroupMember<Room>[],
): readonly Command[] {
  return members.map(({ name, options = [], choose, ...more }) => ({
    ...(group.groupAliases === undefined ? {} : { groupAliases: group.groupAliases }),
    ...more,
    name: `${group.name} ${name}`,
    options: [...serverOptions, ...(group.options ?? []), ...options],
    passesArgumentsThrough: false,
    run: inSession(async () => choose(await group.load())),
  }));
}
