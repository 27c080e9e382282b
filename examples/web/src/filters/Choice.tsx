import { choose, type Chosen, type Name } from '../lib/address'

interface Props {
  name: Name
  label: string
  chosen: Chosen
  options: readonly (readonly [value: string, text: string])[] | undefined
}

/** One of several, or all. What the address names stays chosen while the options are still unknown. */
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
