import { graphql, unmask } from '../../gql'
import type { CheckCode, CheckReason, InvoiceCheckFragment, Verdict } from '../../gql/graphql'
import { counted } from '../../lib/money'
import { Sum } from '../../ui/Amount'
import type { Tone } from '../../ui/Badge'
import type { Contents } from './useContents'

const CheckFragment = graphql(`
  fragment InvoiceCheck on Check {
    code
    verdict
    severity
    subject
    expected
    actual
    difference
    tolerance
    currency
    unit
    reason
  }
`)

export type Check = InvoiceCheckFragment

const ORDER: readonly Verdict[] = ['MISMATCH', 'WITHIN_TOLERANCE', 'NOT_EVALUABLE', 'ROUNDING', 'EXACT']

/** The checks of the invoice, those that differ first. */
export const readChecks = ({ invoice }: Contents): readonly Check[] =>
  unmask(CheckFragment, invoice?.reconciliation?.checks ?? []).toSorted((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict))

/** Those whose figures differ by more than rounding. */
export const differing = (checks: readonly Check[]) => checks.filter(({ verdict }) => verdict === 'MISMATCH' || verdict === 'WITHIN_TOLERANCE')

/** Those whose figures agree, apart from rounding. */
export const agreeing = (checks: readonly Check[]) => checks.filter(({ verdict }) => verdict === 'EXACT' || verdict === 'ROUNDING')

export const CHECKS: Readonly<Record<CheckCode, string>> = {
  LINES_TOTAL: 'The lines add up to the total',
  LINE_PRODUCT: 'Unit price × quantity is the cost',
  PRODUCTS_TOTAL: 'The products add up to the total',
  PROJECTS_TOTAL: 'The projects add up to the total',
  PROJECT_USAGE: 'The usage of a project adds up to its cost',
  PRODUCT_USAGE: 'The usage of a product adds up to its cost',
  TIER_PRICE: 'Price of the tier × billed credits is the cost',
  GRANT_OVERUSE: 'No more of a credit is used than was granted',
  UTILIZATION: 'The used share is between 0 and 1',
  SAVINGS: 'Gross savings − premium + rebate are the net savings',
  CURRENCY: 'The currency is stated and known',
  PAYMENT_HISTORY: 'The payment states do not contradict each other',
  LIST_DETAIL: 'The list and the invoice state the same amount',
  LIST_COUNT: 'The list is complete',
  DUPLICATE: 'The invoice is there once',
  SECOND_INVOICE: 'The period has one invoice',
  MONTH_GAP: 'No month is missing',
  OVERLAP: 'The periods do not overlap',
}

const VERDICTS: Readonly<Record<Verdict, readonly [string, Tone]>> = {
  EXACT: ['Exact', 'good'],
  ROUNDING: ['Rounding', 'good'],
  WITHIN_TOLERANCE: ['Differs within the tolerance', 'warn'],
  MISMATCH: ['Differs', 'bad'],
  NOT_EVALUABLE: ['Cannot be compared', 'quiet'],
}

export const verdictText = (verdict: Verdict) => VERDICTS[verdict][0]
export const verdictTone = (verdict: Verdict) => VERDICTS[verdict][1]

export const REASONS: Readonly<Record<CheckReason, string>> = {
  NOT_STATED: 'The provider does not state one of the figures.',
  UNREADABLE: 'The provider sent a figure that cannot be read.',
  ZERO_LEFT_OUT: 'They differ, and a part is absent: it is 0, or missing.',
  NO_CURRENCY: 'The currency is not known.',
  NO_MINOR_UNIT: 'ISO 4217 lists no minor unit of the currency.',
  MIXED_CURRENCIES: 'The figures have different currencies.',
  DISCOUNT_UNDOCUMENTED: 'They differ, and the provider does not document its discount.',
  UNLISTED: 'The provider has no list of invoices.',
  NOT_READ: 'One of the figures was not read.',
}

/** A figure of a check: money, or a number of units. */
export function Figure({ value, check }: { value: string | null | undefined; check: Check }) {
  if (value == null) return <span className="unknown">not known</span>
  if (check.currency) return <Sum money={{ amount: value, currency: check.currency }} />
  return <span className="amount">{counted({ amount: value })}</span>
}
