import { ChevronDown } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { Option } from './Select'

interface Props {
  label: string
  values: readonly string[]
  options: readonly Option[]
  onChange: (values: readonly string[]) => void
}

/** A choice of any number of options. None chosen means all. */
export function MultiSelect({ label, values, options, onChange }: Props) {
  const [open, setOpen] = useState(false)
  const frame = useRef<HTMLDivElement>(null)
  const id = useId()
  useOutside(frame, open, () => setOpen(false))
  const close = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return
    setOpen(false)
    frame.current?.querySelector('button')?.focus()
  }
  const toggle = (value: string) => onChange(values.includes(value) ? values.filter((one) => one !== value) : [...values, value])
  return (
    <div ref={frame} className="field multi" onKeyDown={close}>
      <span id={`${id}-label`}>{label}</span>
      <button type="button" id={`${id}-button`} aria-labelledby={`${id}-label ${id}-button`} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span>{textOf(values, options)}</span> <ChevronDown className="icon" aria-hidden="true" />
      </button>
      {open && (
        <fieldset className="options">
          <legend className="unseen">{label}</legend>
          {options.map(([value, text]) => (
            <label key={value}>
              <input type="checkbox" checked={values.includes(value)} onChange={() => toggle(value)} /> {text}
            </label>
          ))}
          {values.length > 0 && (
            <button type="button" className="plain" onClick={() => onChange([])}>
              All
            </button>
          )}
        </fieldset>
      )}
    </div>
  )
}

function textOf(values: readonly string[], options: readonly Option[]): string {
  if (values.length === 0) return 'All'
  if (values.length > 1) return `${values.length} chosen`
  return options.find(([value]) => value === values[0])?.[1] ?? values[0]!
}

function useOutside(frame: { current: HTMLElement | null }, active: boolean, leave: () => void) {
  useEffect(() => {
    if (!active) return
    const check = ({ target }: Event) => frame.current?.contains(target as Node) || leave()
    document.addEventListener('pointerdown', check)
    document.addEventListener('focusin', check)
    return () => {
      document.removeEventListener('pointerdown', check)
      document.removeEventListener('focusin', check)
    }
  }, [active])
}
