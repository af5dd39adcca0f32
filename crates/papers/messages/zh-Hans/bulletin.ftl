## 通报页面与文件，以及各类文书共用的文字。

not-known = 暂无数据
list-separator = 、
gaps-separator = ；
# 段落中两句之间。
sentence-gap = {""}

date-long = { $year }年{ $month }月{ $day }日（{ $weekday }）
moment-local = { $date }{ $time }
moment-utc = 协调世界时 { $time }
weekday-mon = 星期一
weekday-tue = 星期二
weekday-wed = 星期三
weekday-thu = 星期四
weekday-fri = 星期五
weekday-sat = 星期六
weekday-sun = 星期日
month-1 = 1
month-2 = 2
month-3 = 3
month-4 = 4
month-5 = 5
month-6 = 6
month-7 = 7
month-8 = 8
month-9 = 9
month-10 = 10
month-11 = 11
month-12 = 12
duration-minutes = { $minutes }分钟
duration-hours = { $hours }小时
duration-hours-minutes = { $hours }小时{ $minutes }分钟
duration-days = { $days }天
duration-days-hours = { $days }天{ $hours }小时

pack-with-version = { $name }（版本 { $version }）

## 页首。

page-title = { $city }疫情通报，{ $date }
page-kind = 每日疫情通报
document-title = { $city } { $date }
document-page = 第{ $n }页，共{ $all }页
# Between a name and what is said of it.
document-colon = ：
cutoff = 数据截至
protocol = 执行方案
source = 数据来源
source-books = 当日已签核台账
source-published = 转录自已发布的通报
notice = 演练。
notice-differs = 部分数据核对不符。
notice-differs-about = 使用数据前，请先查看“当日台账”和“数据核对”。

lead-new = 当日0—24时，新增确诊病例{ $confirmed }例、无症状感染者{ $asymptomatic }例。
lead-converted = 新增确诊病例中，{ $count }例为此前已通报的无症状感染者转为确诊病例。
lead-community = 新增感染者{ $whole }例，其中社会面发现{ $count }例，占{ $share }。
lead-moved = 当日转运收治阳性人员{ $moved }人，截至统计时仍有{ $open }人待转运。
lead-moved-all = 当日转运收治阳性人员{ $moved }人，无人待转运。

headline-title = 当日概况
figure-confirmed = 新增确诊病例
figure-asymptomatic = 新增无症状感染者
figure-community = 社会面发现
figure-moved = 当日转运收治
figure-converted = 其中{ $count }例由无症状感染者转为确诊
figure-awaiting = 另有{ $count }名阳性人员待诊断
figure-share = 占新增感染者{ $whole }例的{ $share }
figure-waiting = 仍有{ $open }人待转运，其中{ $overdue }人已超时
figure-nobody-waits = 无人待转运

## 表格。

column-confirmed = 确诊病例
column-asymptomatic = 无症状感染者
column-both = 合计
column-awaiting = 待诊断
sum-of-lines = 各项之和
reported-total = 通报总数

routes-title = 发现途径
routes-caption = 按发现途径统计的新增病例。
column-route = 发现途径
route-converted = 无症状感染者转确诊病例
routes-asymptomatic-unknown = 无症状感染者的发现途径：暂无数据。

units-title = 各区县及报告单位新增情况
units-caption = 按新增数由多到少排列。
column-unit = 区县或报告单位
units-asymptomatic-unknown = 各区县无症状感染者数：暂无数据。
units-without = { $count }个区县或单位无新增：{ $list }。

care-title = 救治情况
care-in-care = 在院治疗和观察
care-severe = 其中重型
care-critical = 其中危重型
care-recovered = 当日出院（出舱）
care-died = 当日死亡

stock-title = 在院人数的变化
stock-caption = 前日在院 + 新增 + 转入 − 转出 − 出院 − 死亡 ± 其他 = 现在在院；现在在院人数逐例清点。
column-stock = 类别
column-stock-new = +{"\u00A0"}新增
column-stock-into = +{"\u00A0"}转入
column-stock-out-of = −{"\u00A0"}转出
column-stock-recovered = −{"\u00A0"}出院
column-stock-died = −{"\u00A0"}死亡
column-stock-other = ±{"\u00A0"}其他
column-stock-open = ={"\u00A0"}现在在院

beds-title = 床位
beds-caption = 截至统计时已启用的床位。“已预留”指为转运途中人员保留的床位。
beds-sum = 合计
column-facility = 场所类别
column-beds = 床位数
column-occupied = 已占用
column-held = 已预留
column-free = 空闲
column-out-of-use = 不可用
column-occupancy = 使用率

tests-title = 核酸检测
tests-tubes = 采样管数
tests-sampled = 采样人次
tests-resulted = 已出最终结果管数
tests-positive = 阳性管数
tests-positivity = 占已出结果的{ $share }
tests-turnaround = 采样至出结果的中位时间
tests-corrections = 更正的检测结果

flows-title = 转运、隔离与服务保障
flows-caption = 日初未完成、当日新增、当日完成及现存数量。
column-flow = 事项
column-before = 日初
column-begun = 新增
column-ended = 完成
column-open = 现存
column-overdue = 超时
flow-moved = 阳性人员转运收治
flow-placed = 密切接触者隔离
flow-areas = 风险区
flow-orders = 人员隔离管控
flow-requests = 居民诉求

books-title = 当日台账
books-caption = 期初 + 新增 − 办结 − 取消 = 期末；期末数按事项逐件清点。
column-worklist = 事项清单
column-opening = 期初
column-received = +{"\u00A0"}新增
column-completed = −{"\u00A0"}办结
column-cancelled = −{"\u00A0"}取消
column-closing = ={"\u00A0"}期末
column-balance = 核对
books-all-balance = 全部{ $count }项清单账目平衡。
books-some-differ = { $whole }项清单中有{ $count }项不平衡。

checks-title = 数据核对
checks-caption = 通报发布前必须成立的等式。
column-check = 核对项目
column-total = 总数
column-parts = 分项之和
column-result = 结果
sign-agrees = ✓ 相符
sign-differs = ✗ 不符，相差{ $by }
# 合计相符，但组成合计的各行不符。
sign-differs-inside = ✗ 分项不符
sign-unknown = ? 分项暂无数据

## 页尾。

notes-title = 统计说明与数据缺口
gaps-list = 当日暂无数据：{ $list }。
signature-title = 当日结账签名
signature-about = 本签名由当日全部事件及前一日签名计算得出，事后任何改动都会使签名改变。
sources-title = 发布来源
footer-unknown = 没有掌握的数据，本通报注明“暂无数据”，绝不以0代替。

## 仅用于CSV文件的名称。

csv-date = 日期
csv-city = 城市
csv-new-infections = 新增感染者（不含转确诊病例）
csv-note = 说明
csv-source = 发布来源
csv-signature = 当日结账签名
csv-turnaround = 采样至出结果的中位分钟数
csv-opening = 期初
csv-received = 新增
csv-completed = 办结
csv-cancelled = 取消
csv-closing = 期末
csv-label = { $name }：{ $part }
column-community = 社会面
hidden-small = 不列出
