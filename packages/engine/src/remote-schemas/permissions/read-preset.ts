/** The directive `@preset`. Source: spec/remote-schemas.md 7.3, 7.4. */
import {
  type BooleanValueNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type FloatValueNode,
  type InputValueDefinitionNode,
  type IntValueNode,
  Kind,
  print,
  type StringValueNode,
} from 'graphql';
import { type Json, JsonNumber } from '../../support/index.ts';
import { fromTypeNode } from '../type-references.ts';
import type { RemoteTypeReference } from '../types.ts';
import type { PresetTypes } from './preset-types.ts';
import type { PresetValue, SessionPresetTarget } from './preset-value.ts';
import type { Reasons } from './reasons.ts';

interface PresetContext {
  readonly types: PresetTypes;
  readonly reasons: Reasons;
}

/** What the definition presets; null when it presets nothing. Only the first preset of a definition counts. */
export function readPreset(definition: InputValueDefinitionNode, context: PresetContext): PresetValue | null {
  const { reasons } = context;
  const name = definition.name.value;
  const directive = (definition.directives ?? []).find(isPreset);
  if (directive === undefined) return null;
  const given = directive.arguments ?? [];
  if (given.length === 0) return reasons.end('no arguments found in the preset directive');
  const value = given.find((argument) => argument.name.value === 'value')?.value;
  if (value === undefined) return reasons.end(`preset argument "value" not found at "${name}"`);
  const flag = given.find((argument) => argument.name.value === 'static')?.value;
  if (flag !== undefined && flag.kind !== Kind.BOOLEAN) {
    return reasons.end('expected preset static value to be a Boolean value');
  }
  return readValue(value, fromTypeNode(definition.type), {
    ...context,
    name,
    isStatic: flag?.value ?? false,
  });
}

export function isPreset({ name }: ConstDirectiveNode): boolean {
  return name.value === 'preset';
}

interface Reading extends PresetContext {
  /** The argument or field, e.g. `user_id`. */
  readonly name: string;
  readonly isStatic: boolean;
}

function readValue(node: ConstValueNode, type: RemoteTypeReference, reading: Reading): PresetValue {
  switch (type.kind) {
    case 'non-null':
      return readValue(node, type.of, reading);
    case 'list':
      if (node.kind === Kind.LIST) {
        return { kind: 'list', items: node.values.map((item) => readValue(item, type.of, reading)) };
      }
      if (sessionVariable(node) !== null) {
        return reading.reasons.end(
          `illegal preset value at "${reading.name}". Session arguments can only be set for singleton values`,
        );
      }
      return readValue(node, type.of, reading);
    case 'named':
      return readNamed(node, type.name, reading);
  }
}

function readNamed(node: ConstValueNode, typeName: string, reading: Reading): PresetValue {
  const { types, reasons } = reading;
  const type = types.get(typeName);
  const unexpected = (what: string): never =>
    reasons.end(`expected preset value "${print(node)}" of type "${typeName}" to be ${what}`);
  switch (type?.kind) {
    case undefined:
      return reasons.end(`expected "${typeName}" to be an input type, but it's an output type`);
    case 'scalar': {
      const variable = reading.isStatic ? null : sessionVariable(node);
      if (variable !== null) return { kind: 'session', variable, target: scalarTarget(typeName) };
      if (node.kind === Kind.OBJECT || node.kind === Kind.LIST || node.kind === Kind.ENUM) {
        return unexpected('a scalar value');
      }
      return node.kind === Kind.NULL ? { kind: 'null' } : { kind: 'literal', value: literalJson(node) };
    }
    case 'enum': {
      const { values } = type;
      const variable = sessionVariable(node);
      if (variable !== null) return { kind: 'session', variable, target: { kind: 'enum', typeName, values } };
      if (node.kind !== Kind.ENUM) return unexpected('an enum value');
      if (!values.has(node.value)) return reasons.end(`"${node.value}" not found in the enum: "${typeName}"`);
      return { kind: 'enum', name: node.value };
    }
    case 'input-object': {
      if (node.kind !== Kind.OBJECT) return unexpected('an input object value');
      const members = new Map<string, PresetValue>();
      for (const { name, value } of node.fields) {
        const field = type.fields.get(name.value);
        if (field === undefined) {
          return reasons.end(`"${name.value}" does not exist in the input object "${typeName}"`);
        }
        members.set(name.value, readValue(value, field, { ...reading, name: name.value }));
      }
      return { kind: 'object', members };
    }
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

function literalJson(node: IntValueNode | FloatValueNode | StringValueNode | BooleanValueNode): Json {
  if (node.kind === Kind.STRING || node.kind === Kind.BOOLEAN) return node.value;
  return String(Number(node.value)) === node.value ? Number(node.value) : new JsonNumber(node.value);
}
