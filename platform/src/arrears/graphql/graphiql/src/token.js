// The token lives in this tab only: sessionStorage, never a URL that is sent, never localStorage.

const KEY = 'arrears.token';

/** The token of this tab. One given as `#token=...` is taken over and removed from the address bar. */
export function initialToken() {
  const given = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (given) {
    remember(given.trim());
    window.history.replaceState(null, '', window.location.pathname);
  }
  return window.sessionStorage.getItem(KEY) ?? '';
}

export function remember(token) {
  window.sessionStorage.setItem(KEY, token);
}

export function forget() {
  window.sessionStorage.removeItem(KEY);
}
