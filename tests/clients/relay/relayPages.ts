// Pagination with Relay by node(id:): node relayPages.js URL ID
import { createOperationDescriptor, fetchQuery, getSingularSelector } from 'relay-runtime'
import page, { type AccountInvoicesPageQuery } from './__generated__/AccountInvoicesPageQuery.graphql'
import query, { type AccountInvoicesQuery } from './__generated__/AccountInvoicesQuery.graphql'
import fragment, { type AccountInvoices_account$data } from './__generated__/AccountInvoices_account.graphql'
import { connect } from './environment'
import { asked, complaints, say, url, words } from './program'

const environment = connect(url)
const [id = ''] = words

/** The list in the store, as a component with the fragment would read it. */
function list(account: AccountInvoicesQuery['response']['account']) {
  const selector = getSingularSelector(fragment, account)
  if (!selector) throw new Error('no such account')
  const { data } = environment.lookup(selector)
  return (data as unknown as AccountInvoices_account$data).invoices
}

async function paged(filterBy: AccountInvoicesQuery['variables']['filterBy']) {
  const variables = { id, filterBy, count: 7 }
  environment.retain(createOperationDescriptor(query, variables))
  const answer = await fetchQuery<AccountInvoicesQuery>(environment, query, variables).toPromise()
  const invoices = () => list(answer?.account)
  while (invoices().pageInfo.hasNextPage) {
    const more = { ...variables, cursor: invoices().pageInfo.endCursor }
    await fetchQuery<AccountInvoicesPageQuery>(environment, page, more).toPromise()
  }
  return () => invoices().edges.map(({ node }) => node.id)
}

async function report() {
  const all = await paged(null)
  const requests = asked.times
  const some = await paged({ periodFrom: '2026-01-01' })
  say({ all: all(), some: some(), requests })
  say(complaints)
}

report()
