import { useState } from 'react';

const STATES = {
  none: 'No token',
  checking: 'Checking',
  accepted: 'Signed in',
  refused: 'Token refused',
  unreachable: 'Server did not answer',
};

/** The bar above GraphiQL: the name, and the field for the token with what the server thinks of it. */
export function TokenBar({ token, state, onUse, onForget }) {
  const [draft, setDraft] = useState(token);
  const submit = (event) => {
    event.preventDefault();
    onUse(draft.trim());
  };
  return (
    <header className="bar">
      <a className="bar-name" href="/graphiql">
        <img src="/graphiql/icon.svg" alt="" width="24" height="24" />
        Arrears
      </a>
      <form className="bar-token" onSubmit={submit}>
        <label htmlFor="token">Token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck="false"
          placeholder="API key or access token"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit" disabled={!draft.trim()}>
          Use
        </button>
        {token ? (
          <button
            type="button"
            className="bar-quiet"
            onClick={() => {
              setDraft('');
              onForget();
            }}
          >
            Forget
          </button>
        ) : null}
      </form>
      <output className="bar-state" data-state={state} aria-live="polite">
        {STATES[state]}
      </output>
    </header>
  );
}
