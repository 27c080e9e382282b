import { type FormEvent, useState } from 'react'
import { choose, useParams } from '../lib/address'
import { written } from '../lib/money'
import { Choices } from '../ui/Choices'
import { Popover } from '../ui/Popover'
import { isDecimal } from './filter'

const PATTERN = '-?\\d+(\\.\\d+)?'
const HINT = 'Digits, with a point before the cents and nothing between the thousands: 1250.50'

/** Filters by the stated total: its currencies, or one currency with a least and a most amount. */
export function TotalFilter({ codes }: { codes: readonly string[] }) {
  const params = useParams()
  const chosen = params.getAll('currency')
  const bounds = { totalMin: params.get('totalMin') ?? '', totalMax: params.get('totalMax') ?? '' }
  return (
    <Popover label="Currency and total" text={textOf(chosen, bounds)}>
      {(close) => <Panel codes={[...new Set([...codes, ...chosen])].toSorted()} chosen={chosen} bounds={bounds} close={close} />}
    </Popover>
  )
}

interface Bounds {
  totalMin: string
  totalMax: string
}

interface PanelProps {
  codes: readonly string[]
  chosen: readonly string[]
  bounds: Bounds
  close: () => void
}

function Panel({ codes, chosen, bounds, close }: PanelProps) {
  const [currencies, setCurrencies] = useState(chosen)
  const [amounts, setAmounts] = useState(bounds)
  const isOne = currencies.length === 1
  const apply = (event: FormEvent) => {
    event.preventDefault()
    choose({ currency: currencies, totalMin: isOne ? amounts.totalMin : '', totalMax: isOne ? amounts.totalMax : '' })
    close()
  }
  const amount = (name: keyof Bounds, label: string) => (
    <label className="field">
      <span>{label}</span>
      <input
        inputMode="decimal"
        pattern={PATTERN}
        title={HINT}
        disabled={!isOne}
        value={isOne ? amounts[name] : ''}
        onChange={({ target }) => setAmounts({ ...amounts, [name]: target.value.trim() })}
      />
    </label>
  )
  return (
    <form onSubmit={apply}>
      <Choices legend="Currency" values={currencies} options={codes.map((code) => [code, code])} onChange={setCurrencies} />
      <div className="panel">
        <div className="pair">
          {amount('totalMin', `At least${isOne ? ` ${currencies[0]}` : ''}`)}
          {amount('totalMax', `At most${isOne ? ` ${currencies[0]}` : ''}`)}
        </div>
        <p className="note">{isOne ? 'Compares the stated total.' : 'To compare amounts, choose one currency.'}</p>
        <button type="submit" className="primary">
          Apply
        </button>
      </div>
    </form>
  )
}

function textOf(chosen: readonly string[], { totalMin, totalMax }: Bounds): string {
  if (chosen.length === 0) return 'All'
  const [code] = chosen
  if (chosen.length > 1 || !code) return chosen.join(', ')
  const least = isDecimal(totalMin) && written({ amount: totalMin, currency: '' }).trim()
  const most = isDecimal(totalMax) && written({ amount: totalMax, currency: '' }).trim()
  if (least && most) return `${code} ${least} – ${most}`
  if (least) return `${code} from ${least}`
  return most ? `${code} up to ${most}` : code
}
