"""Datasets to try the first page with. Made up, in the manner of published ones."""

from typing import NamedTuple


class Example(NamedTuple):
    """A filled form.

    Attributes:
        name: what the link to it says.
        values: what is typed into each field.
    """

    name: str
    values: dict[str, str]


EXAMPLES = {
    "1": Example(
        "所填分類疑似不符",
        {
            "title": "職業災害勞工慰問金發放統計",
            "description": "勞工因職業災害死亡、失能或重傷住院者發給慰問金；依年度與行業別統計人次及金額。",
            "fieldDescription": "年度、行業別、死亡人次、失能人次、重傷住院人次、發放金額（千元）",
            "publisher": "桃園市政府勞動局",
            "keyword": "職業災害、慰問金、勞工福利",
            "categoryCode": "I00",
        },
    ),
    "2": Example(
        "所填分類相符",
        {
            "title": "國道服務區即時剩餘停車位",
            "description": "各服務區小型車、大型車及無障礙停車位的總數與剩餘數，每五分鐘更新。",
            "fieldDescription": "服務區名稱、國道編號、方向、車種、總車位數、剩餘車位數、更新時間",
            "publisher": "交通部高速公路局",
            "keyword": "停車位;國道;即時路況",
            "categoryCode": "A00",
        },
    ),
    "3": Example(
        "兩個分類都說得通",
        {
            "title": "退休公務人員健康檢查補助",
            "publisher": "銓敘部",
            "keyword": "健康檢查、退休",
        },
    ),
}
