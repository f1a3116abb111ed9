/** The directive `@preset`. Source: spec/remote-schemas.md 7.3, 7.4. */
import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type InputValueDefinitionNode,
  Kind,
  print,
} from 'graphql';
import { type Json, JsonNumber } from '../../support/index.ts';
import { fromTypeNode } from '../type-references.ts';
import type { RemoteType, RemoteTypeReference } from '../types.ts';
import type { PresetValue, SessionPresetTarget } from './preset-value.ts';

export interface PresetPlace {
  /** The argument or field, e.g. `"user_id"`. */
  readonly name: string;
  readonly type: RemoteTypeReference;
  /** The service's own types: a preset may name what the role does not see. */
  readonly types: ReadonlyMap<string, RemoteType>;
  readonly report: (reason: string) => void;
}

/** What the definition presets; null when it presets nothing. Reports what is wrong with it. */
export function readPreset(
  definition: InputValueDefinitionNode,
  { types, report }: Pick<PresetPlace, 'types' | 'report'>,
  parent: string,
): PresetValue | null {
  const name = definition.name.value;
  const [directive, second] = (definition.directives ?? []).filter(isPreset);
  if (directive === undefined) return null;
  if (second !== undefined) report(`found multiple preset directives at "Input object argument" "${parent}"`);
  const place = { name, type: fromTypeNode(definition.type), types, report };
  const given = directive.arguments ?? [];
  if (given.length === 0) {
    report('no arguments found in the preset directive');
    return null;
  }
  const value = given.find((argument) => argument.name.value === 'value')?.value;
  if (value === undefined) {
    report(`preset argument "value" not found at "${name}"`);
    return null;
  }
  const flag = given.find((argument) => argument.name.value === 'static')?.value;
  if (flag !== undefined && flag.kind !== Kind.BOOLEAN) {
    report('expected preset static value to be a Boolean value');
    return null;
  }
  return readValue(value, place.type, { ...place, isStatic: flag?.value ?? false });
}

export function isPreset({ name }: ConstDirectiveNode): boolean {
  return name.value === 'preset';
}

type Reading = PresetPlace & { readonly isStatic: boolean };

/** Null after a report. */
function readValue(node: ConstValueNode, type: RemoteTypeReference, reading: Reading): PresetValue | null {
  const { isStatic, name, report } = reading;
  switch (type.kind) {
    case 'non-null':
      if (node.kind === Kind.NULL) {
        report(`expected preset value at "${name}" not to be null`);
        return null;
      }
      return readValue(node, type.of, reading);
    case 'list': {
      if (node.kind === Kind.NULL) return { kind: 'null' };
      if (node.kind === Kind.LIST) {
        const items = node.values.map((item) => readValue(item, type.of, reading));
        return items.every((item) => item !== null) ? { kind: 'list', items } : null;
      }
      if (!isStatic && sessionVariable(node) !== null) {
        report(`illegal preset value at "${name}". Session arguments can only be set for singleton values`);
        return null;
      }
      return readValue(node, type.of, reading);
    }
    case 'named':
      return node.kind === Kind.NULL ? { kind: 'null' } : readNamed(node, type.name, reading);
  }
}

function readNamed(node: ConstValueNode, typeName: string, reading: Reading): PresetValue | null {
  const { types, report, isStatic } = reading;
  const type = types.get(typeName);
  const variable = isStatic ? null : sessionVariable(node);
  const unexpected = (what: string): null => {
    report(`expected preset value "${print(node)}" of type "${typeName}" to be ${what}`);
    return null;
  };
  switch (type?.kind) {
    case undefined:
      report(`Could not find type with name "${typeName}"`);
      return null;
    case 'scalar': {
      if (variable !== null) return { kind: 'session', variable, target: scalarTarget(typeName) };
      const isBuiltIn = scalarTarget(typeName).kind !== 'text' || typeName === 'String' || typeName === 'ID';
      if (isBuiltIn && (node.kind === Kind.OBJECT || node.kind === Kind.LIST || node.kind === Kind.ENUM)) {
        return unexpected('a scalar value');
      }
      return { kind: 'literal', value: literalJson(node) };
    }
    case 'enum': {
      const values = new Set(type.values.keys());
      if (variable !== null) return { kind: 'session', variable, target: { kind: 'enum', typeName, values } };
      if (node.kind !== Kind.ENUM) return unexpected('an enum value');
      if (!values.has(node.value)) {
        report(`"${node.value}" not found in the enum: "${typeName}"`);
        return null;
      }
      return { kind: 'enum', name: node.value };
    }
    case 'input-object': {
      if (node.kind !== Kind.OBJECT) return unexpected('an input object value');
      const members = new Map<string, PresetValue>();
      for (const field of node.fields) {
        const definition = type.fields.get(field.name.value);
        if (definition === undefined) {
          report(`"${field.name.value}" does not exist in the input object "${typeName}"`);
          continue;
        }
        const value = readValue(field.value, definition.type, reading);
        if (value !== null) members.set(definition.name, value);
      }
      return { kind: 'object', members };
    }
    default:
      report(`expected "${typeName}" to be an input type, but it's an output type`);
      return null;
  }
}

/** A text that begins with `x-hasura-`, in any case, names a variable of the session. */
function sessionVariable(node: ConstValueNode): string | null {
  return node.kind === Kind.STRING && /^x-hasura-/i.test(node.value) ? node.value.toLowerCase() : null;
}

function scalarTarget(typeName: string): SessionPresetTarget {
  if (typeName === 'Int' || typeName === 'Float' || typeName === 'Boolean')
    return { kind: typeName, typeName };
  return { kind: 'text', typeName };
}

function literalJson(node: ConstValueNode): Json {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT:
      return String(Number(node.value)) === node.value ? Number(node.value) : new JsonNumber(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.LIST:
      return node.values.map(literalJson);
    case Kind.OBJECT: {
      const members: Record<string, Json> = Object.create(null);
      for (const { name, value } of node.fields) members[name.value] = literalJson(value);
      return members;
    }
  }
}
