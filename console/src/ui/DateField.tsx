interface Props {
  label: string
  value: string // YYYY-MM-DD, or empty
  onChange: (value: string) => void
}

/** A calendar day, in the format of the reader's browser. */
export const DateField = ({ label, value, onChange }: Props) => (
  <label className="field date">
    <span>{label}</span>
    <input type="date" value={value} onChange={({ target }) => onChange(target.value)} />
  </label>
)
