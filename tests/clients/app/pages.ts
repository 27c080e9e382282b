// Pages through lists by a client with a cache, and says what it got and what it then has without asking again.
import type { InvoicesQuery, InvoicesQueryVariables, ProjectsOfQuery } from './gql/graphql'
import { asked, complaints, say } from './program'

export interface Reader {
  /** The list once all of its pages were asked for, one after the other. */
  paged(variables: InvoicesQueryVariables): Promise<InvoicesQuery | undefined>
  /** What the cache has of it. */
  kept(variables: InvoicesQueryVariables): InvoicesQuery | null
  /** Asks for other parts of an invoice. */
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
