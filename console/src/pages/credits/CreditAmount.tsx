import Big from 'big.js'
import { graphql, unmask, type FragmentType } from '../../gql'
import { parts } from '../../lib/money'
import { place } from '../../lib/scale'
import { Sum } from '../../ui/Amount'

const CreditAmountFragment = graphql(`
  fragment CreditAmount on CreditValue {
    ... on Money {
      amount
      currency
    }
    ... on Quantity {
      amount
      unit
    }
  }
`)

type Masked = FragmentType<typeof CreditAmountFragment> | null | undefined

/** Money, or an amount of usage with its unit. The two are never added. */
export function CreditAmount(props: { value: Masked }) {
  const value = unmask(CreditAmountFragment, props.value)
  if (!value || 'currency' in value) return <Sum money={value} />
  const { whole, fraction } = parts(value.amount)
  return (
    <span className="quantity">
      <span className="amount">
        {whole}
        {fraction && <span className="fraction">{fraction}</span>}
      </span>{' '}
      <span className="currency">{value.unit ?? 'units'}</span>
    </span>
  )
}

/** What remains of the granted value, as a bar. The amounts beside it say the same in digits. */
export function Meter({ value, remaining }: { value: Masked; remaining: Masked }) {
  const [whole, left] = [unmask(CreditAmountFragment, value), unmask(CreditAmountFragment, remaining)]
  if (!whole || !left || !new Big(whole.amount).gt('0')) return null
  const share = place(new Big(left.amount), [new Big('0'), new Big(whole.amount)])
  return (
    <span className="meter" aria-hidden="true">
      <span style={{ inlineSize: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
    </span>
  )
}
