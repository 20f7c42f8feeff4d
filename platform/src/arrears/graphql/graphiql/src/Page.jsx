import { useEffect, useMemo, useState } from 'react';
import { GraphiQL } from 'graphiql';
import { check, createFetcher } from './api.js';
import { TokenBar } from './TokenBar.jsx';
import { forget, initialToken, remember } from './token.js';

/** The whole page: the token bar and GraphiQL, which reads the schema once a token is accepted. */
export function Page({ example }) {
  const [token, setToken] = useState(initialToken);
  const [state, setState] = useState(token ? 'checking' : 'none');
  const fetcher = useMemo(() => createFetcher(token), [token]);

  useEffect(() => {
    if (!token) return undefined;
    let current = true;
    check(token).then((answer) => {
      if (current) setState(answer);
    });
    return () => {
      current = false;
    };
  }, [token]);

  const use = (given) => {
    remember(given);
    if (given !== token) setState('checking');
    setToken(given);
  };
  const drop = () => {
    forget();
    setState('none');
    setToken('');
  };
  const accepted = state === 'accepted';
  return (
    <>
      <TokenBar token={token} state={state} onUse={use} onForget={drop} />
      <main className="workspace">
        {/* The key mounts GraphiQL anew for another token, so that it reads the schema this token may see.
            Its tabs go to this tab's storage: variables may hold personal data. */}
        <GraphiQL
          key={accepted ? token : 'anonymous'}
          fetcher={fetcher}
          schema={accepted ? undefined : null}
          defaultQuery={example}
          storage={window.sessionStorage}
          showPersistHeadersSettings={false}
          inputValueDeprecation
          schemaDescription
        >
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}
