import { graphql, unmask, type FragmentType } from '../../gql'
import type { PaletteProductFragment } from '../../gql/graphql'
import { counted } from '../../lib/money'
import { Amount } from '../../ui/Amount'
import { Table, type Column } from '../../ui/Table'

const ProductFragment = graphql(`
  fragment PaletteProduct on SpectroCloudProduct {
    product
    tierPrice {
      ...Amount
    }
    allocatedCredits
    freeCredits
    usedCredits
    billableCredits
    breachedCredits
    discount
    overageLimitPercentage
  }
`)

/** What Palette states about each product. */
export const PaletteProducts = (props: { products: readonly FragmentType<typeof ProductFragment>[] }) => (
  <>
    <p className="note">Credits of each product. Palette does not document whether a discount is a percentage or money.</p>
    <Table caption="Products" columns={COLUMNS} rows={unmask(ProductFragment, props.products)} rowKey={({ product }) => product} />
  </>
)

const count = (amount: string | null | undefined) => (amount ? counted({ amount }) : <span className="unknown">not stated</span>)

const COLUMNS: readonly Column<PaletteProductFragment>[] = [
  { key: 'product', header: 'Product', cell: ({ product }) => product },
  { key: 'price', header: 'Price of a credit', align: 'end', cell: ({ tierPrice }) => <Amount money={tierPrice} /> },
  { key: 'allocated', header: 'Allocated', align: 'end', cell: ({ allocatedCredits }) => count(allocatedCredits) },
  { key: 'free', header: 'Free', align: 'end', cell: ({ freeCredits }) => count(freeCredits) },
  { key: 'used', header: 'Used', align: 'end', cell: ({ usedCredits }) => count(usedCredits) },
  { key: 'billed', header: 'Billed', align: 'end', cell: ({ billableCredits }) => count(billableCredits) },
  { key: 'beyond', header: 'Beyond the allocation', align: 'end', cell: ({ breachedCredits }) => count(breachedCredits) },
  { key: 'discount', header: 'Discount', align: 'end', cell: ({ discount }) => count(discount) },
]
