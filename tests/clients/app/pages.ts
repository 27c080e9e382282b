// Reads all pages of lists with a caching client, and prints the results and the content of the cache.
import type { InvoicesQuery, InvoicesQueryVariables, ProjectsOfQuery } from './gql/graphql'
import { asked, complaints, say } from './program'

export interface Reader {
  /** The list after all of its pages were requested, one after the other. */
  paged(variables: InvoicesQueryVariables): Promise<InvoicesQuery | undefined>
  /** The cached part of the list. */
  kept(variables: InvoicesQueryVariables): InvoicesQuery | null
  /** Requests other fields of an invoice. */
  askForMore(id: string): Promise<unknown>
  projects(id: string): Promise<ProjectsOfQuery | undefined>
}

const ids = (data: InvoicesQuery | null | undefined) => data?.invoices.edges.map(({ node }) => node.id)
const fastly = { providers: ['fastly'] }

export async function report(reader: Reader) {
  const all = ids(await reader.paged({ first: 7 }))
  const requests = asked.times
  const some = ids(await reader.paged({ first: 7, filterBy: fastly }))
  await reader.askForMore(some?.[0] ?? '')
  const before = asked.times
  const kept = [reader.kept({ first: 7 }), reader.kept({ first: 7, filterBy: fastly })]
  const amount: string | undefined = kept[0]?.invoices.edges[0]?.node.total?.amount
  say({ all, some, kept: kept.map(ids), amount, requests, again: asked.times - before })
  for (const id of ['fastly/sandbox-fastly', 'spectrocloud/sandbox-palette']) say(await reader.projects(id))
  say(complaints)
}
