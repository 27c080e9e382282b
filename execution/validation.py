"""Validation by graphql-core's rules: in turns, with a bound on its work, and without reference cycles."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    SelectionSetNode,
    ValidationContext,
    Visitor,
    specified_rules,
    validate,
    validation,
    visit,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from . import limits
from .introspection import NoIntrospectionRule
from .turns import give_back

# graphql-core reads this budget from its module; validate() has no argument for it.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = limits.MAX_VALIDATION_COST
_spend_budget = overlapping_fields_can_be_merged.spend_complexity_budget
_VALIDATION_ABORTED = (
    "Validation aborted."  # graphql-core's message when the budget is spent or fragments nest too deep
)
_MIN_SELECTIONS_TO_DEDUPLICATE = 50  # in one selection set
Rule = Callable[[ValidationContext], ASTValidationRule]
# The rules that find nothing in a document without this sign: those of variables, and those of directives.
_RULES_OF_SIGNS: dict[str, tuple[Rule, ...]] = {
    "$": (
        validation.NoUndefinedVariablesRule,
        validation.NoUnusedVariablesRule,
        validation.UniqueVariableNamesRule,
        validation.VariablesAreInputTypesRule,
        validation.VariablesInAllowedPositionRule,
    ),
    "@": (
        validation.DeferStreamDirectiveLabel,
        validation.DeferStreamDirectiveOnRootField,
        validation.DeferStreamDirectiveOnValidOperationsRule,
        validation.KnownDirectivesRule,
        validation.StreamDirectiveOnListField,
        validation.UniqueDirectivesPerLocationRule,
    ),
}


def validation_errors(
    schema: GraphQLSchema, tree: DocumentNode, *, max_errors: int, allows_introspection: bool
) -> list[GraphQLError]:
    """Return the errors of the validation rules. If there are more than `max_errors`, the last one says so."""
    parts: list[object] = []
    needed = (*_needed_rules(_text(tree)), TurnRule, *([] if allows_introspection else [NoIntrospectionRule]))
    rules: Any = [partial(_create_visitor, rule, parts) for rule in needed]
    try:
        errors = validate(
            schema,
            visit(tree, _DEDUPLICATE_SELECTIONS),
            rules,
            max_errors=max_errors - 1,
            hide_suggestions=not allows_introspection,
        )
    finally:
        for part in parts:
            vars(part).clear()  # the visitors refer to themselves, and through these parts to the whole document
    if errors and errors[-1].message == _VALIDATION_ABORTED:
        return [limits.limit_error("takes too much work to validate. Request less at once")]
    return errors


def _needed_rules(text: str) -> list[Rule]:
    needless = {rule for sign, rules in _RULES_OF_SIGNS.items() if sign not in text for rule in rules}
    return [rule for rule in specified_rules if rule not in needless]


def _create_visitor(rule: Rule, parts: list[object], context: ValidationContext) -> Visitor:
    visitor = rule(context)
    parts += visitor, context._type_info  # noqa: SLF001 (it has no other access)
    return visitor


class TurnRule(ASTValidationRule):
    """Gives the event loop back during validation, if it runs in turns."""

    def enter(self, *_: Any) -> None:
        give_back()


def _compare_in_turns(rule_context: Any, cost: int) -> None:
    """Count a comparison of two fields, and give the event loop back if validation runs in turns."""
    give_back()
    _spend_budget(rule_context, cost)


overlapping_fields_can_be_merged.spend_complexity_budget = _compare_in_turns  # called before each comparison


class DeduplicateSelections(Visitor):
    """Keeps the first of equal selections in a large selection set.

    Equal selections cannot conflict, but validation would compare each pair of them.
    """

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:
        if len(node.selections) < _MIN_SELECTIONS_TO_DEDUPLICATE:
            return None
        unique = {}
        for selection in reversed(node.selections):
            give_back()
            unique[_text(selection)] = selection
        return replace(node, selections=tuple(reversed(unique.values())))


def _text(node: Node) -> str:
    location: Any = node.loc
    return str(location.source.body[location.start : location.end])


_DEDUPLICATE_SELECTIONS = DeduplicateSelections()  # has no state; graphql-core makes each visitor a reference cycle
