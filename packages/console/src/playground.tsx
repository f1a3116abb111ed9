import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { firstHeaders } from './first-headers.ts';
import { IntrospectOnHeaderChange } from './introspect-on-header-change.tsx';

const FIRST_QUERY = `# Ask as any role: change x-hasura-role in the headers below.
# Each role sees its own fields and rows; the documentation (left) and the completion follow the role.
query {
  __schema {
    queryType {
      fields {
        name
      }
    }
  }
}
`;

const fetcher = createGraphiQLFetcher({ url: new URL('/v1/graphql', window.location.href).href });

/** GraphiQL with the headers in sight: who asks is half of the question. */
export function Playground() {
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultQuery={FIRST_QUERY}
      defaultHeaders={firstHeaders(window.location.hash)}
      defaultEditorToolsVisibility="headers"
      isHeadersEditorEnabled
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>Postern</GraphiQL.Logo>
      <GraphiQL.Footer>
        <IntrospectOnHeaderChange />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}
