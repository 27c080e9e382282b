import { useEffect, useState } from 'react'

const PAUSE = 300 // milliseconds without a key press before the search starts

interface Props {
  label?: string
  value: string
  placeholder?: string
  onChange: (value: string) => void
}

/** A text to search for. A pause in typing starts the search. */
export function SearchField({ label = 'Search', value, placeholder, onChange }: Props) {
  const [text, setText] = useState(value)
  const [seen, setSeen] = useState(value)
  if (value !== seen) {
    // changed from outside, by "back" or "clear"
    setSeen(value)
    setText(value)
  }
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), PAUSE)
    return () => clearTimeout(timer)
  }, [text, value])
  return (
    <label className="field search">
      <span>{label}</span>
      <input type="search" value={text} placeholder={placeholder} onChange={({ target }) => setText(target.value)} />
    </label>
  )
}
