import type { NodeIdItem } from '../../plan/index.ts';
import { integer, join, literal, type SqlFragment, sql } from '../fragment.ts';
import { renderOperand } from '../operand.ts';
import type { RowScope } from '../row.ts';

/** Base64 of `[1, "public", "author", 7]`, or of the second form with the source. Source: spec/graphql-api.md 16. */
export function renderNodeId({ identity, values }: NodeIdItem, scope: RowScope): SqlFragment {
  const { version, schema, name } = identity;
  const table =
    version === 1
      ? [typedText(schema), typedText(name)]
      : [
          typedText(identity.source),
          typedText('postgres'),
          sql`json_build_object('schema', ${typedText(schema)}, 'name', ${typedText(name)})`,
        ];
  const cells = values.map((value) => renderOperand(value, scope));
  return renderBase64(sql`json_build_array(${join([integer(version), ...table, ...cells], sql`, `)})`);
}

/** The text of a JSON value in base64, on one line. */
export function renderBase64(json: SqlFragment): SqlFragment {
  return sql`replace(encode(convert_to((${json})::text, 'UTF8'), 'base64'), ${literal('\n')}, '')`;
}

function typedText(text: string): SqlFragment {
  return sql`${literal(text)}::text`;
}
