"""Words of other trades and of other countries. A question about water or broadband reads like one about electricity, and is not ours.

Used by `bot.retrieval.refusal` as one feature among others: a card that itself names the word is not held back by it.
"""

from __future__ import annotations

import re

_WORDS = """
自来水 水费 水表 水厂 停水 供水 水管 污水 燃气 煤气 天然气 液化气 关阀 暖气 供暖 供热 停暖 采暖
话费 停机 宽带 流量 路由器 手机号 移动公司 联通 电信公司 有线电视 电视费 快递 外卖 网购 直播 淘宝 二手
房贷 房租 租房 押金 中介 定金 首付 公积金 贷款 利息 利率 借条 信用卡 理财 股票 保险公司 车险 个税 购置税
社保 养老金 医保 失业 生育 产假 退休 低保怎么申请 驾照 行驶证 上牌 停车费 停车场 停车位 高速 过路费 车票 航班
身份证到期 户口 护照 结婚 离婚 遗产 彩礼 抚养 入学 学区 高考 考公 幼儿园 学校 老师
医院 疫苗 药 发烧 感冒 体检 高血压 腰疼 牙疼 失眠 煤矿 瓦斯 化工 液氯 电梯 塔吊 食堂 溺水
电视剧 电影 歌 笑话 天气 下雨 旅游 饭店 菜谱 减肥 星座 彩票 游戏 足球 抖音 微信群怎么
Excel Word PPT python 编程 代码 翻译 作文 电脑 打印机 投影仪 C盘
工资 奖金 绩效 提成 年会 团建 年假 调休 请假条 宿舍 报销 工牌
美国 加州 德国 英国 法国 日本 韩国 印度 俄罗斯 欧盟 欧洲 加拿大 澳大利亚 新加坡 越南 国外怎么
变压器油 断路器 避雷器 互感器二次 继电保护 故障录波 无功补偿 环网柜 绝缘子 特高压 变电站 逆变器 储能 绿证 碳 现货 虚拟电厂
"""
_FOREIGN = re.compile("|".join(sorted(map(re.escape, _WORDS.split()), key=len, reverse=True)), re.IGNORECASE)


def foreign_words(question: str) -> list[str]:
    """Words of other trades in `question`, in order."""
    return _FOREIGN.findall(question)
