/** The API key or token of the user. It stays in memory: a reload of the page forgets it. */
let credential = ''
let refused = false
const listeners = new Set<() => void>()

function headers(): Record<string, string> {
  if (!credential) return {}
  return credential.startsWith('ig_') ? { 'X-API-Key': credential } : { Authorization: `Bearer ${credential}` }
}

/**
 * `fetch` with the credential. It notes whether the service refuses it. If the user enters another credential meanwhile, the
 * request is sent again: Apollo Client takes the answer for that of the same query after the sign-in.
 */
export async function fetchWithCredential(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const sent = credential
  const response = await fetch(input, { ...init, headers: { ...(init.headers as Record<string, string>), ...headers() } })
  if (response.status === 401 && sent !== credential) return fetchWithCredential(input, init)
  if (sent === credential) setRefused(response.status === 401)
  return response
}

export function setCredential(value: string) {
  credential = value.trim()
}

export const isRefused = () => refused

function setRefused(value: boolean) {
  if (refused === value) return
  refused = value
  for (const listener of listeners) listener()
}

export function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
