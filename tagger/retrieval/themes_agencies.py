"""Which ministry or local government an agency belongs to, told from its name.

Most names tell: 勞動部職業安全衛生署 is of 勞動部, 臺北市政府消防局 of 臺北市政府, 臺灣彰化地方檢察署 of 法務部. A small
table has those that do not: 消防署 is of 內政部. A bare 社會處 or 統計處 may be anybody's and stays by itself.

Source of the table: the organisation acts of the Executive Yuan and its ministries as of 2025.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from tagger.normalise import normalise
from tagger.places import counties

CENTRAL, LOCAL, UNTOLD = "central", "local", "untold"
"""Kinds of agencies: of the state, of a county or city, and those whose name does not tell."""
KIND_NAMES = {CENTRAL: "中央機關", LOCAL: "地方政府", UNTOLD: "未載明所屬"}

_COUNTY = re.compile("|".join(sorted(counties(), key=len, reverse=True)))
_TOP = re.compile(
    r"行政院[^部院]{2,8}?(?:總處|委員會)|總統府|國家安全會議|中央銀行|國立故宮博物院|中央研究院|[行立司考監][政法試察]院"
    r"|.{2,12}?委員會|.{2,4}?部(?![分落隊])"
)
"""What a name of the state's begins with: the agency that answers to its Yuan."""
_BY_RULE = (
    (re.compile(r"檢察(?:分)?署$"), "法務部"),
    (re.compile(r"法院(?:.{2,3}分院)?$|^法官學院"), "司法院"),
    (re.compile(r"榮民總醫院$|榮譽國民之家$"), "國軍退除役官兵輔導委員會"),
    (
        re.compile(
            r"^國立.*大學|^國[立家].*(?:科學.*館|海洋生物|海洋科技|圖書館|藝術教育|教育廣播|教育研究)"
        ),
        "教育部",
    ),
    (re.compile(r"^國[立家](?:.*(?:館|園區|樂團|藝術中心|工藝研究|紀念堂|籌備處))"), "文化部"),
    (re.compile(r"參謀次長室$|國防|^資通電軍|^總督察長室|^[^部]*司令部$"), "國防部"),
    (re.compile(r"(?:台|臺)灣(?:電力|中油|自來水|糖業)"), "經濟部"),
    (re.compile(r"臺灣(?:港務|鐵路)|^中華郵政|^桃園國際機場"), "交通部"),
    (re.compile(r"^臺灣.*銀行|^臺銀|^臺灣(?:金融控股|菸酒)|^中國輸出入銀行"), "財政部"),
    (re.compile(r"^臺北(?:大眾捷運|自來水|翡翠水庫|廣播)|^北捷"), "臺北市政府"),
    (re.compile(r"^臺中捷運"), "臺中市政府"),
)
_BY_NAME = {
    "內政部": (
        *("消防署", "警政署", "地政司", "戶政司", "役政司", "民政司", "合作及人民團體司", "宗教及禮制司"),
        *("中央警察大學", "替代役訓練及管理中心", "土地重劃工程處", "移民署", "國土管理署", "國家公園署"),
    ),
    "交通部": ("民用航空局", "中央氣象署", "觀光署", "公路局", "高速公路局", "航港局", "鐵道局"),
    "國防部": ("資源規劃司", "整合評估司", "戰略規劃司"),
    "總統府": ("國史館", "國史館臺灣文獻館"),
    "中央研究院": (
        *("歷史語言研究所", "基因體研究中心", "人文社會科學研究中心", "資訊科技創新研究中心"),
        *("學術及儀器事務處", "智財技轉處"),
    ),
    "海洋委員會": ("國家海洋研究院",),
    "環境部": ("國家環境研究院",),
    "法務部": ("誠正中學",),
    "金融監督管理委員會": ("中央存款保險股份有限公司",),
    "國家發展委員會": ("行政院國家發展基金管理會",),
    "核能安全委員會": ("原子能委員會",),
    "公務人員保障暨培訓委員會": ("國家文官學院",),
    "銓敘部": ("公務人員退休撫卹基金管理局",),
}
_TABLE = {agency: ministry for ministry, agencies in _BY_NAME.items() for agency in agencies}
# Boards of a county or city; without its name nobody knows whose.
_BARE_BOARDS = re.compile(r"^(?:研究發展考核|原住民族?事務|客家事務)委員會$")


class Agency(NamedTuple):
    """Who answers for a dataset.

    Attributes:
        name: of the ministry or local government: 勞動部, 臺北市政府; a publisher's own where its name does not tell.
        kind: `CENTRAL`, `LOCAL` or `UNTOLD`.
    """

    name: str
    kind: str


@lru_cache(16_384)
def agency_of(publisher: str | None) -> Agency:
    """The ministry or local government that a publisher belongs to, from its name as it is written."""
    name = normalise(publisher or "").text.replace(" ", "")
    if not name:
        return Agency("未填提供機關", UNTOLD)
    county = _COUNTY.match(name)
    if county:
        return Agency(f"{county.group()}政府", LOCAL)
    told = _TABLE.get(name)
    if told:
        return Agency(told, CENTRAL)
    for rule, ministry in _BY_RULE:
        if rule.search(name) and not _TOP.match(name):
            return Agency(ministry, LOCAL if ministry.endswith("政府") else CENTRAL)
    top = _TOP.match(name)
    if top and not _BARE_BOARDS.match(name):
        return Agency(top.group(), CENTRAL)
    return Agency(name, UNTOLD)
