// Pagination with Apollo Client: node apolloPages.js URL
import { connect } from './apollo'
import { Invoices, MoreOfInvoice, ProjectsOf } from './operations'
import { report } from './pages'
import { url } from './program'

const client = connect(url)

report({
  async paged(variables) {
    let { data } = await client.query({ query: Invoices, variables })
    const list = client.watchQuery({ query: Invoices, variables })
    const watching = list.subscribe(() => {})
    while (data?.invoices.pageInfo.hasNextPage) {
      await list.fetchMore({ variables: { after: data.invoices.pageInfo.endCursor } })
      data = client.readQuery({ query: Invoices, variables }) ?? undefined
    }
    watching.unsubscribe()
    return data
  },
  kept: (variables) => client.readQuery({ query: Invoices, variables }),
  askForMore: (id) => client.query({ query: MoreOfInvoice, variables: { id } }),
  projects: async (id) => (await client.query({ query: ProjectsOf, variables: { id } })).data,
})
