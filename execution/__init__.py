"""How a GraphQL document runs: parsing, limits, execution and lazy data, for any Strawberry schema."""
