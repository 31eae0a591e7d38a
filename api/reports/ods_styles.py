"""How an OpenDocument spreadsheet looks: widths, wrapped texts, numbers and dates, the first row held in sight."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape

from api.reports.sheets import Sheet

HEADING, PLAIN = "heading", "plain"
"""Styles of the first row and of all that has no other."""
MOMENTS = {datetime: "datetime", date: "date", time: "time", timedelta: "duration"}
"""The style of each kind of moment."""
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"),
    )
)
PREAMBLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document-content {_NAMESPACES} office:version="1.3">"""
"""The beginning of the content, before its styles."""
_DAY = (
    '<number:year number:style="long"/><number:text>-</number:text>'
    '<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>'
)
_CLOCK = (
    '<number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/><number:text>:</number:text><number:seconds number:style="long"/>'
)
_MOMENT_FORMATS = (
    f'<number:date-style style:name="n-date">{_DAY}</number:date-style>'
    f'<number:date-style style:name="n-datetime">{_DAY}<number:text> </number:text>{_CLOCK}</number:date-style>'
    f'<number:time-style style:name="n-time">{_CLOCK}</number:time-style>'
    '<number:time-style style:name="n-duration" number:truncate-on-overflow="false">'
    f"{_CLOCK}</number:time-style>"
)
_PROPERTIES = '<style:table-cell-properties style:vertical-align="top" fo:wrap-option="wrap"/>'
_HEADING_STYLE = (
    f'<style:style style:name="{HEADING}" style:family="table-cell"><style:table-cell-properties'
    ' style:vertical-align="top" fo:wrap-option="wrap" fo:border-bottom="0.5pt solid #000000"/>'
    '<style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>'
)
_CENTIMETRES = 0.2
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-settings xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"\
 xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0"\
 xmlns:ooo="http://openoffice.org/2004/office" office:version="1.3"><office:settings>\
<config:config-item-set config:name="ooo:view-settings"><config:config-item-map-indexed config:name="Views">\
<config:config-item-map-entry><config:config-item config:name="ViewId" config:type="string">view1\
</config:config-item><config:config-item-map-named config:name="Tables">{}</config:config-item-map-named>\
</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set>\
</office:settings></office:document-settings>
"""
_FROZEN = (
    ("VerticalSplitMode", "short", 2),
    ("VerticalSplitPosition", "int", 1),
    ("ActiveSplitRange", "short", 2),
    ("PositionBottom", "int", 1),
)


def style_name(number_format: str | None) -> str:
    """The style of numbers that are shown in a way; the plain one for None."""
    if number_format is None:
        return PLAIN
    # Letters and digits only: `#,##0.0%` → `number-23-2c-…`.
    return "number" + "".join(f"-{ord(character):x}" for character in number_format)


def styles(sheets: Sequence[Sheet]) -> str:
    """The styles that some sheets need."""
    widths = sorted({width for sheet in sheets for _name, width in sheet.columns})
    formats = sorted({number_format for sheet in sheets for number_format in sheet.formats.values()})
    made = [
        f'<style:style style:name="co{width}" style:family="table-column"><style:table-column-properties'
        f' style:column-width="{width * _CENTIMETRES:.2f}cm"/></style:style>'
        for width in widths
    ]
    made += [_MOMENT_FORMATS, *map(_number_format, formats)]
    made += [_HEADING_STYLE, _cell_style(PLAIN)]
    made += [_cell_style(name, f"n-{name}") for name in (*MOMENTS.values(), *map(style_name, formats))]
    return f"<office:automatic-styles>{''.join(made)}</office:automatic-styles>"


def settings(names: Iterable[str]) -> str:
    """What holds the first row of each sheet in sight."""
    items = "".join(
        f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'
        for name, kind, value in _FROZEN
    )
    return _SETTINGS.format(
        "".join(
            f"<config:config-item-map-entry config:name={_quoted(name)}>{items}</config:config-item-map-entry>"
            for name in names
        )
    )


def _quoted(name: str) -> str:
    return '"' + escape(name, {'"': "&quot;"}) + '"'


def _cell_style(name: str, data_style: str | None = None) -> str:
    shown = f' style:data-style-name="{data_style}"' if data_style else ""
    return f'<style:style style:name="{name}" style:family="table-cell"{shown}>{_PROPERTIES}</style:style>'


def _number_format(number_format: str) -> str:
    """`#,##0.0%` and its like; what it has of digits, groups and percent is all that is read of it."""
    body, percent = number_format.rstrip("%"), number_format.endswith("%")
    decimals = len(body.partition(".")[2])
    grouping = ' number:grouping="true"' if "," in body else ""
    number = (
        f'<number:number number:decimal-places="{decimals}" number:min-decimal-places="{decimals}"'
        f' number:min-integer-digits="1"{grouping}/>'
    )
    kind = "percentage-style" if percent else "number-style"
    end = "<number:text>%</number:text>" if percent else ""
    return f'<number:{kind} style:name="n-{style_name(number_format)}">{number}{end}</number:{kind}>'
