import { choose } from '../lib/address'
import { choosePreset, periodText, PRESETS, usePeriod, type Preset } from '../lib/period'
import { DateField } from '../ui/DateField'
import { Select, type Option } from '../ui/Select'

const OPTIONS = Object.entries(PRESETS) satisfies readonly Option[]

/** The period of the page, which is in the address. */
export function PeriodControl() {
  const period = usePeriod()
  const { preset, from, to } = period
  return (
    <section className="period-control" aria-label="Period">
      <Select label="Period" hideLabel value={preset} options={OPTIONS} onChange={(value) => choosePreset(value as Preset, period)} />
      {preset === 'custom' ? (
        <>
          <DateField label="From" value={from ?? ''} onChange={(value) => choose({ period: 'custom', from: value })} />
          <DateField label="To" value={to ?? ''} onChange={(value) => choose({ period: 'custom', to: value })} />
        </>
      ) : (
        <span className="range">{periodText(period)}</span>
      )}
    </section>
  )
}
