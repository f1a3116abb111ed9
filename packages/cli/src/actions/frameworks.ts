import { isMapping, type Mapping, mappingsIn, type Value } from '../document/index.ts';

/** Code for handlers of actions; all of it is made here, nothing is fetched. */
export type Framework = {
  readonly name: string;
  /** Files with the types of all actions, by their names. */
  types(actions: readonly Mapping[], customTypes: Value): ReadonlyMap<string, string>;
  /** File and text of the handler of an action. */
  handler(action: Mapping): readonly [string, string];
  /** Files of a program that serves the handlers in a folder, which is named relative to it. */
  starterKit(handlers: string): ReadonlyMap<string, string>;
};

export const frameworks: readonly Framework[] = [
  {
    name: 'nodejs-express',
    types: () => new Map(),
    handler: (action) => [`${nameOf(action)}.js`, handlerText(action, '', '')],
    starterKit: (handlers) => kit(handlers, 'js', 'node server.js'),
  },
  {
    name: 'typescript-nodejs-express',
    types: (actions, customTypes) => new Map([['actionTypes.ts', typesText(actions, customTypes)]]),
    handler: (action) => [
      `${nameOf(action)}.ts`,
      handlerText(
        action,
        `import type { Request, Response } from 'express';\nimport type { ${nameOf(action)}Arguments } from './actionTypes.ts';\n\n`,
        `: ${nameOf(action)}Arguments`,
      ),
    ],
    starterKit: (handlers) => kit(handlers, 'ts', 'node --import tsx server.ts'),
  },
];

/** A handler gets `{action, input, session_variables}` and answers with the result, or a status 4xx and `{message}`. */
function handlerText(action: Mapping, head: string, inputType: string): string {
  const isTyped = inputType !== '';
  const names = parameters(action).map(({ name }) => name);
  const call = isTyped ? '(request: Request, response: Response)' : '(request, response)';
  const input =
    names.length === 0 ? '' : `  const { ${names.join(', ')} }${inputType} = request.body.input;\n`;
  return `${head}/** Serves POST /${nameOf(action)}. The result is ${definitionOf(action).get('output_type')}; who asks is in request.body.session_variables. */
export default async function handle${call} {
${input}  // what the action does belongs here; until then whoever calls it is told so
  return response.status(400).json({ message: '${nameOf(action)} is not there yet' });
}
`;
}

function typesText(actions: readonly Mapping[], customTypes: Value): string {
  const types = isMapping(customTypes) ? customTypes : new Map<string, Value>();
  const shapes = ['input_objects', 'objects'].flatMap((list) =>
    mappingsIn(types.get(list)).map((type) => shape(String(type.get('name')), fieldsOf(type.get('fields')))),
  );
  const enums = mappingsIn(types.get('enums')).map((type) => {
    const values = mappingsIn(type.get('values')).map((value) => JSON.stringify(String(value.get('value'))));
    return `export type ${String(type.get('name'))} = ${values.join(' | ') || 'never'};\n`;
  });
  const known = new Set(
    ['enums', 'input_objects', 'objects'].flatMap((list) =>
      mappingsIn(types.get(list)).map((type) => String(type.get('name'))),
    ),
  );
  const inputs = actions.map((action) => shape(`${nameOf(action)}Arguments`, parameters(action)));
  const used = new Set(
    [...fieldTypes(actions, types)].filter((name) => !known.has(name) && !(name in builtIn)),
  );
  const scalars = [...used].sort().map((name) => `export type ${name} = unknown;\n`);
  return [
    '// Written by `postern actions codegen`, each time anew.\n',
    ...scalars,
    ...enums,
    ...shapes,
    ...inputs,
  ].join('\n');
}

const builtIn: Readonly<Record<string, string>> = {
  Boolean: 'boolean',
  Float: 'number',
  ID: 'string',
  Int: 'number',
  String: 'string',
};

type Field = { readonly name: string; readonly type: string };

/** Names of the types that fields and arguments have. */
function fieldTypes(actions: readonly Mapping[], types: Mapping): Set<string> {
  const fields = [
    ...actions.flatMap(parameters),
    ...['input_objects', 'objects'].flatMap((list) =>
      mappingsIn(types.get(list)).flatMap((type) => fieldsOf(type.get('fields'))),
    ),
  ];
  return new Set(fields.map(({ type }) => type.replace(/[[\]!\s]/g, '')));
}

function shape(name: string, fields: readonly Field[]): string {
  const lines = fields.map(
    ({ name: field, type }) => `  ${field}${type.endsWith('!') ? '' : '?'}: ${typeScriptType(type)};\n`,
  );
  return `export type ${name} = {${lines.length === 0 ? '' : `\n${lines.join('')}`}};\n`;
}

/** `[Int!]` is `number[] | null`. */
function typeScriptType(type: string): string {
  if (!type.endsWith('!')) return `${typeScriptType(`${type}!`)} | null`;
  const bare = type.slice(0, -1);
  if (!bare.startsWith('[')) return builtIn[bare] ?? bare;
  const member = typeScriptType(bare.slice(1, -1));
  return `${member.includes(' ') ? `(${member})` : member}[]`;
}

function nameOf(action: Mapping): string {
  return String(action.get('name'));
}

function definitionOf(action: Mapping): Mapping {
  const definition = action.get('definition');
  return isMapping(definition) ? definition : new Map();
}

function parameters(action: Mapping): Field[] {
  return fieldsOf(definitionOf(action).get('arguments'));
}

function fieldsOf(list: Value | undefined): Field[] {
  return mappingsIn(list).map((field) => ({
    name: String(field.get('name')),
    type: String(field.get('type')).replace(/\s/g, ''),
  }));
}

function kit(handlers: string, extension: 'js' | 'ts', start: string): ReadonlyMap<string, string> {
  const isTyped = extension === 'ts';
  const program = {
    name: 'actions',
    private: true,
    type: 'module',
    scripts: { start },
    dependencies: { express: '^5.0.0', ...(isTyped ? { tsx: '^4.0.0', '@types/express': '^5.0.0' } : {}) },
  };
  const server = `import { readdirSync } from 'node:fs';
import express from 'express';

// each file of this folder that exports a handler serves the action of its name
const folder = new URL(${JSON.stringify(`${handlers}/`)}, import.meta.url);
const app = express();
app.use(express.json());
for (const file of readdirSync(folder)) {
  if (!file.endsWith('.${extension}')) continue;
  const { default: handle } = await import(new URL(file, folder).href);
  if (typeof handle === 'function') app.post(\`/\${file.slice(0, -3)}\`, handle);
}
const port = process.env.PORT ?? 3000;
app.listen(port, () => console.log(\`actions are served at http://localhost:\${port}\`));
`;
  return new Map([
    ['package.json', `${JSON.stringify(program, null, 2)}\n`],
    [`server.${extension}`, server],
  ]);
}
