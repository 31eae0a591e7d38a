"""The matrix route × role of docs/access.md, made of the rules.

python -m api.access_table > docs/access.md
"""

from collections.abc import Iterator

from flask import Flask

from api.access import RULES
from api.app import create_app
from api.config import Settings
from models.account import ROLES

_HEAD = """# Who may do what

Made by `python -m api.access_table > docs/access.md` of the rules in `api/access.py`; a test holds it to them, and
another asks each route as each of these. ● may, ○ is answered 401 (nobody) or 403. The scope is what a token must be
made for. Points are what a request takes from the caller's minute ([accounts.md](accounts.md)).

"""
_METHODS = ("GET", "POST", "PUT", "DELETE")


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Method, path and endpoint of all routes, by path."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods or ()))):
        for method in _METHODS:
            if method in (rule.methods or ()):
                yield method, rule.rule, rule.endpoint


def access_table(app: Flask) -> str:
    """docs/access.md as it has to be."""
    lines = [
        f"| route | nobody | {' | '.join(ROLES)} | scope | points |",
        f"|---|---|{'---|' * len(ROLES)}---|---|",
    ]
    for method, path, endpoint in routes(app):
        rule = RULES[endpoint]
        may = ["●" if not rule.roles or role in rule.roles else "○" for role in ROLES]
        nobody = "○" if rule.roles else "●"
        shown = path.replace("int(max=9223372036854775807):", "").replace("int(max=2147483647):", "")
        lines.append(
            f"| `{method} {shown}` | {nobody} | {' | '.join(may)} | {rule.scope or ''} | {rule.points or ''} |"
        )
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(access_table(create_app(Settings(database_url="sqlite://", environment="development"))), end="")
