import { useMemo, useSyncExternalStore } from 'react'

/** The selection is in the page's URL, so that users can share it and undo it with "back". */
export const NAMES = ['search', 'account', 'payment', 'currency', 'from', 'to', 'invoice'] as const
export type Name = (typeof NAMES)[number]
export type Chosen = Partial<Record<Name, string>>

export function useAddress(): Chosen {
  const query = useSyncExternalStore(subscribe, () => location.search)
  return useMemo(() => {
    const parameters = new URLSearchParams(query)
    return Object.fromEntries(NAMES.flatMap((name) => (parameters.get(name) ? [[name, parameters.get(name)]] : [])))
  }, [query])
}

/** Changes the selection. An empty text removes a value. */
export function choose(changes: Chosen, how: 'pushState' | 'replaceState' = 'replaceState'): void {
  const parameters = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value) parameters.set(name, value)
    else parameters.delete(name)
  }
  history[how](null, '', parameters.size ? `?${parameters}` : location.pathname)
  dispatchEvent(new PopStateEvent('popstate'))
}

function subscribe(changed: () => void): () => void {
  addEventListener('popstate', changed)
  return () => removeEventListener('popstate', changed)
}
