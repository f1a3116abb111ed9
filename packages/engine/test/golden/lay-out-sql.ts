/**
 * The statement with line breaks and indentation, for golden files. Only white space between tokens changes, so that the statement is still what is sent.
 */
export function layOutSql(text: string): string {
  const tokens =
    text.match(
      /E?'(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"|[()]|,|[A-Za-z_][A-Za-z_0-9]*|\s+|[^\s()'",A-Za-z_]+/g,
    ) ?? [];
  let out = '';
  // the indentation of each open parenthesis that holds a select; null for the others
  const open: (number | null)[] = [];
  const isInSelect = () => open.at(-1) !== null;
  const breakLine = (extra = 0) => {
    const indentation = (open.findLast((entry) => entry !== null) ?? 0) + extra;
    out = `${out.trimEnd()}\n${' '.repeat(indentation)}`;
  };
  tokens.forEach((token, index) => {
    if (token === '(') {
      out += token;
      const line = out.slice(out.lastIndexOf('\n') + 1);
      const isSelect = tokens[index + 1] === 'select';
      open.push(isSelect ? line.length - line.trimStart().length + 2 : null);
      if (isSelect) breakLine();
    } else if (token === ')') {
      if (isInSelect()) breakLine(-2);
      open.pop();
      out += token;
    } else if (isInSelect() && isClause(token, tokens.slice(index))) {
      breakLine();
      out += token;
    } else if (isInSelect() && token === ',') {
      out += token;
      breakLine(2);
    } else if (!(/^\s+$/.test(token) && /\n\s*$/.test(out))) {
      out += token;
    }
  });
  return `${out.trim()}\n`;
}

function isClause(token: string, rest: readonly string[]): boolean {
  if (token === 'left') return rest[2] === 'join';
  if (token === 'order') return rest[2] === 'by';
  return ['and', 'from', 'where', 'limit', 'offset', 'fetch'].includes(token);
}
