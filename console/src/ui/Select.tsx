export type Option = readonly [value: string, text: string]

interface Props {
  label: string
  value: string
  options: readonly Option[]
  all?: string // the text of the empty value; absent: there is none
  hideLabel?: boolean
  onChange: (value: string) => void
}

/** A choice of one option, or of all. A value from the address stays selected until the options are loaded. */
export function Select({ label, value, options, all, hideLabel = false, onChange }: Props) {
  const isKnown = options.some(([option]) => option === value) || (all !== undefined && value === '')
  return (
    <label className="field">
      <span className={hideLabel ? 'unseen' : undefined}>{label}</span>
      <select value={value} onChange={({ target }) => onChange(target.value)}>
        {all !== undefined && <option value="">{all}</option>}
        {!isKnown && <option value={value}>{value}</option>}
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
