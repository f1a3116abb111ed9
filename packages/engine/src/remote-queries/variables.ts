import type { Session } from '../authentication/index.ts';
import type { SessionPreset } from '../remote-schemas/index.ts';
import type { Json, JsonObject } from '../support/index.ts';
import { readSessionPreset } from './presets.ts';

/** What the values of an operation's variables come from. */
export interface VariableValues {
  readonly session: Session;
  /** Of the client's operation. */
  readonly variables: JsonObject | null;
}

/** A variable of the operation that is sent. */
export interface SentVariable {
  readonly name: string;
  /** With the service's type names. */
  readonly type: string;
  /** Throws a RequestError. */
  readonly readValue: (values: VariableValues) => Json;
}

/** Collects the variables of an operation while it is printed. */
export class SentVariables {
  readonly #byName = new Map<string, SentVariable>();
  readonly #sessionNames = new Map<string, string>();
  readonly #reserved: ReadonlySet<string>;

  /** @param reserved names that the client's operation uses */
  constructor(reserved: Iterable<string>) {
    this.#reserved = new Set(reserved);
  }

  get all(): readonly SentVariable[] {
    return [...this.#byName.values()];
  }

  /** A variable of the client, which keeps its name. */
  add(variable: SentVariable): void {
    if (!this.#byName.has(variable.name)) this.#byName.set(variable.name, variable);
  }

  /** Gives the name under which the session variable is sent as a value of the type. */
  addSession(preset: SessionPreset, type: string): string {
    const key = JSON.stringify([preset.variable, type]);
    const known = this.#sessionNames.get(key);
    if (known !== undefined) return known;
    let name = preset.variable.replace(/[^_0-9A-Za-z]/g, '_');
    while (this.#byName.has(name) || this.#reserved.has(name)) name += '_';
    this.#sessionNames.set(key, name);
    this.#byName.set(name, { name, type, readValue: ({ session }) => readSessionPreset(preset, session) });
    return name;
  }
}
