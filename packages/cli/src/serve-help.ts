import { type Setting, settings } from '@postern/engine/server';

const WIDTH = 100;

/** What `postern serve --help` prints: every setting, by group, with its flag, its variables and its default. */
export function serveHelp(): string {
  const lines = [
    'Usage: postern serve [flags]',
    '',
    'Starts the engine. A flag counts before a variable. `GET /healthz` answers OK when it can serve.',
  ];
  for (const [group, members] of settingGroups()) {
    lines.push('', `${group}:`);
    for (const setting of members) {
      lines.push(`  ${[flagText(setting), ...setting.env].filter((name) => name !== null).join('  ')}`);
      lines.push(...wrapped(`${setting.doc}${suffix(setting)}`, WIDTH - 6).map((line) => `      ${line}`));
    }
  }
  return lines.join('\n');
}

/** The same as a page of Markdown: docs/environment.md. */
export function settingsPage(): string {
  const lines = [
    '# Flags and variables of `postern serve`',
    '',
    '<!-- Made by `npm run docs:environment` from packages/engine/src/server/configuration/settings.ts -->',
    '',
    'They are those of Hasura GraphQL Engine v2. A flag counts before a variable, a variable before the default.',
    '"Accepted" means: known, so that a project can be moved unchanged, but without effect.',
  ];
  for (const [group, members] of settingGroups()) {
    lines.push('', `## ${group}`, '', '| flag | variable | default | meaning |', '|---|---|---|---|');
    for (const setting of members) {
      const flag = flagText(setting);
      const cells = [
        flag === null ? '–' : code(flag),
        setting.env.map(code).join('<br>') || '–',
        defaultText(setting) ?? '–',
        `${setting.isOnlyAccepted === true ? 'Accepted. ' : ''}${setting.doc}`,
      ];
      lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function settingGroups(): Map<string, Setting<unknown>[]> {
  const groups = new Map<string, Setting<unknown>[]>();
  for (const setting of Object.values(settings) as Setting<unknown>[]) {
    groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
  }
  return groups;
}

/** `--server-port <value>`, `--enable-console`, `-p, --x <value>`; null when there is only a variable. */
function flagText({ flag, short, isSwitch }: Setting<unknown>): string | null {
  if (flag === null) return null;
  return `${short === undefined ? '' : `${short}, `}${flag}${isSwitch === true ? '' : ' <value>'}`;
}

function suffix(setting: Setting<unknown>): string {
  if (setting.isOnlyAccepted === true) return ' (accepted, without effect)';
  const text = defaultText(setting);
  return text === null ? '' : ` (default: ${text})`;
}

function defaultText(setting: Setting<unknown>): string | null {
  if (setting.defaultText !== undefined) return setting.defaultText;
  const value = setting.default;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null;
}

function code(text: string): string {
  return `\`${text}\``;
}

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
