import { useEffect, useState } from 'react'
import { choose } from '../lib/address'

const PAUSE = 300 // milliseconds without a key press before the search starts

export function Search({ chosen }: { chosen: string }) {
  const [text, setText] = useState(chosen)
  const [seen, setSeen] = useState(chosen)
  if (chosen !== seen) {
    // changed from outside, by "back" or "clear"
    setSeen(chosen)
    setText(chosen)
  }
  useEffect(() => {
    if (text === chosen) return
    const timer = setTimeout(() => choose({ search: text }), PAUSE)
    return () => clearTimeout(timer)
  }, [text, chosen])
  return (
    <label className="search">
      <span>Search</span>
      <input
        type="search"
        value={text}
        placeholder="Number, reference, product"
        onChange={({ target }) => setText(target.value)}
      />
    </label>
  )
}
