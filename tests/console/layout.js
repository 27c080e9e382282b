// What is wrong with the layout, as texts: the page scrolls sideways, or controls are outside of it, cut off, or overlap.
// The navigation is left out, because it scrolls sideways by itself.
() => {
  const isClipped = (one) => one !== null && (getComputedStyle(one).clipPath !== 'none' || isClipped(one.parentElement))
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('nav, .skip, [aria-hidden]') && !isClipped(one)
  const controls = [...document.querySelectorAll('a, button, input, select')].filter(isShown)
  const name = (one) => `${one.localName} ${one.innerText || one.ariaLabel || one.type}`.trim()
  const boxes = controls.flatMap((one) => [...one.getClientRects()].map((box) => ({ one, box })))
  const outside = boxes.filter(({ box }) => box.left < -0.5 || box.right > document.documentElement.clientWidth + 0.5)
  const cut = controls.filter((one) => /button|select/.test(one.localName) && one.scrollWidth > one.clientWidth + 1)
  const overlap = ({ box: a }, { box: b }) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1
  const pairs = boxes.flatMap((first, place) => boxes.slice(place + 1).filter((second) => first.one !== second.one && !first.one.contains(second.one) && overlap(first, second)).map((second) => [first, second]))
  const { scrollWidth, clientWidth } = document.documentElement
  return [
    ...(scrollWidth > clientWidth ? [`scrolls sideways: ${scrollWidth}`] : []),
    ...outside.map(({ one }) => `outside: ${name(one)}`),
    ...cut.map((one) => `cut off: ${name(one)}`),
    ...pairs.map(([first, second]) => `overlap: ${name(first.one)} / ${name(second.one)}`),
  ]
}
