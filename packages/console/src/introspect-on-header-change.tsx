import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';
import { SECRET_PLACEHOLDER } from './first-headers.ts';

const QUIET_MS = 600;

/**
 * Another role has another schema: fetches it anew when the headers have been changed and are valid JSON. Also at the start, because
 * GraphiQL's own first question is sent before the editor of the headers is there, so without them.
 */
export function IntrospectOnHeaderChange() {
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  const { introspect } = useGraphiQLActions();
  useEffect(() => {
    if (headerEditor === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = headerEditor.getValue();
    if (!last.includes(SECRET_PLACEHOLDER)) void introspect();
    const subscription = headerEditor.onDidChangeModelContent(() => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const text = headerEditor.getValue();
        if (text === last || !isJson(text)) return;
        last = text;
        void introspect();
      }, QUIET_MS);
    });
    return () => {
      clearTimeout(timer);
      subscription.dispose();
    };
  }, [headerEditor, introspect]);
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
