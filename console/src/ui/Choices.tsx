import type { Option } from './Select'

interface Props {
  legend: string
  hideLegend?: boolean
  values: readonly string[]
  options: readonly Option[]
  onChange: (values: readonly string[]) => void
}

/** Checkboxes for any number of options, in a panel. None chosen means all. */
export function Choices({ legend, hideLegend = false, values, options, onChange }: Props) {
  const toggle = (value: string) => onChange(values.includes(value) ? values.filter((one) => one !== value) : [...values, value])
  return (
    <fieldset className="choices">
      <legend className={hideLegend ? 'unseen' : undefined}>{legend}</legend>
      {options.map(([value, text]) => (
        <label key={value}>
          <input type="checkbox" checked={values.includes(value)} onChange={() => toggle(value)} /> {text}
        </label>
      ))}
    </fieldset>
  )
}

/** What is chosen, in a few words. */
export function chosenText(values: readonly string[], options: readonly Option[]): string {
  if (values.length === 0) return 'All'
  if (values.length > 1) return `${values.length} chosen`
  return options.find(([value]) => value === values[0])?.[1] ?? values[0]!
}
