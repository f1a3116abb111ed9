import { Kind, print, type TypeNode } from 'graphql';
import type { RemoteSchemaAccess } from '../model/index.ts';
import type { DelegatedMember, DelegatedValue, DelegatedVariable } from '../plan/index.ts';
import {
  hiddenValue,
  isHiddenInput,
  isRequiredInput,
  namedTypeOf,
  type PresetValue,
  presetMembers,
  type RemoteInputValue,
  type RemoteTypeReference,
  typeText,
} from '../remote-schemas/index.ts';
import { InvariantError } from '../support/index.ts';
import { holdsPresets, withPresets } from './presets.ts';
import { printJson, printList, printObject } from './print-value.ts';
import { SentVariables } from './variables.ts';

export interface PrintOptions {
  /** Arguments and members that are null are left out. */
  readonly skipsNulls: boolean;
}

/** Prints what is given to fields, and collects the variables in it. */
export class InputPrinter {
  readonly variables: SentVariables;
  readonly #access: RemoteSchemaAccess;
  readonly #options: PrintOptions;

  /** @param reserved names that variables of ours must not have */
  constructor(access: RemoteSchemaAccess, options: PrintOptions, reserved: Iterable<string>) {
    this.#access = access;
    this.#options = options;
    this.variables = new SentVariables(reserved);
  }

  /** Arguments by the service's names, with what is preset beside and in them. */
  printArguments(
    given: readonly DelegatedMember[],
    definitions: ReadonlyMap<string, RemoteInputValue>,
  ): readonly (readonly [name: string, text: string])[] {
    return this.#printMembers(given, definitions, 'arguments');
  }

  #printMembers(
    given: readonly DelegatedMember[],
    definitions: ReadonlyMap<string, RemoteInputValue>,
    place: 'arguments' | 'object',
  ): readonly (readonly [string, string])[] {
    const { types } = this.#access.typeSystem;
    const printed: (readonly [string, string])[] = [];
    const presets = new Map<string, PresetValue>();
    for (const definition of definitions.values()) {
      const { name } = definition;
      const member = given.find((candidate) => originalName(candidate) === name);
      const isGiven = member !== undefined && member.value.kind !== 'null';
      if (isHiddenInput(definition, types)) {
        presets.set(name, hiddenValue(definition, types));
      } else if (place === 'arguments' && !isGiven && this.#canBePresetsOnly(definition)) {
        // leaving the argument out does not get around what is preset in it
        presets.set(name, { kind: 'object', members: presetMembers(definition.type, types) });
      }
    }
    for (const member of given) {
      const name = originalName(member);
      const definition = definitions.get(name);
      if (definition === undefined) throw new InvariantError(`the remote schema has no input "${name}"`);
      if (presets.has(name)) continue;
      if (member.value.kind === 'null' && this.#options.skipsNulls) continue;
      printed.push([name, this.#printValue(member.value, definition.type)]);
    }
    for (const [name, preset] of presets) {
      const definition = definitions.get(name);
      if (definition !== undefined) printed.push([name, this.#printPreset(preset, definition.type)]);
    }
    return printed;
  }

  /** Whether an argument that is not given is sent with what is preset in it: not when the client would have to give the rest. */
  #canBePresetsOnly({ type }: RemoteInputValue): boolean {
    const { types } = this.#access.typeSystem;
    const inner = type.kind === 'non-null' ? type.of : type;
    const named = inner.kind === 'named' ? types.get(inner.name) : undefined;
    if (named?.kind !== 'input-object' || presetMembers(inner, types).size === 0) return false;
    return ![...named.fields.values()].some(
      (field) => isRequiredInput(field) && !isHiddenInput(field, types),
    );
  }

  #printValue(value: DelegatedValue, type: RemoteTypeReference): string {
    switch (value.kind) {
      case 'null':
        return 'null';
      case 'literal':
        return printJson(value.value);
      case 'enum':
        return value.name;
      case 'variable':
        return this.#printVariable(value, type);
      case 'list': {
        const inner = type.kind === 'non-null' ? type.of : type;
        const of = inner.kind === 'list' ? inner.of : inner;
        return printList(value.items.map((item) => this.#printValue(item, of)));
      }
      case 'object': {
        const named = this.#access.typeSystem.types.get(namedTypeOf(type));
        if (named?.kind !== 'input-object') throw new InvariantError(`"${typeText(type)}" has no members`);
        return printObject(this.#printMembers(value.members, named.fields, 'object'));
      }
    }
  }

  #printVariable({ name, declaredType, read }: DelegatedVariable, type: RemoteTypeReference): string {
    const { typeSystem } = this.#access;
    const hasPresets = holdsPresets(type, typeSystem);
    this.variables.add({
      name,
      type: this.#originalType(declaredType),
      readValue: ({ session, variables }) => {
        const value = read(variables?.[name] ?? null);
        return hasPresets ? withPresets(value, type, typeSystem, session) : value;
      },
    });
    return `$${name}`;
  }

  #originalType(node: TypeNode): string {
    switch (node.kind) {
      case Kind.NAMED_TYPE:
        return this.#access.schema.naming.originalTypeName(node.name.value);
      case Kind.LIST_TYPE:
        return `[${this.#originalType(node.type)}]`;
      case Kind.NON_NULL_TYPE:
        return `${this.#originalType(node.type)}!`;
      default:
        throw new InvariantError(`"${print(node)}" is no type`);
    }
  }

  #printPreset(preset: PresetValue, type: RemoteTypeReference): string {
    switch (preset.kind) {
      case 'null':
        return 'null';
      case 'literal':
        return printJson(preset.value);
      case 'enum':
        return preset.name;
      case 'session':
        return `$${this.variables.addSession(preset, typeText(type))}`;
      case 'list': {
        const inner = type.kind === 'non-null' ? type.of : type;
        const of = inner.kind === 'list' ? inner.of : inner;
        return printList(preset.items.map((item) => this.#printPreset(item, of)));
      }
      case 'object': {
        const named = this.#access.schema.typeSystem.types.get(namedTypeOf(type));
        if (named?.kind !== 'input-object') throw new InvariantError(`"${typeText(type)}" has no members`);
        const members: (readonly [string, string])[] = [];
        for (const [name, member] of preset.members) {
          const definition = named.fields.get(name);
          if (definition !== undefined) members.push([name, this.#printPreset(member, definition.type)]);
        }
        return printObject(members);
      }
    }
  }
}

/** The service's name of an argument, or of a member of an object. */
export function originalName({ definition: { name, meaning } }: DelegatedMember): string {
  if (meaning.kind === 'delegated') return meaning.name;
  throw new InvariantError(`input "${name}" (${meaning.kind}) is none of a service`);
}
