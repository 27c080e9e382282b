/**
 * What the service says about the reader's credential.
 *
 * open: it has not refused a request. So it wants no key, or has accepted it, or a gateway in front of it signs readers
 * in. asked: it wants a key, and none was sent. refused: it does not accept the one that was sent. ended: it no longer
 * accepts one that it had accepted.
 */
export type Access = 'open' | 'asked' | 'refused' | 'ended'

/** The API key or token of the reader. It stays in memory: a reload of the page forgets it. */
let credential = ''
let accepted = false // whether the service has accepted the credential
let access: Access = 'open'
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
  if (sent === credential) note(response.status)
  return response
}

/** Whether a header can have this text. Other texts are no keys. */
export const canBeSent = (text: string) => /^[\x21-\x7e]+$/.test(text)

/** Keeps a credential that the service has not seen yet. */
export function setCredential(text: string) {
  credential = text
  accepted = false
}

/** Forgets the credential. The service has asked for it, so it asks again. */
export function forgetCredential() {
  setCredential('')
  tell('asked')
}

export const getAccess = () => access

/** Whether the service has accepted a credential of the reader. */
export const isSignedIn = () => accepted

export function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

function note(status: number) {
  if (status === 401) return tell(!credential ? 'asked' : accepted ? 'ended' : 'refused')
  if (status >= 400) return
  accepted = credential !== ''
  tell('open')
}

function tell(next: Access) {
  if (access === next) return
  access = next
  for (const listener of listeners) listener()
}
