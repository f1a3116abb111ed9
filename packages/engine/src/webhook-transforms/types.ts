import type { Json } from '../support/index.ts';
import type { Expression } from './kriti/index.ts';

/** Gives any JSON value. */
export type JsonTemplate = { readonly flavour: 'json'; readonly expression: Expression };
/** Gives text: what is written between double quotes. Source: spec/actions.md 11.2. */
export type TextTemplate = { readonly flavour: 'text'; readonly expression: Expression };

export type BodyTransform =
  | { readonly action: 'remove' }
  | { readonly action: 'transform'; readonly template: JsonTemplate }
  | {
      readonly action: 'x_www_form_urlencoded';
      readonly fields: readonly (readonly [string, TextTemplate])[];
    };

/** Null: that part of the request stays as it is. Source: spec/actions.md 11.1. */
export interface RequestTransform {
  readonly method: string | null;
  readonly url: TextTemplate | null;
  readonly body: BodyTransform | null;
  readonly queryParameters:
    | { readonly kind: 'pairs'; readonly pairs: readonly (readonly [TextTemplate, TextTemplate | null])[] }
    | { readonly kind: 'text'; readonly template: TextTemplate }
    | null;
  readonly headers: {
    readonly added: readonly (readonly [string, TextTemplate])[];
    /** Lower-case names. */
    readonly removed: ReadonlySet<string>;
  } | null;
}

export interface ResponseTransform {
  readonly body: BodyTransform | null;
}

/** Names and values, a name possibly several times. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** Text is a form, sent as it is. */
export type WebhookBody =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'text'; readonly text: string };

/** A request to a webhook before or after its transform. */
export interface TransformedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderPairs;
  /** Null: none. */
  readonly body: WebhookBody | null;
}

/** What templates of requests see. Source: spec/actions.md 11.4. */
export interface RequestContext {
  readonly body: Json;
  /** After its variables are put in. */
  readonly baseUrl: string;
  /** Lower-case names. */
  readonly sessionVariables: ReadonlyMap<string, string>;
}

/** What templates of responses see. Source: spec/actions.md 11.5. */
export interface ResponseContext {
  /** Null when the answer was no JSON. */
  readonly body: Json;
  readonly status: number;
  readonly sessionVariables: ReadonlyMap<string, string>;
  /** The request as its transform made it; null without a transform. */
  readonly request: { readonly body: Json; readonly url: string } | null;
}
