"""Validation by graphql-core's rules: in turns, with a bound on its work, and without reference cycles."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    ParallelVisitor,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    Visitor,
    specified_rules,
    validation,
    visit,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import (
    FragmentNestingVisitor,
    ValidationAbortedError,
    query_document_keys_to_validate,
)

from . import limits
from .introspection import NoIntrospectionRule
from .turns import give_back

# graphql-core reads this budget from its module; validate() has no argument for it.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = limits.MAX_VALIDATION_COST
_spend_budget = overlapping_fields_can_be_merged.spend_complexity_budget
_TOO_MANY_ERRORS = "Too many validation errors, error limit reached. Validation aborted."
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
    """Return the errors of the validation rules. If there are more than `max_errors`, the last one says so.

    It does what graphql-core's `validate` does, whose visitors would stay in memory until the garbage collector runs:
    they refer to themselves, and through their parts to the whole document.
    """
    errors: list[GraphQLError] = []

    def add(error: GraphQLError) -> None:
        if len(errors) == max_errors - 1:
            raise ValidationAbortedError(_TOO_MANY_ERRORS)
        errors.append(error)

    document = visit(tree, _DEDUPLICATE_SELECTIONS)
    type_info = TypeInfo(schema)
    context = ValidationContext(schema, document, type_info, add, hide_suggestions=not allows_introspection)
    rules = (*_needed_rules(_text(tree)), TurnRule, *([] if allows_introspection else [NoIntrospectionRule]))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    visitors = [FragmentNestingVisitor(fragments), *(rule(context) for rule in rules)]
    visitor = ParallelVisitor(visitors)
    root = TypeInfoVisitor(type_info, visitor)
    try:
        visit(document, root, query_document_keys_to_validate)
    except ValidationAbortedError as error:
        if error.message != _TOO_MANY_ERRORS:  # the budget is spent
            return [_too_much_work()]
        error.__context__ = None
        errors.append(error.with_traceback(None))  # it would refer to the frame that refers to it
    except RecursionError:  # fragments are nested too deeply
        return [_too_much_work()]
    finally:
        for part in (*visitors, visitor, root, type_info):
            vars(part).clear()
    return errors


def _too_much_work() -> GraphQLError:
    return limits.limit_error("takes too much work to validate. Request less at once")


def _needed_rules(text: str) -> list[Rule]:
    needless = {rule for sign, rules in _RULES_OF_SIGNS.items() if sign not in text for rule in rules}
    return [rule for rule in specified_rules if rule not in needless]


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
