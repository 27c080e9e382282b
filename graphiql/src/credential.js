// The API key or token of the user. It stays in memory: no storage, URL or cookie has it, and a reload forgets it.
const API_KEY = /^ig_[A-Za-z0-9_-]+$/;
let credential = "";
const listeners = new Set();
let refused = false;

/** The header of a credential, as `fetch` and `connection_init` take it. */
export function credentialHeaders() {
  if (!credential) return {};
  return API_KEY.test(credential) ? { "X-API-Key": credential } : { Authorization: `Bearer ${credential}` };
}

export function setCredential(value) {
  credential = value.trim();
  setRefused(false);
}

/** Whether the service has refused a request since the last credential. */
export const isRefused = () => refused;

export function setRefused(value) {
  if (refused === value) return;
  refused = value;
  for (const listener of listeners) listener();
}

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `fetch` with the credential. A header that the user writes below the editor wins. */
export async function fetchWithCredential(url, options) {
  const sent = credential;
  const response = await fetch(url, { ...options, headers: { ...credentialHeaders(), ...options.headers } });
  if (response.status === 401 && sent === credential) setRefused(true); // else the user has entered another one
  return response;
}
