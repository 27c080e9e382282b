import { graphql, unmask, type FragmentType } from '../gql'
import { parts, type Money } from '../lib/money'

const AmountFragment = graphql(`
  fragment Amount on Money {
    amount
    currency
  }
`)

/** An amount that the graph states: exact, in the reader's locale, with the code of its currency. */
export function Amount({ money }: { money: FragmentType<typeof AmountFragment> | null | undefined }) {
  return <Sum money={unmask(AmountFragment, money)} />
}

/** The same for an amount that this page computed. */
export function Sum({ money }: { money: Money | null | undefined }) {
  if (!money) return <span className="amount unknown">not stated</span>
  const { whole, fraction } = parts(money.amount, money.currency)
  return (
    <span className="amount">
      <span className="currency">{money.currency}</span> {whole}
      {fraction && <span className="fraction">{fraction}</span>}
    </span>
  )
}

/** One amount per currency, side by side: they are never added. */
export function Sums({ money, none = 'none' }: { money: readonly Money[]; none?: string }) {
  if (money.length === 0) return <span className="amount unknown">{none}</span>
  return (
    <span className="sums">
      {money.map((one) => (
        <Sum key={one.currency} money={one} />
      ))}
    </span>
  )
}
