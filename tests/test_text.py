"""What leaves a person's mouth is tidied once, and what points at a person is hidden."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text import mask_personal_data, normalise

HIDDEN = [
    ("我的手机13800138000，有事打给我", "我的手机138****8000，有事打给我"),
    ("电话 138 0013 8000", "电话 138****8000"),
    ("打139-1234-5678", "打139****5678"),
    ("打 1391 234 5678 找我", "打 139****5678 找我"),
    ("+86 13912345678", "+86 139****5678"),
    ("８６13912345678", "８６139****5678"),
    ("１３９１２３４５６７８找我", "139****5678找我"),
    ("我手机一三八零零一三八零零零", "我手机138****8000"),
    ("幺三九 一二三四 五六七八", "139****5678"),
    ("1 3 8 0 0 1 3 8 0 0 0", "138****8000"),
    ("办公室010-65123456", "办公室010-****3456"),
    ("座机（0371）65001234转2", "座机（0371）****1234转2"),
    ("家里电话65001234", "家里电话****1234"),
    ("11010519491231002X是我的证件", "1101**********002X是我的证件"),
    ("身份证号：110105194912310021", "身份证号：1101**********0021"),
    ("身份证 110105 19491231 002X", "身份证 1101**********002X"),
    ("老证130503670401001", "老证1305*******1001"),
    ("卡是6222 0202 0000 1234 562", "卡是6222****4562"),
    ("4111111111111111扣的款", "4111****1111扣的款"),
    ("户号12345678欠费", "户号12****78欠费"),
    ("户号是 1234567890，查一下", "户号是 12****90，查一下"),
    ("客户编号：41010 12345", "客户编号：41****45"),
    ("这个3102345678901帮我查", "这个31****01帮我查"),
    ("发到zhang.san@example.com", "发到z***@example.com"),
    ("微信号：zhangsan_88", "微信号：zh****"),
    ("车牌豫A12345挡了配电箱", "车牌豫A1***5挡了配电箱"),
    ("京A·D12345", "京A·D***5"),
    ("户名：张三丰，欠费三个月", "户名：张**，欠费三个月"),
    ("户名：郑州某某商贸有限公司", "户名：郑*********"),
    ("姓名李四电话不清楚", "姓名李*电话不清楚"),
    ("户名是王小明的那一户", "户名是王**的那一户"),
    ("手机1\u200b38\u20600013\u202e8000", "手机138****8000"),
    ("手机&#49;380013&amp;#56;000", "手机138****8000"),
    ("手机①③⑧𝟬𝟬𝟭𝟯٨٠٠٠", "手机138****8000"),
]

KEPT = [
    "欠费1048.70元，违约金13620元",
    "本月用电12345678千瓦时",
    "全省售电12345678901千瓦时，电费1234567890.50元",
    "2026-11-24到期，20241108已经催过",
    "2024年11月8日 2024-11-08 10:30",
    "拨打95598、12398、12345、12315或者110",
    "依据《供电营业规则》第六十六条、电力法第32条",
    "示数从013542到014890，止码 1234.56",
    "抄表 13 20241108 5",
    "二〇二四年十一月八日",
    "户号和户名要核对，户名和地址不符怎么办",
    "姓名是什么不重要",
    "加我微信再说",
    "电价0.568元/千瓦时，峰谷比3.8:1",
]


@pytest.mark.parametrize(("text", "expected"), HIDDEN)
def test_personal_data_is_masked(text: str, expected: str) -> None:
    """A number, address or name that points at a person keeps its ends and loses its middle."""
    assert expected == mask_personal_data(text)


@pytest.mark.parametrize("text", KEPT)
def test_business_figures_stay(text: str) -> None:
    """Amounts, dates, readings, articles and hotlines are the work itself and are never masked."""
    assert text == mask_personal_data(text)


@pytest.mark.parametrize("text", [text for text, _ in HIDDEN])
def test_known_secrets_mask_once(text: str) -> None:
    """Masking a masked sentence changes nothing."""
    once = mask_personal_data(text)

    assert once == mask_personal_data(once)


_AWKWARD = st.text(
    alphabet=st.sampled_from("0123456789Xx一三八零 -+.@*：:户号名姓微信身份证卡张三李豫京Aab元电话"),
    max_size=60,
)


@given(st.one_of(_AWKWARD, st.text(max_size=60)))
@example("姓名张三13800138000 户号12345678")
def test_masking_is_idempotent(text: str) -> None:
    """Whatever is written, masking twice is masking once."""
    once = mask_personal_data(text)

    assert once == mask_personal_data(once)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("　ＡＢＣ１２３　度 ", "ABC123 度"),
        ("为什么\u200b停\ufeff电\u0007？", "为什么停电？"),
        ("你好，  师傅！\t在吗", "你好， 师傅！ 在吗"),
        ("第一行 \r\n 第二行", "第一行\n第二行"),
        ("違約金怎麼算", "违约金怎么算"),
        ("著作權法、瞭望、乾淨的電錶", "著作权法、瞭望、干净的电表"),
        ("打坏電錶怎麼賠", "打坏电表怎么赔"),
        ("打坏电表怎么赔", "打坏电表怎么赔"),
        ("电费&amp;lt;30元&nbsp;&#65;&gt;", "电费<30元 A>"),
        ("a=1&para=2&copy", "a=1&para=2&copy"),
        ("停电！！！！！！怎么办？？？？", "停电！！怎么办？？"),
        ("等一下……再说", "等一下……再说"),
        ("第一章..............3", "第一章...3"),
        ("停\u202e电\u2066费\ud800", "停电费"),
        ("电\u3164费\ufe0f\x00", "电费"),
        ("电" + "\u0301" * 40 + "费", "电\u0301\u0301费"),
        ("cafe\u0301 APP", "caf\u00e9 APP"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_text_is_normalised(text: str, expected: str) -> None:
    """Full-width and traditional forms fold, what hides goes, repeats shrink; Chinese punctuation stays."""
    assert expected == normalise(text)


@given(st.text(max_size=60))
def test_normalising_is_idempotent(text: str) -> None:
    """Normalised text is left alone."""
    once = normalise(text)

    assert once == normalise(once)
