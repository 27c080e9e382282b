import type { TotalsSoFar } from './useTotals'

/** How many invoices the sums are of, and what they lack. */
export function summary({ invoices, coverage, isWhole }: TotalsSoFar): string {
  const without = invoices.filter(({ total }) => !total).length
  const lacking = coverage.filter(({ status, code }) => status !== 'COMPLETE' && code && code !== 'UNLISTED')
  const states = { COMPLETE: '', PARTIAL: 'incomplete', STALE: 'out of date', MISSING: 'missing' }
  return [
    `${invoices.length} ${invoices.length === 1 ? 'invoice' : 'invoices'}${isWhole ? '' : ' so far'}.`,
    without > 0 && `${without} without a stated total: in no sum.`,
    ...lacking.map(({ account, status }) => `${account.name} is ${states[status]}.`),
  ]
    .filter(Boolean)
    .join(' ')
}
