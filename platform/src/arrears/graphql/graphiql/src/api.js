import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

const ENDPOINT = '/graphql';

/** Says what the server makes of the token: 'accepted', 'refused' or 'unreachable'. */
export async function check(token) {
  try {
    const answer = await fetch(ENDPOINT, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ __typename }' }),
      credentials: 'omit',
    });
    if (answer.status === 401 || answer.status === 403) return 'refused';
    return answer.ok ? 'accepted' : 'unreachable';
  } catch {
    return 'unreachable';
  }
}

/** A fetcher that signs every operation with the token; subscriptions go over graphql-transport-ws. */
export function createFetcher(token) {
  const socket = new URL(ENDPOINT, window.location.href);
  socket.protocol = socket.protocol === 'https:' ? 'wss:' : 'ws:';
  return createGraphiQLFetcher({
    url: ENDPOINT,
    enableIncrementalDelivery: false,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    fetch: (input, init) => fetch(input, { ...init, credentials: 'omit' }),
    wsClient: createClient({
      url: socket.href,
      lazy: true,
      retryAttempts: 3,
      connectionParams: () => (token ? { authorization: `Bearer ${token}` } : {}),
    }),
  });
}

/** The operation that the deployment suggests for the first tab. */
export async function exampleQuery() {
  const answer = await fetch('/graphiql/example.graphql', { credentials: 'omit' });
  return answer.ok ? answer.text() : '{\n  __typename\n}\n';
}
