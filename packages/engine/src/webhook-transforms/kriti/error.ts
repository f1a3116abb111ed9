import type { JsonObject } from '../../support/index.ts';

/** Lines count from 0, columns from 1; the end is exclusive. Source: spec/events.md C4. */
export interface Span {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type TemplateErrorCode =
  | 'Parse Error'
  | 'Lex Error'
  | 'Name Error'
  | 'Attribute Error'
  | 'Type Error'
  | 'Index Error'
  | 'Function Error';

/** A template that cannot be read or evaluated. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code: TemplateErrorCode;
  readonly span: Span;

  constructor(code: TemplateErrorCode, message: string, span: Span) {
    super(message);
    this.code = code;
    this.span = span;
  }

  /** As the contract shows it. */
  toJson(): JsonObject {
    const { startLine, startColumn, endLine, endColumn } = this.span;
    return {
      error_code: this.code,
      message: this.message,
      source_position: {
        start_line: startLine,
        start_column: startColumn,
        end_line: endLine,
        end_column: endColumn,
      },
    };
  }
}

/** From the beginning of one to the end of the other. */
export function spanOver(from: Span, to: Span): Span {
  return { ...to, startLine: from.startLine, startColumn: from.startColumn };
}
