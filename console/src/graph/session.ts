import { useApolloClient } from '@apollo/client/react'
import { useSyncExternalStore } from 'react'
import { lastSaid } from './answers'
import { canBeSent, fetchWithCredential, forgetCredential, getAccess, isSignedIn, setCredential, subscribe } from './credential'

/** accepted: the pages can be shown. unfit: the text is no key. unreachable, busy: the service could not check it. */
export type Outcome = 'accepted' | 'refused' | 'unfit' | 'unreachable' | 'busy'

const CHECK: RequestInit = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query: '{ __typename }' }),
}

/** The access of the reader: what the service says about it, and how to sign in and out. */
export function useSession() {
  const client = useApolloClient()
  const access = useSyncExternalStore(subscribe, getAccess)

  /** What another caller has read is removed. */
  async function clear() {
    lastSaid(new Map())
    await client.clearStore()
  }

  async function signIn(text: string): Promise<Outcome> {
    const key = text.trim()
    if (!canBeSent(key)) return 'unfit'
    await clear()
    setCredential(key)
    try {
      const { ok, status } = await fetchWithCredential('graphql', CHECK)
      return ok ? 'accepted' : status === 401 ? 'refused' : 'busy'
    } catch {
      return 'unreachable'
    }
  }

  async function signOut() {
    forgetCredential()
    await clear()
  }

  return { access, isSignedIn: access === 'open' && isSignedIn(), signIn, signOut }
}
