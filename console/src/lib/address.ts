import { useMemo, useSyncExternalStore } from 'react'

/**
 * The page and all selections are in the address, so that users can share them and undo them with "back". Every page has
 * one segment. So all links are relative, and work below any path of a proxy.
 */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>

/** The name of the current page: the last segment of the path. The overview has the empty name. */
export const usePage = () => useSyncExternalStore(subscribe, () => location.pathname.slice(location.pathname.lastIndexOf('/') + 1))

/** The parameters of the address. The object is the same until they change. */
export function useParams(): URLSearchParams {
  const query = useSyncExternalStore(subscribe, () => location.search)
  return useMemo(() => new URLSearchParams(query), [query])
}

/** The relative address of a page with parameters. Empty values are left out. */
export function hrefOf(page: string, values: Changes = {}): string {
  const parameters = changed(new URLSearchParams(), values)
  return `${page || './'}${parameters.size ? `?${parameters}` : ''}`
}

/** Changes parameters of the current address. An empty value removes its parameter. */
export function choose(changes: Changes, how: 'pushState' | 'replaceState' = 'pushState'): void {
  const parameters = changed(new URLSearchParams(location.search), changes)
  show(parameters.size ? `?${parameters}` : location.pathname, how)
}

/** Opens a relative address as a new entry of the history, at its top. */
export function go(href: string): void {
  opened += 1
  show(href, 'pushState')
  scrollTo(0, 0)
}

/** How many links were followed since the page was loaded. A changed parameter, back and forward do not count. */
export const useOpened = () => useSyncExternalStore(subscribe, () => opened)

/** How many addresses were shown since the page was loaded, back and forward included. */
export const shownSoFar = () => shown

let opened = 0
let shown = 0
addEventListener('popstate', () => (shown += 1))

function show(href: string, how: 'pushState' | 'replaceState') {
  history[how](null, '', href)
  dispatchEvent(new PopStateEvent('popstate'))
}

function changed(parameters: URLSearchParams, changes: Changes): URLSearchParams {
  for (const [name, value] of Object.entries(changes)) {
    parameters.delete(name)
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) if (one) parameters.append(name, one)
  }
  parameters.sort() // one address for each selection
  return parameters
}

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener)
  return () => removeEventListener('popstate', listener)
}
