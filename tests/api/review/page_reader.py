"""Reads a page as its visitor does: by headings, fields, tables and text."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

_VOID = {"meta", "link", "input", "br", "img", "hr", "rect", "path", "circle"}


class Node:
    """An element: its tag, its attributes, and what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node | str] = []

    def __iter__(self) -> Iterator[Node]:
        """This element and every one in it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child

    def all(self, tag: str, **attributes: str) -> list[Node]:
        """The elements with this tag and these attributes; `class_` asks for one of the classes."""
        wanted_class = attributes.pop("class_", None)
        return [
            node
            for node in self
            if node.tag == tag
            and attributes.items() <= node.attributes.items()
            and (wanted_class is None or wanted_class in node.attributes.get("class", "").split())
        ]

    def one(self, tag: str, **attributes: str) -> Node:
        """The only such element."""
        [node] = self.all(tag, **attributes)
        return node

    def by_id(self, name: str) -> Node:
        """The element with this id."""
        [node] = [node for node in self if node.attributes.get("id") == name]
        return node

    @property
    def raw_text(self) -> str:
        """The text in it, character by character."""
        return "".join(child if isinstance(child, str) else child.raw_text for child in self.children)

    @property
    def text(self) -> str:
        """The text in it as it is shown: white space is one blank."""
        return " ".join(self.raw_text.split())

    def described(self) -> dict[str, Node]:
        """Each term of the lists in it with its description."""
        return {
            group.one("dt").text: group.one("dd") for group in self.all("div") if len(group.all("dt")) == 1
        }


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.path = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.path[-1].children.append(node)
        if tag not in _VOID:
            self.path.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.path[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self.path[-1].tag == tag, f"</{tag}> closes <{self.path[-1].tag}>"
        self.path.pop()

    def handle_data(self, data: str) -> None:
        self.path[-1].children.append(data)


def read(html: str) -> Node:
    """A page; fails where an element is not closed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    [root] = reader.path
    return root
