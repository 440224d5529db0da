"""Numbers for expressions, the same for those that are written alike, so that each is computed once."""

from __future__ import annotations

from finmodel.graph.nodes import Apply, Const, Item, Lag, Lead, Node, Reduce, children


class Numbering:
    """Gives every expression a number; two have the same number if they are the same formula of the same things."""

    def __init__(self) -> None:
        self._by_form: dict[tuple[object, ...], int] = {}
        self._by_node: dict[int, tuple[Node, int]] = {}

    def of(self, node: Node) -> int:
        """The number of an expression."""
        known = self._by_node.get(id(node))
        if known is not None:
            return known[1]
        number = self._by_form.setdefault(self._form(node), len(self._by_form))
        self._by_node[id(node)] = node, number
        return number

    def line(self, name: str) -> int:
        """The number of a line."""
        return self._by_form.setdefault(("line", name), len(self._by_form))

    def _form(self, node: Node) -> tuple[object, ...]:
        match node:
            case Const(value=value):
                return "literal", value.hex()
            case Item(kind=kind, name=name):
                return kind, name
            case Apply(operation=operation):
                own: tuple[object, ...] = "apply", operation.name
            case Lag(periods=periods):
                own = "lag", periods
            case Lead(periods=periods):
                own = "lead", periods
            case Reduce(reduction=reduction):
                own = "reduce", id(reduction)
            case _:
                raise TypeError(f"{node!r} has no value")
        return *own, *map(self.of, children(node))


def name_of(node: Node) -> str:
    """The name of a line that is looked back at, ahead at or taken as a whole row."""
    if not isinstance(node, Item) or node.kind != "line":
        raise TypeError(f"{node!r} is no line")
    return node.name
