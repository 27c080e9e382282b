import { useMemo } from 'react'
import type { InvoiceFilter, InvoiceOrder, PaymentStatus } from '../gql/graphql'
import { choose, useParams } from '../lib/address'
import { PAYMENTS } from '../lib/payment'
import { type Period, periodFilter, usePeriod } from '../lib/period'

/** The parameters of the address have the names of the filter's fields. So the export takes the same ones. */
const LISTS = ['providers', 'accounts', 'projects', 'currency'] as const
const TEXTS = ['totalMin', 'totalMax', 'search'] as const
const FLAGS = ['overdue', 'everFailed'] as const
const NAMES = [...LISTS, ...TEXTS, ...FLAGS, 'paymentStatus'] as const

/** What a file cannot be filtered by: the export has no such parameters. */
const NOT_IN_FILES = { overdue: 'Overdue', everFailed: 'Failed attempts' } as const

/** The fields of the filter that test a fact which some invoices do not state. */
const FACTS = ['currency', 'totalMin', 'totalMax', 'overdue', 'everFailed', 'paymentStatus'] as const

export const clearFilters = () => choose(Object.fromEntries(NAMES.map((name) => [name, ''])))

export const isFiltered = (params: URLSearchParams) => NAMES.some((name) => params.has(name))

export const testsFacts = (params: URLSearchParams) => FACTS.some((name) => params.has(name))

/** The names of the chosen filters that a file cannot have. */
export const missingInFiles = (filter: InvoiceFilter): string[] =>
  Object.entries(NOT_IN_FILES).flatMap(([name, text]) => (Object.hasOwn(filter, name) ? [text] : []))

export const isDecimal = (text: string) => /^-?\d+(\.\d+)?$/.test(text)

export function filterOf(params: URLSearchParams, period: Period): InvoiceFilter {
  const lists = LISTS.filter((name) => params.has(name)).map((name) => [name, params.getAll(name)])
  const flags = FLAGS.filter((name) => /^(true|false)$/.test(params.get(name) ?? '')).map((name) => [name, params.get(name) === 'true'])
  // The graph compares amounts in one currency only.
  const bounds = params.getAll('currency').length === 1 ? (['totalMin', 'totalMax'] as const) : []
  const amounts = bounds.filter((name) => isDecimal(params.get(name) ?? '')).map((name) => [name, params.get(name)])
  const payments = params.getAll('paymentStatus').filter((text): text is PaymentStatus => Object.hasOwn(PAYMENTS, text))
  const search = params.get('search')
  return {
    ...periodFilter(period),
    ...Object.fromEntries([...lists, ...flags, ...amounts]),
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

/** The order in the address: newest first, unless it says otherwise. */
export const useOrder = (): InvoiceOrder => (useParams().get('order') === 'OLDEST_FIRST' ? 'OLDEST_FIRST' : 'NEWEST_FIRST')

export const chooseOrder = (order: InvoiceOrder) => choose({ order: order === 'NEWEST_FIRST' ? '' : order })

/** The address of a file with exactly the invoices of a filter. */
export function exportHref(file: string, filter: InvoiceFilter): string {
  const pairs = Object.entries(filter).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]))
  return `export/${file}${pairs.length ? `?${new URLSearchParams(pairs)}` : ''}`
}
