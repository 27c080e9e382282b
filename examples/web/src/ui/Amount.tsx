import { graphql, unmask, type FragmentType } from '../gql'
import { grouped } from '../lib/money'

const AmountFragment = graphql(`
  fragment Amount on Money {
    amount
    currency
  }
`)

/** An amount with exactly the provider's digits, aligned at the decimal point. */
export function Amount({ money }: { money: FragmentType<typeof AmountFragment> | null | undefined }) {
  const stated = unmask(AmountFragment, money)
  if (!stated) return <span className="amount unknown">not stated</span>
  const { whole, fraction } = grouped(stated.amount)
  return (
    <span className="amount">
      <span className="currency">{stated.currency}</span> {whole}
      <span className="fraction">{fraction}</span>
    </span>
  )
}
