"""Places and periods are found where a record names them, and nowhere else."""

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger import DatasetMetadata, periods
from tagger.facets import facets
from tagger.normalise import normalise
from tagger.places import counties, find_places

TOWNSHIPS = {
    **{"新北市": 29, "臺北市": 12, "桃園市": 13, "臺中市": 29, "臺南市": 37, "高雄市": 38, "基隆市": 7},
    **{"新竹市": 3, "嘉義市": 2, "新竹縣": 13, "苗栗縣": 18, "彰化縣": 26, "南投縣": 13, "雲林縣": 20},
    **{"嘉義縣": 18, "屏東縣": 33, "宜蘭縣": 12, "花蓮縣": 13, "臺東縣": 16, "澎湖縣": 6, "金門縣": 6},
    "連江縣": 4,
}
fragments = st.sampled_from(
    [
        "107",
        "年",
        "度",
        "民國",
        "-",
        "至",
        "1",
        "月",
        "臺中",
        "台中市",
        "東區",
        "中正區",
        "(",
        "第",
        "季",
        "㎡",
        "𠀀",
        " ",
    ]
)
texts = st.lists(fragments | st.text(max_size=3), min_size=1, max_size=12).map("".join)
titles = texts.filter(lambda text: text.strip() and "\x00" not in text)


def _spatial(title: str, publisher: str | None = None) -> tuple[str, ...]:
    return facets(DatasetMetadata(title=title, publisher=publisher)).spatial


def _period(title: str) -> tuple[str | None, str | None]:
    found = facets(DatasetMetadata(title=title))
    return found.temporal_coverage_from, found.temporal_coverage_to


def test_all_22_counties_and_368_townships_are_known() -> None:
    known = counties()
    assert {county: len(set(townships)) for county, townships in known.items()} == TOWNSHIPS
    assert sum(map(len, known.values())) == 368
    for county, townships in known.items():
        for township in townships:
            assert [place.name for place in find_places(county + township)] == [county, county + township]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("台北市公共自行車站點", ("臺北市",)),
        ("新北巿各項稅捐實徵淨額", ("新北市",)),
        ("新北市加油站清冊-板橋區", ("新北市", "新北市板橋區")),
        ("高雄市109年林園區防空避難設備", ("高雄市", "高雄市林園區")),
        ("大里區公園一覽", ("臺中市", "臺中市大里區")),
        ("嘉義梅山鄉太平雲梯新聞稿", ("嘉義縣", "嘉義縣梅山鄉")),
        ("臺北捷運車站出入口", ("臺北市",)),
        ("高雄港進港預報", ("高雄市",)),
        ("馬祖小三通旅客人數", ("連江縣",)),
        ("臺中金門航線海況預報", ("臺中市", "金門縣")),
        ("新竹縣市觀光景點", ("新竹縣", "新竹市")),
        ("臺北縣板橋市路名", ("新北市", "新北市板橋區")),
        ("桃園縣桃園市門牌", ("桃園市", "桃園市桃園區")),
        ("高雄縣三民鄉土石流", ("高雄市", "高雄市那瑪夏區")),
        ("員林鎮地價", ("彰化縣", "彰化縣員林市")),
        ("臺中市中區、東區及北屯區人口", ("臺中市", "臺中市中區", "臺中市東區", "臺中市北屯區")),
        ("基隆市中正區戶數", ("基隆市", "基隆市中正區")),
        ("臺北市士林、大安區地價", ("臺北市", "臺北市大安區")),
    ],
)
def test_places_that_a_title_names(title: str, expected: tuple[str, ...]) -> None:
    assert _spatial(title) == expected


@pytest.mark.parametrize(
    "title",
    [
        "全國電臺中文節目表",
        "來臺中國大陸人士人數",
        "全臺中小學名錄",
        "越南投資統計",
        "都市更新北部案件",
        "押租金資金門檻",
        "基隆河水位",
        "彰化銀行存款利率",
        "國立臺北大學圖書館藏",
        "農業部臺中區農業改良場會計報告",
        "桃園區農業改良場研究報告",
        "財政部中區國稅局稅收",
        "行政執行署花蓮分署會計報告",
        "矯正署臺北監獄會計月報",
        "中華臺北代表隊名單",
        "平地森林園區範圍",
        "最新社區發展協會名冊",
        "新竹科學園區廠商",
        "嘉義監獄會計報告",
        "中正區公所志工人數",
        "東區運動中心",
        "職業災害統計",
    ],
)
def test_words_that_only_look_like_places(title: str) -> None:
    assert _spatial(title) == ()


def test_the_publisher_decides_between_townships_of_one_name_and_stands_in_for_the_title() -> None:
    assert _spatial("中正區公所志工人數", "臺北市政府民政局") == ("臺北市", "臺北市中正區")
    assert _spatial("中正區公所志工人數", "基隆市政府") == ("基隆市", "基隆市中正區")
    assert _spatial("登革熱病例", "台中市政府衛生局") == ("臺中市",)
    assert _spatial("資源回收", "臺中市大里區公所") == ("臺中市", "臺中市大里區")
    assert _spatial("新北市站牌", "臺北市公共運輸處") == ("新北市",)
    assert _spatial("門診時刻", "臺中榮民總醫院") == ()
    # A township of another county than the one that is named is no place.
    assert _spatial("臺北市奇岩新社區範圍") == ("臺北市",)
    assert _spatial("東區共餐據點", "新竹市政府") == ("新竹市",)


def test_other_fields_speak_where_the_title_names_no_place() -> None:
    base = DatasetMetadata(title="人口統計", publisher="民政處")
    assert facets(base).spatial == ()
    by_field = {
        "spatial": base.model_copy(update={"spatial": "連江縣南竿鄉"}),
        "keyword/1": base.model_copy(update={"keyword": ["人口", "南竿鄉"]}),
        "organization": base.model_copy(update={"organization": "連江縣政府"}),
        "description": base.model_copy(update={"description": "連江縣各鄉人口總數"}),
    }
    for field, record in by_field.items():
        assert facets(record).spatial[0] == "連江縣"
        assert {span.field for span in facets(record).spans} == {field}
    two = base.model_copy(update={"description": "金門縣與連江縣的人口"})
    assert facets(two).spatial == ()


@pytest.mark.parametrize(
    ("title", "first", "last"),
    [
        ("107年人口統計", "2018-01-01", "2018-12-31"),
        ("民國107年度預算", "2018-01-01", "2018-12-31"),
        ("民國９５年統計", "2006-01-01", "2006-12-31"),
        ("一百零七年統計年報", "2018-01-01", "2018-12-31"),
        ("二〇一八年統計年報", "2018-01-01", "2018-12-31"),
        ("2018年度決算", "2018-01-01", "2018-12-31"),
        ("國家人權報告(2012)", "2012-01-01", "2012-12-31"),
        ("2016苗栗縣政府公報", "2016-01-01", "2016-12-31"),
        ("098年度土石流潛勢溪流", "2009-01-01", "2009-12-31"),
        ("107-109年統計", "2018-01-01", "2020-12-31"),
        ("107年至109年補助", "2018-01-01", "2020-12-31"),
        ("98～112年統計", "2009-01-01", "2023-12-31"),
        ("住宅統計(57年至66年)", "1968-01-01", "1977-12-31"),
        ("白沙鄉民國43年-47年度人口", "1954-01-01", "1958-12-31"),
        ("105、106年度比較", "2016-01-01", "2017-12-31"),
        ("近5年稅源統計表(107-111)", "2018-01-01", "2022-12-31"),
        ("2018~2020資料服務產業", "2018-01-01", "2020-12-31"),
        ("107年3月份月報", "2018-03-01", "2018-03-31"),
        ("109年2月底戶數", "2020-02-01", "2020-02-29"),
        ("民國107年1月至6月收結", "2018-01-01", "2018-06-30"),
        ("107年1-12月人口", "2018-01-01", "2018-12-31"),
        ("106年7至12月導覽", "2017-07-01", "2017-12-31"),
        ("107年7月至109年3月補助", "2018-07-01", "2020-03-31"),
        ("107年第1季契稅", "2018-01-01", "2018-03-31"),
        ("106年第三季水質", "2017-07-01", "2017-09-30"),
        ("106年第3-4季印花稅", "2017-07-01", "2017-12-31"),
        ("有限公司2023Q2捐助", "2023-04-01", "2023-06-30"),
        ("公彩季報表107第1季", "2018-01-01", "2018-03-31"),
        ("107年上半年新措施", "2018-01-01", "2018-06-30"),
        ("66年下半年至96年家數", "1977-07-01", "2007-12-31"),
        ("107學年度學生數", "2018-08-01", "2019-07-31"),
        ("104-105學年通過名單", "2015-08-01", "2017-07-31"),
        ("107學年度第2學期課後照顧", "2019-02-01", "2019-07-31"),
        ("108學年度上學期團膳業者", "2019-08-01", "2020-01-31"),
        ("氣象資料(2012/12/21~2014/02/06)", "2012-12-21", "2014-02-06"),
        ("名冊107/03/01", "2018-03-01", "2018-03-01"),
        ("委員名冊 1070301", "2018-03-01", "2018-03-01"),
        ("案件統計表10703", "2018-03-01", "2018-03-31"),
        ("觀測資料201803", "2018-03-01", "2018-03-31"),
        ("112年3月15日至17日會議", "2023-03-15", "2023-03-17"),
        ("107年8月、9月會計月報", "2018-08-01", "2018-09-30"),
        ("107年起地價稅", "2018-01-01", None),
        ("登革熱1998年起病例", "1998-01-01", None),
        ("併購案件93年9月迄今", "2004-09-01", None),
        ("文件傳遞統計(2008-)", "2008-01-01", None),
        ("房屋標準單價表(109年7月1日起至112年6月30日)", "2020-07-01", "2023-06-30"),
        ("宗教概況(102年以前)", None, "2013-12-31"),
        ("員工統計表(截至109.12.31)", None, "2020-12-31"),
        ("專戶統計111年(截至111年9月30日止)", "2022-01-01", "2022-09-30"),
        ("拍定不動產114年至第三季止", "2025-01-01", "2025-09-30"),
        ("107年委員名冊 1080203", "2018-01-01", "2018-12-31"),
    ],
)
def test_periods_that_a_title_names(title: str, first: str | None, last: str | None) -> None:
    assert _period(title) == (first, last)


@pytest.mark.parametrize(
    "title",
    [
        "證券交易法第107條解釋",
        "107筆資料",
        "公車307路線",
        "1999陳情案件",
        "113保護專線統計",
        "近10年契稅統計",
        "最近5年稅源",
        "前100大公司",
        "淹水潛勢圖100年重現期",
        "2050淨零路徑",
        "10740-01-02-2 臺中市家庭",
        "10540-06-01-2年 臺中市稅收",
        "案號521030730決標公告",
        "電話02-2720-8889",
        "面積1234.5公頃",
        "IP 192.168.107.1",
        "TWD97坐標",
        "15至64歲人口",
        "計畫(2/4)報告",
        "民法(107年3月1日修正公布)",
        "設計手冊(2025年修訂版)",
        "登記名單(114年10月21日更新)",
        "中華民國12浬領海",
        "十年計畫",
        "1130230",
    ],
)
def test_numbers_that_are_no_period(title: str) -> None:
    assert _period(title) == (None, None)


def test_a_short_description_tells_the_period_but_no_single_day() -> None:
    title = DatasetMetadata(title="竊盜點位資訊")
    months = title.model_copy(update={"description": "臺北市104年1月-107年4月份住宅竊盜點位資訊"})
    letter = title.model_copy(update={"description": "依本府104年2月9日府採稽字第1040012345號函"})
    essay = title.model_copy(update={"description": "自107年起辦理。" + "本計畫之緣起與目的" * 20})
    assert facets(months)[1:3] == ("2015-01-01", "2018-04-30")
    assert facets(letter)[1:3] == (None, None)
    assert facets(essay)[1:3] == (None, None)


def test_spans_quote_the_text_as_it_was_written() -> None:
    record = DatasetMetadata(title="台中市大里區１０７年㎡統計", publisher="行政院")
    found = facets(record)
    assert [(span.facet, record.title[span.start : span.end], span.value) for span in found.spans] == [
        ("spatial", "台中市", "臺中市"),
        ("spatial", "大里區", "臺中市大里區"),
        ("temporalCoverage", "１０７年", "2018-01-01/2018-12-31"),
    ]
    assert facets(DatasetMetadata(title="107年起")).spans[0].value == "2018-01-01/.."


@given(titles, titles, st.lists(titles, max_size=2))
def test_any_text_has_an_answer_whose_spans_lie_in_it(title: str, other: str, keyword: list[str]) -> None:
    record = DatasetMetadata(title=title, publisher=other, description=other, keyword=keyword)
    found = facets(record)
    originals = {"title": title, "publisher": other, "description": other}
    originals |= {f"keyword/{position}": word for position, word in enumerate(keyword)}
    for span in found.spans:
        original = originals[span.field]
        assert 0 <= span.start < span.end <= len(original)
        if span.facet == "spatial":
            assert span.value in found.spatial
        else:
            assert re.search("[0-9年]", normalise(original[span.start : span.end]).text)
    assert len(set(found.spatial)) == len(found.spatial)
    first, last = found.temporal_coverage_from, found.temporal_coverage_to
    assert first is None or last is None or first <= last


@given(texts)
def test_each_period_ends_behind_where_the_last_one_did(text: str) -> None:
    folded = normalise(text).text
    ends = [0]
    for period in periods.find_periods(folded):
        assert ends[-1] <= period.start < period.end <= len(folded)
        assert period.first or period.last
        ends.append(period.end)


GARBAGE = [
    "(",
    "1",
    "1-",
    "107-",
    "107年至",
    "107年1月至",
    "年",
    "一",
    "民國",
    "2018 ~ ",
    "臺中",
    "中區、",
    "99-99-",
]


@pytest.mark.parametrize("piece", GARBAGE)
def test_the_work_grows_with_the_text_and_not_faster(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    class _Counting:
        def match(self, text: str, start: int) -> re.Match[str] | None:
            looked.append(start)
            return pattern.match(text, start)

    pattern = periods._POINT
    monkeypatch.setattr(periods, "_POINT", _Counting())
    text = (piece * 20_000)[:20_000]
    periods.find_periods(text)
    find_places(text)
    # Each place of the text is looked at once at most, and a run of digits only from its first one.
    assert looked == sorted(set(looked))
    assert not any(text[start].isdecimal() and text[start - 1 : start].isdecimal() for start in looked)


def test_no_expression_repeats_without_a_bound() -> None:
    """The looks of the test above cost at most a constant each."""
    for name in ("_POINT", "_WITHIN", "_AFTER", "_UNTIL", "_DURATION_AFTER", "_EARLY"):
        pattern = getattr(periods, name).pattern
        assert not re.search(r"(?<!\\)[*+]", re.sub(r"\[[^\]]*\]", "", pattern)), name


@pytest.mark.shared
def test_the_real_catalogue_is_mostly_placed_and_dated(shared_data: Path) -> None:
    with gzip.open(shared_data / "catalogue-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [DatasetMetadata.model_validate(json.loads(line)) for line in lines][::25]
    found = [facets(record) for record in records]
    assert sum(bool(item.spatial) for item in found) > 0.45 * len(found)
    assert sum(bool(item.temporal_coverage_from or item.temporal_coverage_to) for item in found) > 0.28 * len(
        found
    )
    # A publisher's own county is hardly ever contradicted by what the title names.
    strangers = [
        item
        for record, item in zip(records, found, strict=True)
        if (home := find_places(normalise(record.publisher or "").text, short_names=False))
        and home[0].county not in item.spatial
    ]
    assert len(strangers) < 0.002 * len(found)
