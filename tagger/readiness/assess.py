"""One dataset's readiness."""

from collections.abc import Iterator, Sequence
from datetime import date

from tagger.lint import RULES as LINT_RULES
from tagger.lint import LintFinding, lint
from tagger.linting.fault import Fault
from tagger.metadata import DatasetMetadata
from tagger.readiness.files import check_files
from tagger.readiness.flags import NO_FLAGS, QualityFlags
from tagger.readiness.indicators import Seen, indicators
from tagger.readiness.record import check_record
from tagger.readiness.results import EFFORTS, Effort, Gap, Readiness
from tagger.readiness.rules import LINT_EFFORTS, LINT_INDICATORS, RULES

_EFFORT_ORDER = {effort: place for place, effort in enumerate(EFFORTS)}
_RULE_ORDER = {rule: place for place, rule in enumerate((*RULES, *LINT_RULES))}
_FLAG_FAULTS = (
    ("flag-link", "linkable", "distribution", "平臺檢測連結失敗。", "請點選每個下載網址，修正打不開的。"),
    (
        "flag-encoding",
        "encoding_match",
        "distribution",
        "平臺檢測檔案的編碼與所填不同。",
        "請將編碼格式改成檔案實際的編碼，或將檔案改以 UTF-8 儲存。",
    ),
    (
        "flag-fields",
        "desc_match",
        "fieldDescription",
        "平臺檢測主要欄位說明與檔案的欄位不同。",
        "請依檔案第一列的欄位名稱，逐一改成相同的寫法。",
    ),
    (
        "flag-structure",
        "structure",
        "distribution",
        "平臺檢測檔案不是結構化格式。",
        "請改提供 CSV、JSON 或 XML，並確認內容與格式相符。",
    ),
    (
        "flag-download",
        "downloadable",
        "distribution",
        "平臺檢測網址不能直接下載檔案。",
        "請提供不必登入、點選就下載的檔案網址，或開發可匯出檔案的介面。",
    ),
)


def assess(
    metadata: DatasetMetadata,
    on: date,
    flags: QualityFlags | None = None,
    columns: Sequence[str] | None = None,
) -> Readiness:
    """What a dataset lacks.

    Args:
        metadata: the record.
        on: the day that counts as today; on the same day the same record gives the same answer.
        flags: what the portal's check found, where that is known.
        columns: the names of its file's columns, where they are known.
    """
    findings = lint(metadata)
    known = flags or NO_FLAGS
    seen = Seen(metadata, on, known, columns, frozenset(finding["rule"] for finding in findings))
    faults = (*check_record(metadata, on, columns), *check_files(metadata), *_flag_faults(known))
    gaps = [*map(_gap, faults), *map(_lint_gap, findings)]
    return Readiness(
        assessedOn=on.isoformat(),
        badge=(metadata.data_quality or "").strip() or None,
        indicators=indicators(seen),
        gaps=sorted(gaps, key=_cheapest_first),
    )


def effort_of(rule: str) -> Effort:
    """The effort of mending what a rule finds, one of ours or of `tagger.lint`."""
    return RULES[rule].effort if rule in RULES else LINT_EFFORTS.get(rule, "text")


def rule_order(rule: str) -> tuple[int, int]:
    """Orders rules by effort, those of one effort as the tables have them."""
    return _EFFORT_ORDER[effort_of(rule)], _RULE_ORDER[rule]


def what_is(rule: str) -> tuple[str, str]:
    """A rule's number and what it finds, in 繁體中文."""
    known = RULES[rule] if rule in RULES else LINT_RULES[rule]
    return known.number, known.what


def _flag_faults(flags: QualityFlags) -> Iterator[Fault]:
    for rule, name, field, message, fix in _FLAG_FAULTS:
        if getattr(flags, name) is False:
            yield Fault(rule, field, message, fix)


def _gap(fault: Fault) -> Gap:
    rule = RULES[fault.rule]
    return Gap(
        rule=fault.rule,
        number=rule.number,
        field=fault.field,
        effort=rule.effort,
        indicators=list(rule.indicators),
        message=fault.message,
        fix=fault.fix,
    )


def _lint_gap(finding: LintFinding) -> Gap:
    return Gap(
        rule=finding["rule"],
        number=finding["number"],
        field=finding["field"],
        effort=effort_of(finding["rule"]),
        indicators=list(LINT_INDICATORS.get(finding["rule"], ())),
        message=finding["message"],
        fix=finding["fix"],
    )


def _cheapest_first(gap: Gap) -> tuple[int, int, int]:
    effort, place = rule_order(gap["rule"])
    return effort, not gap["indicators"], place
