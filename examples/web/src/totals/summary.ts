import type { TotalsSoFar } from './useTotals'

/** A sentence on the number of invoices in the sums, and on missing data. */
export function summary({ invoices, coverage, isWhole }: TotalsSoFar): string {
  const without = invoices.filter(({ total }) => !total).length
  const lacking = coverage.filter(({ status, code }) => status !== 'COMPLETE' && code && code !== 'UNLISTED')
  const states = { COMPLETE: '', PARTIAL: 'incomplete', STALE: 'out of date', MISSING: 'missing' }
  return [
    `${invoices.length} ${invoices.length === 1 ? 'invoice' : 'invoices'}${isWhole ? '' : ' so far'}.`,
    without > 0 && `${without} without a stated total: not in the sums.`,
    ...lacking.map(({ account, status }) => `${account.name} is ${states[status]}.`),
  ]
    .filter(Boolean)
    .join(' ')
}
