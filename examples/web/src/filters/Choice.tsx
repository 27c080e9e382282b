import { choose, type Chosen, type Name } from '../lib/address'

interface Props {
  name: Name
  label: string
  chosen: Chosen
  options: readonly (readonly [value: string, text: string])[] | undefined
}

/** A select with one of several options, or all. The value from the URL stays selected until the options are loaded. */
export function Choice({ name, label, chosen, options = [] }: Props) {
  const value = chosen[name] ?? ''
  const known = value === '' || options.some(([option]) => option === value)
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ target }) => choose({ [name]: target.value })}>
        <option value="">All</option>
        {!known && <option value={value}>{value}</option>}
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
