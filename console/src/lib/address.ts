import { useMemo } from 'react'
import { navigate, useLocationProperty, usePathname, useSearch } from 'wouter/use-browser-location'

/**
 * The page and all selections are in the address, so that users can share them and undo them with "back". Every page has
 * one segment. So all links are relative, and work below any path of a proxy.
 */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>

/** The name of the current page: the last segment of the path. The overview has the empty name. */
export const usePage = () => nameOf(usePathname())

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** The parameters of the address. The object is the same until they change. */
export function useParams(): URLSearchParams {
  const query = useSearch()
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
  navigate(parameters.size ? `?${parameters}` : location.pathname, { replace: how === 'replaceState', state: history.state })
}

/** Opens a relative address as a new entry of the history, at its top. The entry keeps the address that led to it. */
export function go(href: string): void {
  opened += 1
  navigate(href, { state: { from: `${nameOf(location.pathname)}${location.search}` } })
  scrollTo(0, 0)
}

/** How many links were followed since the page was loaded. A changed parameter, back and forward do not count. */
export const useOpened = () => useLocationProperty(() => opened)

/** The relative address of a page as it was when it led here, with its selections; else its address without any. */
export function backTo(page: string): string {
  const from = (history.state as { from?: string } | null)?.from
  return from?.split('?')[0] === page ? from : page || './'
}

/** How many addresses were shown since the page was loaded, back and forward included. */
export const shownSoFar = () => shown

let opened = 0
let shown = 0
for (const event of ['popstate', 'pushState', 'replaceState']) addEventListener(event, () => (shown += 1))

function changed(parameters: URLSearchParams, changes: Changes): URLSearchParams {
  for (const [name, value] of Object.entries(changes)) {
    parameters.delete(name)
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) if (one) parameters.append(name, one)
  }
  parameters.sort() // one address for each selection
  return parameters
}
