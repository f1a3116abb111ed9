import type { Json } from '../../support/index.ts';
import type { Span } from './error.ts';

export type BinaryOperator = '>' | '<' | '>=' | '<=' | '==' | '!=' | '&&' | '||' | '??' | 'in';

/** A template as a tree. Source: spec/events.md C1.2. */
export type Expression =
  | { readonly kind: 'literal'; readonly span: Span; readonly value: Json }
  /** A string; its pieces are text or expressions. */
  | { readonly kind: 'string'; readonly span: Span; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'array'; readonly span: Span; readonly items: readonly Expression[] }
  | {
      readonly kind: 'object';
      readonly span: Span;
      readonly members: readonly (readonly [key: string, value: Expression])[];
    }
  | { readonly kind: 'variable'; readonly span: Span; readonly name: string }
  | { readonly kind: 'member'; readonly span: Span; readonly of: Expression; readonly step: Step }
  /** `a?.b.c`: steps that do not apply give null. */
  | {
      readonly kind: 'optional';
      readonly span: Span;
      readonly of: Expression;
      readonly steps: readonly Step[];
    }
  | { readonly kind: 'call'; readonly span: Span; readonly name: string; readonly argument: Expression }
  | {
      readonly kind: 'binary';
      readonly span: Span;
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'if';
      readonly span: Span;
      readonly branches: readonly Branch[];
      readonly otherwise: Expression;
    }
  | {
      readonly kind: 'range';
      readonly span: Span;
      /** Null: `_`. */
      readonly index: string | null;
      readonly item: string;
      readonly over: Expression;
      readonly body: Expression;
    };

/** The place is told when the condition is no boolean. */
export interface Branch {
  readonly condition: Expression;
  readonly result: Expression;
  /** Of the first one the whole `if`, of others their own part. */
  readonly span: Span;
}

export type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: Expression };
