// Pagination with urql and its graphcache: node urqlPages.js URL
import type { InvoicesQuery } from './gql/graphql'
import { Invoices, MoreOfInvoice, ProjectsOf } from './operations'
import { report } from './pages'
import { url } from './program'
import { connect } from './urql'

const client = connect(url)

report({
  async paged(variables) {
    let data: InvoicesQuery | undefined
    do {
      data = (await client.query(Invoices, { ...variables, after: data?.invoices.pageInfo.endCursor }).toPromise()).data
    } while (data?.invoices.pageInfo.hasNextPage)
    return data
  },
  kept: (variables) => client.readQuery(Invoices, variables)?.data ?? null,
  askForMore: (id) => client.query(MoreOfInvoice, { id }).toPromise(),
  projects: async (id) => (await client.query(ProjectsOf, { id }).toPromise()).data,
})
