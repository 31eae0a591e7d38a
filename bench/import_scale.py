"""Measures whether an import takes constant memory, and its time, on files that it makes itself.

    python bench/import_scale.py --mib 64 256 1024 --form csv
    python bench/import_scale.py --mib 64 1024 --resources 60
    python bench/import_scale.py --mib 1024 --form jsonl --store postgresql://postgres@127.0.0.1/tagger_scale

Each file is brought in by `tagger import` in a process of its own: first into an empty store, then the same file
again, then the file with one record in a hundred changed. Memory is the peak resident set that the kernel counted
for the process (`ru_maxrss`), and the most of its own (`RssAnon`, looked at ten times a second): the former has the
pages of SQLite's file in it that the process looks at, up to 1 GiB, which the kernel takes back when it needs them. A
store in SQLite is made in the working directory and removed; a PostgreSQL
database must be there and is emptied.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import create_engine, text

_BIN = Path(sys.executable).parent
_TOPICS = ("職業災害統計", "公車路線時刻表", "醫療院所名冊", "空氣品質監測", "不動產買賣實價登錄", "河川水位")
_AGENCIES = ("勞動部", "臺北市政府交通局", "衛生福利部", "環境部", "內政部", "經濟部水利署")
_SENTENCE = "本資料集提供各縣市逐月統計，包含件數、地點、時間與類別，供各界加值應用。"
_COLUMNS = (
    *("資料集識別碼", "資料集名稱", "資料提供屬性", "服務分類", "檔案格式", "資料下載網址", "編碼格式"),
    *("資料集描述", "主要欄位說明", "提供機關", "更新頻率", "授權方式", "備註"),
)


def _records(resources: int, changed: bool) -> Iterator[tuple[str, ...]]:
    """Records without end, about 1.2 kB with 2 resources, no two alike; the same ones each time."""
    number = 0
    while True:
        topic, agency = _TOPICS[number % 6], _AGENCIES[number // 6 % 6]
        address = f"https://data.example.gov.tw/dataset/{number}/resource/"
        files = ";".join(f"{address}{n:04}/download/{'statistics' * 5}-{n}.csv" for n in range(resources))
        note = "更新" if changed and number % 100 == 0 else ""
        yield (
            *(str(100_000 + number), f"{agency}{topic}第{number}號", "檔案資料", "公共資訊"),
            *(
                ";".join(["CSV"] * resources),
                files,
                ";".join(["UTF-8"] * resources),
                _SENTENCE * (4 + number % 9),
            ),
            *(";".join(f"欄位{number % 97 + n}" for n in range(12)), agency, "每1月", "政府資料開放授權條款"),
            note,
        )
        number += 1


def _write(path: Path, size: int, form: str, resources: int, changed: bool) -> int:
    """Write a file of at least this many bytes; how many records."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if form == "csv":
            writer.writerow(_COLUMNS)
        for count, record in enumerate(_records(resources, changed), 1):
            if form == "csv":
                writer.writerow(record)
            else:
                file.write(json.dumps(dict(zip(_COLUMNS, record, strict=True)), ensure_ascii=False) + "\n")
            if count % 1_000 == 0 and file.tell() >= size:
                return count
    raise AssertionError


class _Ran(NamedTuple):
    """How a command went: seconds, seconds of processor time, peak and own memory in MiB, what it said."""

    seconds: float
    busy: float
    peak: float
    own: float
    said: str


def _own(process_id: int) -> float:
    """The memory of a process that nobody else has and no file backs, in MiB; 0 when it is gone."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("RssAnon")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def _run(store: str, *arguments: str) -> _Ran:
    begun = time.perf_counter()
    own = 0.0
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [_BIN / "tagger", *arguments],
            env={**os.environ, "DATABASE_URL": store},
            stdout=said,
            stderr=subprocess.DEVNULL,
        )
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            own = max(own, _own(process.pid))
            time.sleep(0.1)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text_said = said.read().decode()
    if process.returncode:
        raise SystemExit(f"tagger {' '.join(arguments)}: {process.returncode} {text_said}")
    seconds = time.perf_counter() - begun
    return _Ran(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, own, text_said)


def _empty(store: str) -> None:
    engine = create_engine(store.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mib", type=int, nargs="+", default=[64, 256, 1024])
    parser.add_argument("--form", choices=("csv", "jsonl"), default="csv")
    parser.add_argument("--resources", type=int, default=2, help="of each dataset; they make a record long")
    parser.add_argument("--store", help="a PostgreSQL database, which is emptied; by default SQLite")
    asked = parser.parse_args()
    print("| MiB | records | what | seconds | processor seconds | peak MiB | own MiB |")
    print("|--:|--:|---|--:|--:|--:|--:|")
    for size in asked.mib:
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            store = asked.store or f"sqlite:///{folder}/store.sqlite3"
            if asked.store:
                _empty(store)
            _run(store, "migrate")
            path = Path(folder) / f"catalogue.{asked.form}"
            for what in ("new", "the same again", "one in a hundred changed"):
                count = _write(path, size * 1024**2, asked.form, asked.resources, what.startswith("one"))
                ran = _run(store, "import", str(path), "--json")
                report = json.loads(ran.said)
                expected = {"new": "created", "the same again": "unchanged"}.get(what, "changed")
                if report[expected] != (count // 100 if expected == "changed" else count):
                    raise SystemExit(f"not what was to be expected: {report}")
                numbers = f"{ran.seconds:,.0f} | {ran.busy:,.0f} | {ran.peak:,.0f} | {ran.own:,.0f}"
                print(f"| {size} | {count:,} | {what} | {numbers} |", flush=True)
    print(f"\nThis program itself: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
