import { useMemo } from 'react'
import type { InvoiceFilter, PaymentStatus } from '../gql/graphql'
import { choose, useParams } from '../lib/address'
import { PAYMENTS } from '../lib/payment'
import { type Period, periodFilter, usePeriod } from '../lib/period'

/** The parameters of the address have the names of the filter's fields. So the export takes the same ones. */
const LISTS = ['providers', 'accounts', 'paymentStatus', 'currency'] as const
type List = (typeof LISTS)[number]

export const clearFilters = () => choose({ search: '', ...Object.fromEntries(LISTS.map((name) => [name, []])) })

export const chosenIn = (params: URLSearchParams, name: List): string[] => params.getAll(name)

export const isFiltered = (params: URLSearchParams) => ['search', ...LISTS].some((name) => params.has(name))

export function filterOf(params: URLSearchParams, period: Period): InvoiceFilter {
  const list = (name: List) => (params.has(name) ? { [name]: params.getAll(name) } : {})
  const payments = params.getAll('paymentStatus').filter((text): text is PaymentStatus => Object.hasOwn(PAYMENTS, text))
  const search = params.get('search')
  return {
    ...periodFilter(period),
    ...list('providers'),
    ...list('accounts'),
    ...list('currency'),
    ...(payments.length > 0 && { paymentStatus: payments }),
    ...(search && { search }),
  }
}

/** The filter in the address. The object is the same until it changes. */
export function useFilter(): InvoiceFilter {
  const params = useParams()
  const period = usePeriod()
  return useMemo(() => filterOf(params, period), [params, period])
}

/** The address of a file with exactly the invoices of a filter. */
export function exportHref(file: string, filter: InvoiceFilter): string {
  const pairs = Object.entries(filter).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]))
  return `export/${file}${pairs.length ? `?${new URLSearchParams(pairs)}` : ''}`
}
