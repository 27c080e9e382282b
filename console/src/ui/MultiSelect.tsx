import { Choices, chosenText } from './Choices'
import { Popover } from './Popover'
import type { Option } from './Select'

interface Props {
  label: string
  values: readonly string[]
  options: readonly Option[]
  onChange: (values: readonly string[]) => void
}

/** A choice of any number of options. None chosen means all. */
export const MultiSelect = ({ label, values, options, onChange }: Props) => (
  <Popover label={label} text={chosenText(values, options)}>
    <Choices legend={label} hideLegend values={values} options={options} onChange={onChange} />
    {values.length > 0 && (
      <button type="button" className="plain" onClick={() => onChange([])}>
        All
      </button>
    )}
  </Popover>
)
