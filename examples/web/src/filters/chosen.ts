import type { InvoiceFilter } from '../gql/graphql'
import type { Chosen } from '../lib/address'
import { PAYMENTS } from '../lib/payment'

const isPayment = (text: string | undefined): text is keyof typeof PAYMENTS => text !== undefined && text in PAYMENTS

/** The filter in the page's URL, as a GraphQL input. */
export function filterOf({ search, account, payment, currency, from, to }: Chosen): InvoiceFilter {
  return {
    ...(search && { search }),
    ...(account && { accounts: [account] }),
    ...(isPayment(payment) && { paymentStatus: [payment] }),
    ...(currency && { currency: [currency] }),
    ...(from && { periodFrom: from }),
    ...(to && { periodTo: to }),
  }
}
