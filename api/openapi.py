"""The OpenAPI 3.1 document, generated from the models that the views validate with.

A view says what it takes and gives with `@operation`; the document is built from the routes that carry one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from flask import Flask
from pydantic import BaseModel, TypeAdapter
from werkzeug.routing import Rule

from api.access import RULES
from api.access import Rule as AccessRule
from api.problems import KINDS, MEDIA_TYPE, Problem
from tagger import __version__

F = TypeVar("F", bound=Callable[..., Any])
_REFERENCE = "#/components/schemas/{model}"
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "由管理者以 tagger token create 發給的權杖"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "在 /sign-in 登入後的工作階段；以 https 提供服務時名稱為 __Host-session。寫入時另需同源的 Origin。",
    },
}
_METHODS_SHOWN = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Answer(NamedTuple):
    """A response: what it means, the type of its JSON, its headers, and its other forms.

    `headers` are name → what it says; `forms` are the media types, beside JSON, in which it may come as text, `files`
    those in which it may come as a file.
    """

    description: str
    content: Any = None
    headers: Mapping[str, str] = {}
    forms: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Operation(NamedTuple):
    """What a view takes and gives.

    Attributes:
        name: the operationId.
        summary: one line in 繁體中文.
        tag: the group it is shown in.
        answers: status → response.
        body: the type of the JSON it reads, if any.
        query: the model of its query string, if any.
        headers: request headers, name → what it is for.
        problems: kinds of `api.problems.KINDS` that it may answer with.
        uploads: media types of the file that it reads, if any: as the body, or in a form's field `file`.
    """

    name: str
    summary: str
    tag: str
    answers: Mapping[int, Answer]
    body: Any = None
    query: type[BaseModel] | None = None
    headers: Mapping[str, str] = {}
    problems: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()


def operation(described: Operation) -> Callable[[F], F]:
    """Attach an operation to a view."""

    def attach(view: F) -> F:
        view.__dict__["operation"] = described
        return view

    return attach


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    routes = list(_routes(app))
    schemas, components = _schemas([described for _, _, described in routes])
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, described in routes:
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _described(rule, described, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "資料集分類與語意標籤建議服務",
            "version": __version__,
            "description": "讀取資料集的詮釋資料，建議服務分類與語意標籤，並指出不符的分類。",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def _routes(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    for rule in app.url_map.iter_rules():
        described = getattr(app.view_functions[rule.endpoint], "operation", None)
        if described is not None:
            for method in _METHODS_SHOWN:
                if method in (rule.methods or ()):
                    yield rule, method, described


def _schemas(operations: list[Operation]) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """Each type's schema, in the direction it travels, and the components they refer to."""
    wanted: dict[Any, TypeAdapter[Any]] = {("problem", "serialization"): TypeAdapter(Problem)}
    for described in operations:
        if described.body is not None:
            wanted[(_key(described.body), "validation")] = TypeAdapter(described.body)
        for answer in described.answers.values():
            if answer.content is not None:
                wanted[(_key(answer.content), "serialization")] = TypeAdapter(answer.content)
    made, shared = TypeAdapter.json_schemas(
        [(key, key[1], adapter) for key, adapter in wanted.items()], ref_template=_REFERENCE
    )
    return {key: schema for (key, _mode), schema in made.items()}, shared.get("$defs", {})


def _key(annotation: Any) -> str:
    return repr(annotation)


def _described(rule: Rule, described: Operation, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "operationId": described.name,
        "summary": described.summary,
        "tags": [described.tag],
        "responses": {
            str(status): _response(answer, schemas) for status, answer in sorted(described.answers.items())
        },
    }
    access = RULES[rule.endpoint]
    result["responses"].update(_problem_responses((*described.problems, *_access_problems(access)), schemas))
    if access.roles:
        result["description"] = f"角色：{'、'.join(access.roles)}。權杖的範圍：{access.scope}。"
        result["security"] = [{name: []} for name in _SECURITY]
    parameters = [*_path_parameters(rule), *_query_parameters(described), *_header_parameters(described)]
    if parameters:
        result["parameters"] = parameters
    if described.body is not None:
        schema = schemas[(_key(described.body), "validation")]
        result["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if described.uploads:
        content = {media_type: {"schema": _upload(media_type)} for media_type in described.uploads}
        result["requestBody"] = {"required": True, "content": content}
    return result


def _access_problems(access: AccessRule) -> tuple[str, ...]:
    """What the rule of a route may answer with; a token is looked at wherever one is shown."""
    if access.points == 0:
        return ()
    refused = (
        ("unauthorized", "forbidden", "cross-site", "unavailable") if access.roles else ("unauthorized",)
    )
    return (*refused, "too-many-requests")


def _upload(media_type: str) -> dict[str, Any]:
    """A file as a body has no schema (OpenAPI 3.1, 4.8.14.2); in a form it is a field."""
    if media_type != "multipart/form-data":
        return {}
    return {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    }


def _response(answer: Answer, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {"description": answer.description}
    if answer.content is not None:
        schema = schemas[(_key(answer.content), "serialization")]
        result["content"] = {"application/json": {"schema": schema}}
    for media_type in answer.forms:
        result.setdefault("content", {})[media_type] = {"schema": {"type": "string"}}
    for media_type in answer.files:
        result.setdefault("content", {})[media_type] = {"schema": {}}
    if answer.headers:
        result["headers"] = {
            name: {"description": says, "schema": {"type": "string"}} for name, says in answer.headers.items()
        }
    return result


def _problem_responses(kinds: tuple[str, ...], schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    meanings: dict[int, list[str]] = {}
    for kind in dict.fromkeys((*kinds, "internal-error")):
        meanings.setdefault(KINDS[kind]["status"], []).append(KINDS[kind]["meaning"])
    schema = schemas[("problem", "serialization")]
    return {
        str(status): {"description": "".join(texts), "content": {MEDIA_TYPE: {"schema": schema}}}
        for status, texts in meanings.items()
    }


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in sorted(rule.arguments)
    ]


def _query_parameters(described: Operation) -> list[dict[str, Any]]:
    if described.query is None:
        return []
    schema = described.query.model_json_schema()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": field.pop("description", ""),
            "schema": field,
        }
        for name, field in schema["properties"].items()
    ]


def _header_parameters(described: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "description": says, "schema": {"type": "string"}}
        for name, says in described.headers.items()
    ]
