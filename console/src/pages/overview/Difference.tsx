import { parts, type Money } from '../../lib/money'

const SHARE = new Intl.NumberFormat(undefined, { style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: 1 })

interface Props {
  change: { readonly difference: Money | undefined; readonly share: string | undefined }
}

/** A change of an amount, exact, and as a rounded percentage. */
export function Difference({ change: { difference, share } }: Props) {
  if (!difference) return null
  return (
    <span className="difference">
      <Signed {...difference} /> {share && <span className="share">({SHARE.format(share as Intl.StringNumericLiteral)})</span>}
    </span>
  )
}

/** An exact number with its sign, also if it is positive. */
export function Signed({ amount, currency }: { amount: string; currency?: string | null | undefined }) {
  const { whole, fraction } = parts(amount, currency)
  const isRise = !amount.startsWith('-') && /[1-9]/.test(amount)
  return (
    <span className="amount">
      {currency && <span className="currency">{currency}</span>} {isRise && '+'}
      {whole}
      {fraction && <span className="fraction">{fraction}</span>}
    </span>
  )
}
